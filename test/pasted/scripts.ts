// Tables of scripts and spreadsheets in several languages, exports of other tools, sessions of a debugger with several moments.

import { OTHER, OTHER_ROWS, POOL, WHOLE, grouped, grown, grownRow, poolmonRows, type Listing } from "./listing.ts";

const HEADING = ["Tag", "Type", "Allocs", "Frees", "Diff", "Bytes", "Per Alloc"];
const cells = POOL.map(({ tag, type, numbers }) => [tag, type, ...numbers.map(String)]);
const csv = (heading: string, rows: readonly string[]): string => `${[heading, ...rows].join("\n")}\n`;

export const SCRIPTS: readonly Listing[] = [
  {
    name: "Format-Table of two machines",
    content: `\r\nPSComputerName Tag  Type   Allocs    Frees   Diff      Bytes\r\n-------------- ---  ----   ------    -----   ----      -----\r\n${[
      ...POOL.map((row) => ({ ...row, host: "SRV01" })),
      ...OTHER.map((row) => ({ ...row, host: "SRV02" })),
    ]
      .map(
        ({ host, tag, type, numbers: [a, f, d, b] }) =>
          `${host.padEnd(14)} ${tag} ${type.padEnd(6)} ${String(a).padEnd(9)} ${String(f).padEnd(7)} ${String(d).padEnd(9)} ${b}`,
      )
      .join("\r\n")}\r\n`,
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV02"],
    rows: OTHER_ROWS,
  },
  {
    name: "JSON of two machines and two moments",
    content: JSON.stringify(
      ["SRV01", "SRV02"].flatMap((host) =>
        ["2025-03-04T09:15:00Z", "2025-03-04T10:15:00Z"].map((time, i) => ({
          Time: time,
          PSComputerName: host,
          Tag: "NtFC",
          Type: "Nonp",
          Allocs: 134902771 + i * 10,
          Frees: 484,
          Bytes: 19425929328 + 1440 * i,
        })),
      ),
      undefined,
      2,
    ),
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV01"],
    rows: [grownRow(10)],
    snapshots: 2,
  },
  {
    name: "JSON with value and Count around it",
    content: JSON.stringify({
      value: [
        { Tag: "NtFC", Type: "Nonp", Allocs: 134902771, Frees: 484, Diff: 134902287, Bytes: 19425929328 },
        { Tag: "EtwB", Type: "Nonp", Allocs: 6394, Frees: 4056, Diff: 2338, Bytes: 163418368 },
      ],
      Count: 2,
    }),
    rows: WHOLE.slice(0, 2),
  },
  {
    name: "objects that PowerShell kept as XML",
    content: `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0"><MS><S N="Tag">NtFC</S><S N="Type">Nonp</S><I64 N="Bytes">19425929328</I64></MS></Obj></Objs>\n`,
    says: [/XML/],
  },
  {
    name: "CSV with date and time in two columns",
    content: csv("Date,Time,Tag,Type,Allocs,Frees,Bytes", [
      "2025-03-04,09:15:00,NtFC,Nonp,134902771,484,19425929328",
      "2025-03-04,09:15:00,EtwB,Nonp,6394,4056,163418368",
      "2025-03-04,10:15:00,NtFC,Nonp,134907771,484,19426649328",
      "2025-03-04,10:15:00,EtwB,Nonp,6394,4056,163418368",
    ]),
    rows: [grownRow(5000), WHOLE[1] ?? ""],
    snapshots: 2,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T10:15:00.000Z"],
  },
  {
    name: "CSV in German: mark, semicolons, date and clock apart, German headings",
    content: `\ufeffDatum;Uhrzeit;Tag;Typ;Belegungen;Freigaben;Differenz;Bytes\r\n04.03.2025;09:15;NtFC;Nonp;134.902.771;484;134.902.287;19.425.929.328\r\n04.03.2025;10:15;NtFC;Nonp;134.907.771;484;134.907.287;19.426.649.328\r\n`,
    rows: [grownRow(5000)],
    snapshots: 2,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T10:15:00.000Z"],
  },
  {
    name: "CSV of UTF-16 with semicolons",
    content: Buffer.from(`\ufeff${[HEADING, ...cells].map((row) => row.join(";")).join("\r\n")}\r\n`, "utf16le"),
    rows: WHOLE,
  },
  {
    name: "CSV of Switzerland",
    content: `${[HEADING, ...POOL.map(({ tag, type, numbers }) => [tag, type, ...numbers.map(grouped("'"))])].map((row) => row.join(";")).join("\r\n")}\r\n`,
    rows: WHOLE,
  },
  {
    name: "CSV with an American clock and an open order of day and month",
    content: csv("Time,Tag,Type,Allocs,Frees,Bytes", [
      "3/4/2025 9:15:22 AM,NtFC,Nonp,134902771,484,19425929328",
      "3/4/2025 3:15:22 PM,NtFC,Nonp,134907771,484,19426649328",
    ]),
    rows: [grownRow(5000)],
    snapshots: 2,
    times: ["2025-03-04T09:15:22.000Z", "2025-03-04T15:15:22.000Z"],
    says: [/guess/],
  },
  {
    name: "CSV whose rows are stamped one by one",
    content: csv(
      "Timestamp,Tag,Type,Allocs,Frees,Bytes",
      [0, 1].flatMap((pass) => [
        `2025-03-04 ${9 + pass}:15:22.105,NtFC,Nonp,${134902771 + pass * 5000},484,${19425929328 + 720000 * pass}`,
        `2025-03-04 ${9 + pass}:15:22.131,EtwB,Nonp,6394,4056,163418368`,
        `2025-03-04 ${9 + pass}:15:22.177,MmSt,Paged,614,441,83456`,
      ]),
    ),
    rows: [grownRow(5000), WHOLE[1] ?? "", WHOLE[4] ?? ""],
    snapshots: 2,
  },
  {
    name: "CSV sorted by tag, newest first within each, day first",
    content: csv(
      "Time;Tag;Type;Allocs;Frees;Bytes",
      [
        ["EtwB", 6394, 4056, 163418368],
        ["NtFC", 134902771, 484, 19425929328],
      ].flatMap(([tag, allocs, frees, bytes]) =>
        [2, 1, 0].map(
          (i) =>
            `${12 + i}/03/2025 09:15;${tag};Nonp;${Number(allocs) + (tag === "NtFC" ? 5000 * i : 0)};${frees};${Number(bytes) + (tag === "NtFC" ? 720000 * i : 0)}`,
        ),
      ),
    ),
    rows: [grownRow(10000), WHOLE[1] ?? ""],
    snapshots: 3,
    times: ["12", "13", "14"].map((day) => `2025-03-${day}T09:15:00.000Z`),
  },
  {
    name: "CSV with sizes in a unit of the column",
    content: csv("Tag,Type,Allocs,Frees,Diff,Size (MB)", [
      "NtFC,Nonp,134902771,484,134902287,18526.20",
      "MmSt,Paged,614,441,173,0.08",
    ]),
    rows: [
      `NtFC nonpaged 134902771 484 134902287 ${Math.round(18526.2 * 1024 ** 2)}`,
      `MmSt paged 614 441 173 ${Math.round(0.08 * 1024 ** 2)}`,
    ],
    says: [/known to/],
  },
  {
    name: "CSV of blocks only",
    content: csv("Tag,Type,Diff", ["NtFC,Nonp,134902287", "MmSt,Paged,173"]),
    rows: ["NtFC nonpaged - - 134902287 134902287", "MmSt paged - - 173 173"],
    says: [/one byte stands for each block/],
  },
  {
    name: "a sheet with a title above its heading",
    content: `Pool report of FS01\t\t\t\t\t\t\n\t\t\t\t\t\t\n${[HEADING, ...cells].map((row) => row.join("\t")).join("\n")}\n`,
    rows: WHOLE,
  },
  {
    name: "two tables in one CSV with other columns",
    content: `Tag,Type,Allocs,Frees,Bytes\nNtFC,Nonp,134902771,484,19425929328\n\nType,Tag,Bytes,Frees,Allocs\nNonp,NtFC,19426649328,484,134907771\n`,
    rows: [grownRow(5000)],
    snapshots: 2,
  },
  {
    name: "an export of a trace's pool graph",
    content: csv("Line #,Paged,Tag,Type,Count,Size (B)", [
      "1,NonPaged,NtFC,AIFO,134902,19425929",
      "2,NonPaged,EtwB,AIFI,2338,163418",
      "3,Paged,MmSt,AIFO,173,83456",
    ]),
    says: [/trace/],
  },
  {
    name: "findstr of one tag over many logs",
    content: [0, 5000, 10000]
      .map((more, i) => `pool${i + 1}.txt:${poolmonRows(String, grown(more)).split("\n")[0]}`)
      .join("\n"),
    says: [/twice|comes again/],
  },
  {
    name: "one tag's rows of a log, without what stood between",
    content: [0, 5000, 10000].map((more) => poolmonRows(String, grown(more)).split("\n")[0]).join("\n"),
    says: [/twice|comes again/],
  },
  {
    name: "totals of a German Windows",
    content: `"(PDH-CSV 4.0) (Mitteleuropäische Zeit)(-60)","\\\\SRV01\\Arbeitsspeicher\\Nicht-Auslagerungsseiten (Bytes)"\n"03/04/2025 09:15:22.123","1234567168.000000"\n`,
    says: [/English|language/],
  },
  {
    name: "lists in words of two days",
    content:
      "Monday:\nNtFC 18.1 GB nonpaged\nEtwB 150 MB nonpaged\nTuesday:\nNtFC 19.1 GB nonpaged\nEtwB 150 MB nonpaged\n",
    says: [/"NtFC" is told twice/],
  },
  {
    name: "lists in words of two machines",
    content: "SRV01:\nNtFC 18.1 GB nonpaged\n\nSRV02:\nNtFC 1.1 GB nonpaged\n",
    says: [/"NtFC" is told twice/],
  },
  {
    name: "the top in words, without the pool",
    content: "Top 3 tags: NtFC (18.09 GB), FMfn (1.4 GB), EtwB (156 MB)\n",
    says: [/pool|paged/],
  },
  {
    name: "!poolused 1 twice, the target ran between",
    content: ["9", "10"]
      .map(
        (hour, i) =>
          `Debug session time: Tue Mar  4 ${hour.padStart(2, "0")}:15:22.123 2025 (UTC + 1:00)\nSystem Uptime: 6 days 3:12:44.051\n0: kd> !poolused 1\n   Sorting by Tag\n\n               NonPaged                                          Paged\n Tag     Allocs       Frees      Diff         Used     Allocs       Frees      Diff         Used\n\n NtFC ${134902771 + 5000 * i}         484 ${134902287 + 5000 * i} ${19425929328 + 720000 * i}          0           0         0            0\tFile control block\n MmSt         0           0         0            0        614         441       173        83456\tMm section\n TOTAL ${134902771 + 5000 * i}         484 ${134902287 + 5000 * i} ${19425929328 + 720000 * i}        614         441       173        83456\n0: kd> g\n`,
      )
      .join(""),
    rows: [grownRow(5000), WHOLE[4] ?? ""],
    snapshots: 2,
    times: ["2025-03-04T08:15:22.123Z", "2025-03-04T09:15:22.123Z"],
  },
  {
    name: "!poolused of two machines in one mail",
    content: `SRV01:\nlkd> !poolused 2\n   Sorting by NonPaged Pool Consumed\n\n               NonPaged                  Paged\n Tag     Allocs         Used     Allocs         Used\n\n NtFC 134902287 19425929328          0            0\tFile control block\n\nSRV02:\nlkd> !poolused 2\n   Sorting by NonPaged Pool Consumed\n\n               NonPaged                  Paged\n Tag     Allocs         Used     Allocs         Used\n\n NtFC      1000       144000          0            0\tFile control block\n`,
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV02"],
    rows: ["NtFC nonpaged - - 1000 144000"],
  },
];
