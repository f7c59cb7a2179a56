// PoolMon's own rows as they arrive in mails, forums and tickets: separators of many countries, quoting, frames, colours.

import { POOL, TITLES, WHOLE, grouped, poolmonRows, type Listing } from "./listing.ts";

/** Groups as in India: three, then twos. */
const lakh = (value: number): string => {
  const text = String(value);
  const head = text.slice(0, -3);
  return head === "" ? text : `${head.replace(/\B(?=(?:\d{2})+(?!\d))/g, ",")},${text.slice(-3)}`;
};

const german = `${TITLES}\n${poolmonRows(grouped("."))}`;
const plain = `${TITLES}\n${poolmonRows()}`;
const lines = plain.split("\n");

export const TEXT: readonly Listing[] = [
  {
    name: "German separators under a date with dots",
    content: `04.03.2025 09:15:22\n${german}\n`,
    rows: WHOLE,
    times: ["2025-03-04T09:15:22.000Z"],
    says: [/Repaired: separators/],
  },
  {
    name: "French separators (narrow no-break spaces)",
    content: `mardi 4 mars 2025 09:15:22\n${TITLES}\n${poolmonRows(grouped("\u202f"))}\n`,
    rows: WHOLE,
    times: ["2025-03-04T09:15:22.000Z"],
  },
  {
    name: "Swedish separators (blanks) under an ISO date",
    content: `2025-03-04 09:15:22\n${TITLES}\n${poolmonRows(grouped(" "))}\n`,
    rows: WHOLE,
    times: ["2025-03-04T09:15:22.000Z"],
  },
  {
    name: "no-break spaces of Windows-1252, one byte each",
    content: Buffer.from(`${TITLES}\n${poolmonRows(grouped("\u00a0"))}\n`, "latin1"),
    rows: WHOLE,
  },
  {
    name: "Swiss separators (curly apostrophes)",
    content: `${TITLES}\n${poolmonRows(grouped("\u2019"))}\n`,
    rows: WHOLE,
  },
  { name: "Indian separators (groups of two)", content: `${TITLES}\n${poolmonRows(lakh)}\n`, rows: WHOLE },
  {
    name: "a mail quoted to different depths",
    content: `Hi,\n> On Tue, Mar 4, 2025 at 9:15 AM Ann wrote:\n${lines
      .map((line, i) => `${i % 2 === 0 ? "> > " : ">> "}${line}`)
      .join("\n")}\n> thanks\n`,
    rows: WHOLE,
  },
  { name: "an empty line behind every row", content: lines.join("\r\n\r\n"), rows: WHOLE },
  { name: "tabs that became single blanks", content: plain.replace(/ +/g, " "), rows: WHOLE },
  { name: "one tab for each run of blanks", content: plain.replace(/ {2,}/g, "\t"), rows: WHOLE },
  { name: "a code fence of a chat", content: `look at this:\n\`\`\`text\n${plain}\n\`\`\`\nany idea?\n`, rows: WHOLE },
  {
    name: "colours of a terminal",
    content: lines.map((line) => `\u001b[1;31m${line}\u001b[0m`).join("\n"),
    rows: WHOLE,
  },
  {
    name: "a transcript of PowerShell",
    content: `**********************\nWindows PowerShell transcript start\nStart time: 20250304091522\nUsername: X\\ann\n**********************\nPS C:\\> type p.txt\n${plain}\nPS C:\\> Stop-Transcript\n`,
    rows: WHOLE,
  },
  {
    name: "pages of more",
    content: [...lines.slice(0, 3), "-- More  -- ", ...lines.slice(3), "\f"].join("\n"),
    rows: WHOLE,
  },
  {
    name: "grep -Hn over a log",
    content: lines.map((line, i) => `C:\\logs\\pool.txt:${i + 12}:${line}`).join("\n"),
    rows: WHOLE,
  },
  {
    name: "the screen with changes in brackets",
    content: ` Memory:33356024K Avail:21000000K  PageFlts:123456   InRam Krnl:10000K P:900000K\n Commit:20000000K Limit:40000000K Peak:22000000K            Pool N:19200000K P:1600000K\n System pool information\n Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n\n${POOL.map(
      ({ tag, type, numbers: [a, f, d, b, p] }) =>
        ` ${tag} ${type.padEnd(5)} ${a} (  12) ${f} (   0) ${d} ${b} (  1728) ${p}`,
    ).join("\n")}\n`,
    rows: WHOLE,
  },
  {
    name: "-g: the column of drivers",
    content: ` Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc   Mapped_Driver\n${POOL.map(
      ({ tag, type, numbers, driver }) => ` ${tag} ${type.padEnd(5)} ${numbers.join("   ")}     ${driver}`,
    ).join("\n")}\n`,
    rows: WHOLE,
  },
  {
    name: "text that a picture was read into, with letters for digits",
    content: `${lines.slice(0, 2).join("\n").replaceAll("134902771", "1349O2771")}\n${lines.slice(2).join("\n")}\n`,
    rows: WHOLE.slice(1),
    says: [/8[03] % of rows read|1349O2771/],
  },
  {
    name: "a paste that ends within a row",
    content: plain.slice(0, -40),
    rows: WHOLE.slice(0, 4),
    says: [/MmSt/],
  },
  {
    name: "numbers rounded by hand",
    content:
      "Tag  Type  Allocs Frees Diff Bytes PerAlloc\nNtFC Nonp 134.9M 484 134.9M 18.1G 144\nEtwB Nonp 6.4K 4.1K 2.3K 155.8M 69.9K\nMmSt Paged 614 441 173 81.5K 482\n",
    rows: [
      `NtFC nonpaged - - 134900000 ${Math.round(18.1 * 1024 ** 3)}`,
      `EtwB nonpaged - - 2300 ${Math.round(155.8 * 1024 ** 2)}`,
      `MmSt paged 614 441 173 ${Math.round(81.5 * 1024)}`,
    ],
    says: [/known to/, /rounded by hand/],
  },
  {
    name: "UTF-16LE without a mark",
    content: Buffer.from(`Dienstag, 4. März 2025 09:15:22\r\n${plain}\r\n`, "utf16le"),
    rows: WHOLE,
    times: ["2025-03-04T09:15:22.000Z"],
  },
  {
    name: "UTF-16BE without a mark",
    content: Buffer.from(`${plain}\r\n`, "utf16le").swap16(),
    rows: WHOLE,
  },
  {
    name: "an ASCII log to which Windows PowerShell added UTF-16",
    content: Buffer.concat([
      Buffer.from(`2025-03-04 09:15:22\r\n${plain}\r\n`),
      Buffer.from(`2025-03-04 10:15:22\r\n${plain}\r\n`, "utf16le"),
    ]),
    rows: WHOLE,
    snapshots: 2,
    times: ["2025-03-04T09:15:22.000Z", "2025-03-04T10:15:22.000Z"],
  },
  {
    name: "a UTF-16 log to which cmd added ASCII",
    content: Buffer.concat([
      Buffer.from(`\ufeff2025-03-04 09:15:22\r\n${plain}\r\n`, "utf16le"),
      Buffer.from(`2025-03-04 10:15:22\r\n${plain}\r\n`),
    ]),
    rows: WHOLE,
    snapshots: 2,
    times: ["2025-03-04T09:15:22.000Z", "2025-03-04T10:15:22.000Z"],
  },
  {
    name: "rich text of WordPad",
    content: `{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil\\fcharset0 Consolas;}}\r\n{\\*\\generator Riched20 10.0.19041}\\viewkind4\\uc1 \r\n\\pard\\f0\\fs22\\lang7 M\\'e4rz\\par\r\n${lines
      .map((line) => `${line}\\par\r\n`)
      .join("")}}\r\n`,
    rows: WHOLE,
  },
  {
    name: "a page with preformatted text",
    content: `<!DOCTYPE html>\n<html><head><title>Pool leak?</title><style>p{margin:0}</style></head><body><p>My pool:</p><pre><code>${plain
      .replaceAll("<", "&lt;")
      .replace("NtFC", '<span class="hl">NtFC</span>')}</code></pre></body></html>\n`,
    rows: WHOLE,
  },
];
