// Text for a terminal: width in cells, cutting and padding, and making hostile text harmless. No colours here.

const ELLIPSIS = "…";

/** Cells a character takes: 0 for combining marks, 2 for wide East Asian and emoji blocks, else 1. */
function cellsOf(code: number): 0 | 1 | 2 {
  if (code < 0x300) return 1;
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || code === 0xfeff) return 0;
  if (code >= 0xfe00 && code <= 0xfe0f) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Whether all of the text is printable ASCII and our own marks (arrows, bars, braille): one cell a character, harmless. */
export function isSimple(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code <= 0x7e) continue;
    const isMark =
      (code >= 0x2500 && code <= 0x25cf) ||
      (code >= 0x2800 && code <= 0x28ff) ||
      (code >= 0x2190 && code <= 0x2193) ||
      code === 0xb7 ||
      code === 0x2026;
    if (!isMark) return false;
  }
  return true;
}

/** Width of text in terminal cells; the text must be {@link clean}. */
export function cellWidth(text: string): number {
  if (isSimple(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellsOf(character.codePointAt(0) ?? 0);
  return width;
}

/**
 * Text that a terminal shows and does not act on: control characters, bidirectional marks and lone surrogates become
 * `.`, and without Unicode everything outside ASCII becomes `?`.
 */
export function clean(text: string, unicode: boolean): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const harmless = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, ".");
  return unicode ? harmless : harmless.replace(/[^\x20-\x7e]/gu, "?");
}

/** The longest beginning of clean text that fits into `width` cells. */
export function cut(text: string, width: number): string {
  if (isSimple(text)) return text.length <= width ? text : text.slice(0, Math.max(0, width));
  let cells = 0;
  let end = 0;
  for (const character of text) {
    cells += cellsOf(character.codePointAt(0) ?? 0);
    if (cells > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Clean text in exactly `width` cells: cut with a mark at the end, or padded on the side away from `align`. */
export function fit(text: string, width: number, align: "left" | "right" = "left", unicode = true): string {
  if (width <= 0) return "";
  const wide = cellWidth(text);
  if (wide > width) {
    const kept = cut(text, width - 1);
    return kept + (unicode ? ELLIPSIS : "~") + " ".repeat(Math.max(0, width - 1 - cellWidth(kept)));
  }
  const padding = " ".repeat(width - wide);
  return align === "left" ? text + padding : padding + text;
}

/** Clean text as lines of at most `width` cells (at least 1), broken at spaces where there are any; never an empty list. */
export function wrap(text: string, room: number): string[] {
  const width = Math.max(1, room);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && cellWidth(line) + 1 + cellWidth(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    while (cellWidth(rest) > width) {
      // A character wider than the line still has to go somewhere.
      const head = cut(rest, width) || rest.slice(0, 1);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  return lines;
}

const SHORT_UNITS = ["", "K", "M", "G", "T", "P"] as const;

/** Bytes in at most five characters, in units of 1024: `812`, `1.46M`, `9.8G`, `998K`. */
export function shortBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "?";
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < SHORT_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${bytes < 0 ? "-" : ""}${value.toFixed(digits)}${SHORT_UNITS[unit]}`;
}

/** A rate for a narrow column: `+1.46M/h`, `0/h`. */
export function shortRate(bytesPerHour: number): string {
  const sign = bytesPerHour >= 0.5 ? "+" : "";
  return `${sign}${shortBytes(Math.abs(bytesPerHour) < 0.5 ? 0 : bytesPerHour)}/h`;
}

/** A whole number in at most `width` characters: its digits where they fit, else in thousands of 1024 (`12.3G`). */
export function fitNumber(value: number, width: number): string {
  if (Number.isNaN(value)) return "-";
  const digits = value.toFixed(0);
  return digits.length <= width ? digits : shortBytes(value);
}
