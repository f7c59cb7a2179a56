// More of what people bring: mails, chats, trackers, scripts of many countries, several moments and machines, cut screens.

import { POOL, TITLES, WHOLE, grouped, grown, grownRow, poolmonRows, type Listing } from "./listing.ts";

const plain = `${TITLES}\n${poolmonRows()}`;
const lines = plain.split("\n");
const later = `${TITLES}\n${poolmonRows(String, grown(5000))}`;
const rowsAfter = (more: number): string[] => [grownRow(more), ...WHOLE.slice(1)];
const HEADING = ["Tag", "Type", "Allocs", "Frees", "Diff", "Bytes", "Per Alloc"];
const cells = POOL.map(({ tag, type, numbers }) => [tag, type, ...numbers.map(String)]);
/** Lines broken at blanks, as a mail program does. */
const wrap = (text: string, width: number): string =>
  text
    .split("\n")
    .flatMap((line) => {
      const out: string[] = [];
      let rest = line;
      while (rest.length > width) {
        const at = rest.lastIndexOf(" ", width);
        out.push(rest.slice(0, at).trimEnd());
        rest = rest.slice(at + 1);
      }
      return [...out, rest];
    })
    .join("\n");
/** Rows of another machine: some tags hold more, some less. */
const other = POOL.map((row) => {
  const factor = row.type === "Nonp" ? 3 : 0.5;
  const [, , , , each] = row.numbers;
  const [allocs, frees] = [Math.round(row.numbers[0] * factor), Math.round(row.numbers[1] * factor)];
  return { ...row, numbers: [allocs, frees, allocs - frees, (allocs - frees) * each, each] as const };
});
const otherRows = other.map(
  ({ tag, type, numbers: [a, f, d, b] }) => `${tag} ${type === "Nonp" ? "nonpaged" : "paged"} ${a} ${f} ${d} ${b}`,
);
const csv = (heading: string, rows: readonly string[]): string => `${[heading, ...rows].join("\n")}\n`;

