// Several moments or machines in one text: restarts, clocks set back, newest first, two hosts, sessions of a debugger.

import { TITLES, WHOLE, grown, grownRow, poolmonRows, type Listing } from "./listing.ts";

const at = (time: string, more: number): string => `${time}\n${TITLES}\n${poolmonRows(String, grown(more))}\n`;
const rowsAfter = (more: number): string[] => [grownRow(more), ...WHOLE.slice(1)];
/** A few minutes after a start. */
const BOOTED =
  " NtFC Nonp         5000             12             4988           718272              144\n EtwB Nonp          394             56              338         16341836            48348\n";

const csv = (rows: readonly (readonly [string, number])[], host = ""): string =>
  `time,${host === "" ? "" : "PSComputerName,"}tag,type,allocs,frees,bytes\n${rows
    .map(
      ([time, more]) =>
        `${time},${host === "" ? "" : `${host},`}NtFC,Nonp,${134902771 + more},484,${19425929328 + 144 * more}`,
    )
    .join("\n")}\n`;

export const MOMENTS: readonly Listing[] = [
  {
    name: "a log over a restart",
    content: `${at("2025-03-04 09:15:22", 0)}${at("2025-03-04 10:15:22", 5000)}2025-03-04 11:15:22\n${TITLES}\n${BOOTED}`,
    rows: ["NtFC nonpaged 5000 12 4988 718272", "EtwB nonpaged 394 56 338 16341836"],
    snapshots: 3,
  },
  {
    name: "a clock that was set back",
    content: `${at("2025-03-04 09:15:22", 0)}${at("2025-03-04 10:15:22", 5000)}${at("2025-03-04 09:45:22", 10000)}${at("2025-03-04 10:45:22", 15000)}`,
    rows: rowsAfter(15000),
    snapshots: 4,
    says: [/clock goes back/],
  },
  {
    name: "a log with the newest on top",
    content: ["13", "12", "11", "10", "09"].map((hour, i) => at(`2025-03-04 ${hour}:15:22`, (4 - i) * 5000)).join("\n"),
    rows: rowsAfter(20000),
    snapshots: 5,
    times: ["09", "10", "11", "12", "13"].map((hour) => `2025-03-04T${hour}:15:22.000Z`),
    says: [/newest first/],
  },
  {
    name: "a CSV with the newest on top",
    content: csv(
      ["15", "14", "13", "12", "11", "10"].map((hour, i) => [`2025-03-04 ${hour}:15:22`, (5 - i) * 5000] as const),
    ),
    rows: [grownRow(25000)],
    snapshots: 6,
    times: ["10", "11", "12", "13", "14", "15"].map((hour) => `2025-03-04T${hour}:15:22.000Z`),
    says: [/newest first/],
  },
  {
    name: "a CSV sorted by tag",
    content: `time,tag,type,allocs,frees,bytes\n${["EtwB", "MmSt", "NtFC"]
      .flatMap((tag, t) =>
        [9, 10, 11, 12].map(
          (hour) => `2025-03-04 ${String(hour).padStart(2, "0")}:00,${tag},Nonp,${1000 * t + hour},2,${4096 * (t + 1)}`,
        ),
      )
      .join("\n")}\n`,
    rows: ["EtwB nonpaged 12 2 10 4096", "MmSt nonpaged 1012 2 1010 8192", "NtFC nonpaged 2012 2 2010 12288"],
    snapshots: 4,
  },
  {
    name: "a CSV with the day first",
    content: csv([
      ["04/03/2025 09:15", 0],
      ["04/03/2025 10:15", 5000],
      ["14/03/2025 09:15", 10000],
    ]),
    rows: [grownRow(10000)],
    snapshots: 3,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T10:15:00.000Z", "2025-03-14T09:15:00.000Z"],
    says: [/day first/],
  },
  {
    name: "two machines in one CSV",
    content: `${csv(
      [
        ["2025-03-04 09:15", 0],
        ["2025-03-04 10:15", 10],
      ],
      "SRV01",
    )}${csv(
      [
        ["2025-03-04 09:15", 90000],
        ["2025-03-04 10:15", 90010],
      ],
      "SRV02",
    )}`,
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV01"],
    rows: [grownRow(10)],
    snapshots: 2,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T10:15:00.000Z"],
  },
  {
    name: "two machines in one mail, named above their tables",
    content: `Hi all,\n\nSRV01:\n${TITLES}\n${poolmonRows()}\n\nSRV02:\n${TITLES}\n${poolmonRows(String, grown(777777))}\n\nRegards\n`,
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV02"],
    rows: rowsAfter(777777),
  },
  {
    name: "one listing pasted twice",
    content: `${at("2025-03-04 09:15:22", 0)}\n${at("2025-03-04 09:15:22", 0)}`,
    rows: WHOLE,
    says: [/twice/],
  },
  {
    name: "!poolused with the flag of many words: 3 and 5",
    content: `Debug session time: Tue Mar  4 09:15:22.123 2025 (UTC + 1:00)\nSystem Uptime: 6 days 3:12:44.051\n0: kd> !poolused 3\n.\n Sorting by NonPaged Pool Consumed\n\n               NonPaged\n Tag     Allocs    Frees     Diff     Used\n\n NtFC 134902771      484 134902287 19425929328\tunknown\n EtwB      6394     4056      2338  163418368\tEtw Buffer , Binary: nt!etw\n TOTAL 134909165    4540 134904625 19589347696\n0: kd> !poolused 5\n.\n Sorting by Paged Pool Consumed\n\n               Paged\n Tag     Allocs    Frees     Diff     Used\n\n FMfn   8665967  5982729  2683238 1495080176\tName cache\n TOTAL  8665967  5982729  2683238 1495080176\n0: kd> q\n`,
    rows: [WHOLE[0] ?? "", WHOLE[1] ?? "", WHOLE[3] ?? ""],
    times: ["2025-03-04T08:15:22.123Z"],
  },
  {
    name: "!poolused 2 and 4 in a quoted mail",
    content: `> lkd> !poolused 2\n>    Sorting by  NonPaged Pool Consumed\n>\n>   Pool Used:\n>             NonPaged            Paged\n>  Tag    Allocs     Used    Allocs     Used\n>  NtFC 134902287 19425929328         0        0\tFile control block , Binary: ntfs.sys\n>  EtwB      2338  163418368         6   196608\tEtw Buffer , Binary: nt!etw\n> lkd> !poolused 4\n>    Sorting by  Paged Pool Consumed\n>\n>   Pool Used:\n>             NonPaged            Paged\n>  Tag    Allocs     Used    Allocs     Used\n>  FMfn         0        0   2683238 1495080176\tName cache\n>  EtwB      2338  163418368         6   196608\tEtw Buffer , Binary: nt!etw\n`,
    rows: [
      "NtFC nonpaged - - 134902287 19425929328",
      "EtwB nonpaged - - 2338 163418368",
      "EtwB paged - - 6 196608",
      "FMfn paged - - 2683238 1495080176",
    ],
  },
];
