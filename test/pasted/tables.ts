// Tables of spreadsheets, trackers and other tools, and the pool in words.

import { POOL, WHOLE, grouped, type Listing } from "./listing.ts";

const cells = (digits: (value: number) => string = String): string[][] =>
  POOL.map(({ tag, type, numbers }) => [tag, type, ...numbers.map((value) => digits(value))]);
const HEADING = ["Tag", "Type", "Allocs", "Frees", "Diff", "Bytes", "Per Alloc"];
const joined = (separator: string, digits?: (value: number) => string): string =>
  [HEADING, ...cells(digits)].map((row) => row.join(separator)).join("\r\n");
const bare = WHOLE.map((row) => row.replace("Irp ", "Irp "));

export const TABLES: readonly Listing[] = [
  { name: "Excel in German: semicolons and dots", content: `${joined(";", grouped("."))}\r\n`, rows: bare },
  {
    name: "Excel in French: semicolons and narrow spaces",
    content: `\ufeff${joined(";", grouped("\u202f"))}\r\n`,
    rows: bare,
  },
  {
    name: "Excel in English: quoted cells with commas",
    content: `${[HEADING, ...cells(grouped(","))].map((row) => row.map((cell) => (cell.includes(",") ? `"${cell}"` : cell)).join(",")).join("\r\n")}\r\n`,
    rows: bare,
  },
  {
    name: "Excel with lost digits in the largest number",
    content: `${joined(";").replace("19425929328", "1,94E+10")}\r\n`,
    rows: bare.slice(1),
    says: [/lost digits/],
  },
  {
    name: "cells copied out of Excel, empty ones behind",
    content: `${joined("\t", grouped(",")).replaceAll("\r\n", "\t\t\r\n")}\t\t\r\n`,
    rows: bare,
  },
  {
    name: "a tracker's table",
    content: `|| Tag || Type || Allocs || Frees || Diff || Bytes || Per Alloc ||\n${cells(grouped(","))
      .map((row) => `| ${row.join(" | ")} |`)
      .join("\n")}\n`,
    rows: bare,
  },
  {
    name: "Markdown with bold tags and code",
    content: `| Tag | Type | Allocs | Frees | Diff | Bytes | Per Alloc |\n|:---|---|---:|---:|---:|---:|---:|\n${cells(
      grouped(","),
    )
      .map(([tag, type, ...rest]) => `| **${tag?.trim()}** | \`${type}\` | ${rest.join(" | ")} |`)
      .join("\n")}\n`,
    rows: bare,
  },
  {
    name: "a frame of signs",
    content: `+------+-------+-----------+---------+-----------+-------------+-------+\n| Tag  | Type  | Allocs | Frees | Diff | Bytes | Per |\n+------+-------+-----------+---------+-----------+-------------+-------+\n${cells()
      .map((row) => `| ${row.join(" | ")} |`)
      .join("\n")}\n+------+-------+-----------+---------+-----------+-------------+-------+\n`,
    rows: bare,
  },
  {
    name: "a table of a web page",
    content: `<html><body><table><thead><tr>${HEADING.map((cell) => `<th>${cell}</th>`).join("")}</tr></thead><tbody>${cells(
      grouped(","),
    )
      .map((row) => `<tr>${row.map((cell) => `<td style="x">${cell}</td>`).join("")}</tr>`)
      .join("\n")}</tbody></table></body></html>`,
    rows: bare,
  },
  {
    name: "Format-List of PowerShell",
    content: cells()
      .map(
        ([tag, type, a, f, d, b]) =>
          `Tag       : ${tag}\r\nType      : ${type}\r\nAllocs    : ${a}\r\nFrees     : ${f}\r\nDiff      : ${d}\r\nUsedBytes : ${b}\r\n`,
      )
      .join("\r\n"),
    rows: bare,
  },
  {
    name: "Format-Table with columns that were cut",
    content: `\r\nTag  PoolType    Allocs Frees      Diff       Bytes\r\n---  --------    ------ -----      ----       -----\r\nNtFC NonPaged  13490... 484   134902287 19425929...\r\nEtwB NonPaged      6394 4056       2338   163418368\r\nMmSt Paged          614 441         173       83456\r\n\r\n`,
    rows: ["EtwB nonpaged 6394 4056 2338 163418368", "MmSt paged 614 441 173 83456"],
    says: [/13490\.\.\.|19425929\.\.\.|67 % of rows|whole number/],
  },
  {
    name: "a CSV with its heading twice",
    content: `${HEADING.join(",")}\r\n${joined(",")}\r\n`,
    rows: bare,
  },
  {
    name: "PoolMonX v3",
    content: `Tag,Value,Paged Allocs,Paged Frees,Paged Diff,Paged Usage,NPaged Allocs,NPaged Frees,NPaged Diff,NPaged Usage,Source,Description\r\nNtFC,0x4346744E,0,0,0,0,134,902,771,484,134,902,287,19,425,929,328,ntfs.sys,Create.c\r\nEtwB,0x42777445,614,441,173,83,456,6,394,4,056,2,338,163,418,368,nt!etw,Etw Buffer\r\n`,
    rows: [
      "NtFC nonpaged 134902771 484 134902287 19425929328",
      "EtwB paged 614 441 173 83456",
      "EtwB nonpaged 6394 4056 2338 163418368",
    ],
  },
  {
    name: "System Informer, sizes with a decimal comma",
    content:
      "NtFC, ntfs.sys, Create.c, , , , , 134.902.771, 484, 134.902.287, 18,09 GB\r\nEtwB, nt!etw, Etw Buffer, , , , , 6.394, 4.056, 2.338, 155,85 MB\r\nMmSt, nt!mm, Mm section object, 614, 441, 173, 81,5 kB, , , , \r\n",
    rows: [
      `NtFC nonpaged 134902771 484 134902287 ${Math.round(18.09 * 1024 ** 3)}`,
      `EtwB nonpaged 6394 4056 2338 ${Math.round(155.85 * 1024 ** 2)}`,
      `MmSt paged 614 441 173 ${Math.round(81.5 * 1024)}`,
    ],
    says: [/known to/],
  },
  {
    name: "a list in prose: bytes only",
    content:
      "Top consumers on the box right now:\n1. MmSt 1.2 GB paged\n2. EtwB - 850 MB\n3) NtFC: 18.09 GB nonpaged\n",
    rows: [`MmSt paged - - 1 ${Math.round(1.2 * 1024 ** 3)}`, `NtFC nonpaged - - 1 ${Math.round(18.09 * 1024 ** 3)}`],
    says: [/known to|rounded/i, /one block stands for each row/, /does not tell its pool.*EtwB/],
  },
  {
    name: "a list in prose: allocations and frees",
    content:
      "these three always go together, nonpaged:\nWCsc 874 alloc / 0 free\nWCni 874 alloc / 0 free\nWCfd 1,748 allocs / 874 frees\n",
    // No bytes are told: one stands for each block, and that is said.
    rows: ["WCsc nonpaged 874 0 874 874", "WCni nonpaged 874 0 874 874", "WCfd nonpaged 1748 874 874 874"],
    says: [/one byte stands for each block/],
  },
  {
    name: "a picture in words",
    content:
      "Screenshot of poolmon sorted by bytes: first row is NtFC Nonp with 134,902,771 allocs, 484 frees, diff 134,902,287, 19,425,929,328 bytes, 144 per alloc. Second row EtwB Nonp 6,394 allocs, 4,056 frees, diff 2,338, bytes 163,418,368, per alloc 69,896.\n",
    rows: WHOLE.slice(0, 2),
    says: [/Repaired/],
  },
];
