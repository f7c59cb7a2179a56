// More of what people bring: mails, chats, trackers, scripts of many countries, several moments and machines, cut screens.

import { OTHER, OTHER_ROWS, TITLES, WHOLE, grown, grownRow, poolmonRows, type Listing } from "./listing.ts";

const plain = `${TITLES}\n${poolmonRows()}`;
const lines = plain.split("\n");
const later = `${TITLES}\n${poolmonRows(String, grown(5000))}`;
const rowsAfter = (more: number): string[] => [grownRow(more), ...WHOLE.slice(1)];
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
    content: `From DC01:\n2025-03-04 09:15\n${plain}\n2025-03-04 10:15\n${later}\n\nFrom DC02:\n2025-03-04 09:15\n${TITLES}\n${poolmonRows(String, OTHER)}\n2025-03-04 10:15\n${TITLES}\n${poolmonRows(String, OTHER)}\n`,
    hosts: ["DC01", "DC02"],
    options: ["--host", "DC01"],
    rows: rowsAfter(5000),
    snapshots: 2,
    times: ["2025-03-04T09:15:00.000Z", "2025-03-04T10:15:00.000Z"],
  },
  {
    name: "machine and date in one ruler",
    content: `=== SRV01 2025-03-04 09:15:22 ===\n${plain}\n=== SRV02 2025-03-04 09:16:22 ===\n${TITLES}\n${poolmonRows(String, OTHER)}\n`,
    hosts: ["SRV01", "SRV02"],
    options: ["--host", "SRV02"],
    rows: OTHER_ROWS,
    times: ["2025-03-04T09:16:22.000Z"],
  },
  {
    name: "two machines by names in small letters",
    content: `berlin:\n${plain}\n\nmunich:\n${TITLES}\n${poolmonRows(String, OTHER)}\n`,
    hosts: ["berlin", "munich"],
    options: ["--host", "munich"],
    rows: OTHER_ROWS,
  },
  {
    name: "two machines, the second in running text",
    content: `${plain}\n\nand this is what the other one shows, same model and same updates:\n\n${TITLES}\n${poolmonRows(String, OTHER)}\n`,
    hosts: ["machine 1", "machine 2"],
    options: ["--host", "machine 2"],
    rows: OTHER_ROWS,
  },
];
