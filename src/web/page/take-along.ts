// What is taken out of the page: to the clipboard, or as a file of this browser's own making. Nothing is sent anywhere.

/** Puts text onto the clipboard; false where the browser does not let the page (then the caller shows it to be copied). */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** The way that works without a secure context: a dashboard on another machine is plain HTTP. */
function copySelected(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("aria-hidden", "true");
  area.className = "offscreen";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
}

/** Hands a file to the reader. */
export function saveFile(name: string, content: Blob | string, type = "text/plain"): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** What is longer is cut before anything looks at it. */
const MOST_NAME = 400;

/** A name that every file system takes. */
export function fileNameOf(text: string): string {
  return (
    text
      .slice(0, MOST_NAME)
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      // bounded: MOST_NAME characters
      .replace(/^[-.]+|[-.]+$/g, "")
      .slice(0, 80) || "chart"
  );
}

/** Rows as CSV (RFC 4180); a cell that a spreadsheet would run as a formula is quoted as text. */
export function toCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null): string => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** Rows as text with tabs, which spreadsheets and tickets take from the clipboard. */
export function toTabs(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => row.map((value) => String(value ?? "").replaceAll(/[\t\r\n]/g, " ")).join("\t")).join("\n");
}