export const BROUGHT: readonly Listing[] = [
  {
    name: "a mail wrapped at 72 columns and quoted",
    content: `Hi Bob,\n\n${wrap(plain, 72)
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n")}\n`,
    rows: WHOLE,
    says: [/Repaired/],
  },
  {
    name: "a mail with its head in English",
    content: `From: Ann Lee <ann@example.com>\nSent: Tuesday, March 4, 2025 9:15 AM\nTo: Bob <bob@example.com>\nSubject: RE: pool leak\n\nHere it is:\n${plain}\n\n-- \nAnn Lee\nSent from my phone\n`,
    rows: WHOLE,
    says: [/modification date/],
  },
  {
    name: "a mail with its head in German",
    content: `Von: Anna Lehmann <anna@example.com>\nGesendet: Dienstag, 4. März 2025 09:15\nAn: Bob <bob@example.com>\nBetreff: AW: Pool\n\nHallo Bob,\n\n${plain}\n\nViele Grüße\nAnna\n`,
    rows: WHOLE,
    says: [/modification date/],
  },
  {
    name: "an answer on top of the older table it quotes",
    content: `After one more hour:\n${later}\n\nOn Tue, Mar 4, 2025 at 9:15 AM Ann Lee <ann@example.com> wrote:\n${lines.map((line) => `> ${line}`).join("\n")}\n`,
    rows: rowsAfter(5000),
    snapshots: 2,
    says: [/newest first/],
  },
  {
    name: "a chat that puts time and name above the message",
    content: `[04.03.2025 09:15] Ann Lee\n${plain}\n[04.03.2025 09:17] Bob Ray\nthanks, looking\n`,
    rows: WHOLE,
    says: [/modification date/],
  },
  { name: "a chat's fence under name and clock", content: `Ann Lee  9:15 AM\n\`\`\`${plain}\n\`\`\`\n`, rows: WHOLE },
  {
    name: "marks of a forum",
    content: `[QUOTE=Ann;4711]\n[CODE]\n${plain}\n[/CODE]\n[/QUOTE]\nSame here.\n`,
    rows: WHOLE,
  },
  {
    name: "marks of a tracker around the text",
    content: `h3. Pool\n{noformat}\n${plain}\n{noformat}\n`,
    rows: WHOLE,
  },
  {
    name: "a folded block of an issue",
    content: `<details><summary>poolmon output</summary>\n\n\`\`\`\n${plain}\n\`\`\`\n</details>\n`,
    rows: WHOLE,
  },
  { name: "indented by four blanks", content: lines.map((line) => `    ${line}`).join("\n"), rows: WHOLE },
  {
    name: "a screen cut at the right, within the bytes",
    content: lines.map((line) => line.slice(0, 70)).join("\n"),
    says: [/numbers/],
  },
  {
    name: "a screen cut at the right, within the last column",
    content: lines.map((line) => line.slice(0, 95)).join("\n"),
    rows: WHOLE,
  },
  {
    name: "a screen cut at the left, within the tags",
    content: lines.map((line) => line.slice(3)).join("\n"),
    says: [/cut/],
  },
  {
    name: "a screen cut at the left, without tags",
    content: lines.map((line) => line.slice(6)).join("\n"),
    says: [/tag/],
  },
  {
    name: "date and time of cmd in German",
    content: `13.03.2025  9:15:22,45\n${plain}\n13.03.2025 10:15:22,45\n${later}\n`,
    rows: rowsAfter(5000),
    snapshots: 2,
    times: ["2025-03-13T09:15:22.450Z", "2025-03-13T10:15:22.450Z"],
  },
  {
    name: "date and time of cmd in French",
    content: `04/03/2025  9:15:22,45\n${plain}\n14/03/2025  9:15:22,45\n${later}\n`,
    rows: rowsAfter(5000),
    snapshots: 2,
    times: ["2025-03-04T09:15:22.450Z", "2025-03-14T09:15:22.450Z"],
    says: [/day first/],
  },
  {
    name: "date and time of cmd in Italian, proven by the weekday",
    content: `mar 04/03/2025  9:15:22,45\n${plain}\n`,
    rows: WHOLE,
    times: ["2025-03-04T09:15:22.450Z"],
  },
  {
    name: "date /t and time /t, German, a line each",
    content: `04.03.2025 \n09:15\n${plain}\n04.03.2025 \n10:15\n${later}\n`,
    rows: rowsAfter(5000),
    snapshots: 2,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T10:15:00.000Z"],
  },
  {
    name: "date /t and time /t, American, a line each",
    content: `Tue 03/04/2025 \n09:15 AM\n${plain}\nTue 03/04/2025 \n03:15 PM\n${later}\n`,
    rows: rowsAfter(5000),
    snapshots: 2,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T15:15:00.000Z"],
  },
  {
    name: "words before date and time",
    content: `Date: 13/03/2025 Time: 09:15:22\n${plain}\n`,
    rows: WHOLE,
    times: ["2025-03-13T09:15:22.000Z"],
  },
  {
    name: "a clock of twelve hours without halves of the day",
    content: ["11:15", "12:15", "01:15", "02:15"]
      .map((clock, i) => `03/13/2025 ${clock}:22\n${TITLES}\n${poolmonRows(String, grown(i * 5000))}`)
      .join("\n"),
    rows: rowsAfter(15000),
    snapshots: 4,
    says: [/goes back/],
  },
  {
    name: "snapshots sorted by tag, by bytes and by blocks",
    content: [0, 1, 2]
      .map((i) => {
        const rows = grown(i * 1000).toSorted((a, b) =>
          i === 0 ? a.tag.localeCompare(b.tag) : i === 1 ? b.numbers[3] - a.numbers[3] : b.numbers[2] - a.numbers[2],
        );
        return `2025-03-04 0${i}:15:22\n${TITLES}\n${poolmonRows(String, rows)}`;
      })
      .join("\n"),
    rows: rowsAfter(2000),
    snapshots: 3,
  },
  {
    name: "one row alone",
    content: " NtFC Nonp 134902771 484 134902287 19425929328 144\n",
    rows: WHOLE.slice(0, 1),
  },
  {
    name: "before and after, two tables of one machine",
    content: `before:\n${plain}\n\nafter:\n${later}\n`,
    rows: rowsAfter(5000),
    snapshots: 2,
  },
  {
    name: "one machine named above its table",
    content: `Server: FS01\n${plain}\n`,
    rows: WHOLE,
    says: [/host FS01/],
  },
  {
    name: "two machines with dates, two tables each",
    content: `From DC01:\n2025-03-04 09:15\n${plain}\n2025-03-04 10:15\n${later}\n\nFrom DC02:\n2025-03-04 09:15\n${TITLES}\n${poolmonRows(String, other)}\n2025-03-04 10:15\n${TITLES}\n${poolmonRows(String, other)}\n`,
    hosts: ["DC01", "DC02"],
    options: ["--host", "DC01"],
    rows: rowsAfter(5000),
    snapshots: 2,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T10:15:00.000Z"],
  },
  {
    name: "machine and date in one ruler",
    content: `=== SRV01 2025-03-04 09:15:22 ===\n${plain}\n=== SRV02 2025-03-04 09:16:22 ===\n${TITLES}\n${poolmonRows(String, other)}\n`,
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV02"],
    rows: otherRows,
    times: ["2025-03-04T09:16:22.000Z"],
  },
  {
    name: "two machines by names in small letters",
    content: `berlin:\n${plain}\n\nmunich:\n${TITLES}\n${poolmonRows(String, other)}\n`,
    hosts: ["berlin", "munich"],
    options: ["--host", "munich"],
    rows: otherRows,
  },
  {
    name: "two machines, the second in running text",
    content: `${plain}\n\nand this is what the other one shows, same model and same updates:\n\n${TITLES}\n${poolmonRows(String, other)}\n`,
    hosts: ["machine 1", "machine 2"],
    options: ["--host", "machine 2"],
    rows: otherRows,
  },
  {
    name: "Format-Table of two machines",
    content: `\r\nPSComputerName Tag  Type   Allocs    Frees   Diff      Bytes\r\n-------------- ---  ----   ------    -----   ----      -----\r\n${[
      ["SRV01", POOL],
      ["SRV02", other],
    ]
      .flatMap(([name, pool]) =>
        (pool as typeof POOL).map(
          ({ tag, type, numbers: [a, f, d, b] }) =>
            `${String(name).padEnd(14)} ${tag} ${type.padEnd(6)} ${String(a).padEnd(9)} ${String(f).padEnd(7)} ${String(d).padEnd(9)} ${b}`,
        ),
      )
      .join("\r\n")}\r\n`,
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV02"],
    rows: otherRows,
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
