// The Intake in sentences: what was brought, how its times are known, what share of it was read, what was repaired.

import {
  MOSTLY_UNREADABLE,
  REJECTED_WORTH_SAYING,
  rejectedShare,
  type Intake,
  type IntakeTimes,
  type Repair,
} from "../model/intake.ts";
import type { TimeBasis } from "../model/snapshot.ts";
import { formatBytes, plural } from "../model/units.ts";

/** The first lines of every output: one of what was brought, and one for each thing that has to be known beside it. */
export function intakeLines(intake: Intake): string[] {
  const parts = [
    plural(intake.files, "file"),
    hostsText(intake),
    `${plural(intake.snapshots, "snapshot")}${intake.duplicates === 0 ? "" : ` (${plural(intake.duplicates, "listing")} there twice, taken once)`}`,
    timesText(intake.times, intake.snapshots),
    shareText(intake),
  ].filter((part) => part !== undefined);
  return [parts.join(", "), ...besideLines(intake)];
}

/** Why nothing is said of an input that is mostly unreadable, or undefined where enough of it was read. */
export function unreadableText(intake: Intake): string | undefined {
  const { rejected, read } = intake.rows;
  // A single row that was cut off is no reason to refuse the rest.
  if (rejected < 2 || rejectedShare(intake) <= MOSTLY_UNREADABLE) return undefined;
  return `mostly unreadable: ${rejected} of ${plural(read + rejected, "row")} could not be taken; the first: ${obstacleText(intake.firstRejected)}`;
}

/** The first obstacle, with the kind of it where the row shows that. */
function obstacleText(whole: string | undefined): string {
  if (whole === undefined) return "its numbers";
  const problem = whole.slice(0, 200);
  // bounded: cut to 200 characters
  const number = /(?<!\d)\d{1,3}(?:[.,' ]\d{3})+(?!\d)/.exec(problem)?.[0];
  // bounded: cut to 200 characters
  if (/\d[.,]?\d*E[+-]?\d/i.test(problem)) return `${problem} (saved by Excel with lost digits)`;
  return number === undefined
    ? problem
    : `${problem} (numbers like ${number}: thousands separators that nothing in the file proves)`;
}

function hostsText({ hosts, host }: Intake): string | undefined {
  const [first] = hosts;
  if (first === undefined) return undefined;
  const how =
    first.known === "named"
      ? ""
      : first.known === "file-name"
        ? ", by the names of the files"
        : ", told apart by their counters";
  if (hosts.length === 1) return `host ${first.name}${how}`;
  const names = hosts.map(({ name }) => name);
  const shown = names.length > 8 ? `${names.slice(0, 8).join(", ")} and ${names.length - 8} more` : names.join(", ");
  return `${plural(hosts.length, "host")} (${shown}${how})${host === undefined ? "" : `, this is ${host}`}`;
}

const BASES: Readonly<Record<TimeBasis, string>> = {
  measured: "times from the data",
  marker: "times from markers in the text",
  "file-name": "times from file names",
  "file-modified": "times from modification dates of the files",
  none: "no times",
};

const ORDERS: Readonly<Record<NonNullable<IntakeTimes["dateOrder"]>["order"], string>> = {
  dmy: "day first",
  mdy: "month first",
  ymd: "year first",
};

function timesText(times: IntakeTimes, snapshots: number): string | undefined {
  if (snapshots === 0) return undefined;
  if (times.spacing === "unknown") return "no times: spacing unknown, so growth is per step";
  if (times.spacing === "told") return "no times: spacing as told, no dates";
  const [first, ...more] = times.bases;
  if (first === undefined) return undefined;
  const others = more.map(({ basis, snapshots: count }) => `${BASES[basis]} for ${count}`);
  return [BASES[first.basis], ...others].join(", ") + orderText(times.dateOrder);
}

function orderText(dateOrder: IntakeTimes["dateOrder"]): string {
  if (dateOrder === undefined) return "";
  const order = ORDERS[dateOrder.order];
  if (dateOrder.by === "told") return ` (${order}, as told)`;
  const example = dateOrder.example ?? "";
  if (dateOrder.by === "date") return ` (${order}, because of ${example})`;
  return ` (${order} is a guess: nothing proves how ${example} is meant; --dates tells)`;
}

function shareText(intake: Intake): string | undefined {
  const share = rejectedShare(intake);
  if (intake.rows.rejected === 0) return undefined;
  const percent = (1 - share) * 100;
  const shown = percent > 99 ? percent.toFixed(1) : percent.toFixed(0);
  return `${share > REJECTED_WORTH_SAYING ? "only " : ""}${shown} % of rows read`;
}

function besideLines(intake: Intake): string[] {
  const { times, listing, bytesRoundedTo, repairs, filesLeftOut, told } = intake;
  return [
    ...(filesLeftOut === 0 ? [] : [`${plural(filesLeftOut, "file")} left out, see below`]),
    ...(times.zone?.by === "assumed" ? ["The times tell no zone and are taken as UTC; --timezone tells another."] : []),
    ...(listing === "partial"
      ? ["A listing of a part of the pool: sums are least values, and a row that is missing is not zero."]
      : []),
    ...(listing === "blocks" ? ["Blocks listed, not totals: sums over the blocks in the list."] : []),
    ...(bytesRoundedTo === undefined ? [] : [`Bytes are known to ${formatBytes(bytesRoundedTo)} only.`]),
    ...repairs.map(repairText),
    ...(told.physicalBytes === undefined ? [] : [`RAM of ${formatBytes(told.physicalBytes)}, as told.`]),
    ...(told.windows === undefined ? [] : [`Windows ${told.windows}, as told.`]),
    ...(told.pagefileBytes === undefined ? [] : [`Page file of ${formatBytes(told.pagefileBytes)}, as told.`]),
  ];
}

const REPAIRS: Readonly<Record<Repair["kind"], string>> = {
  prefix: "a prefix taken off",
  "line-numbers": "line numbers taken off",
  table: "a table in marks read",
  wrapped: "broken rows joined",
  flattened: "rows on one line parted",
  separators: "separators taken out of numbers, as the arithmetic of the rows proves",
  "special-spaces": "special spaces read as blanks",
  entities: "HTML entities read",
  "nul-bytes": "NUL bytes between cells passed over",
  colours: "colours of a terminal taken off",
  markup: "marks of a web page taken off",
  records: "records of one line a field read as rows",
  prose: "rows told in words, or with numbers rounded by hand, read",
  "newest-first": "the text has the newest first and was read from its end",
  "time-order": "snapshots put in the order of their times",
  "rows-by-time": "rows of one time, which stand apart in the text, put together",
};

/** What a repair counts, where it is not lines. */
const COUNTED: Partial<Readonly<Record<Repair["kind"], string>>> = {
  "newest-first": "snapshot",
  "time-order": "snapshot",
  "rows-by-time": "row",
};

function repairText({ kind, lines, found }: Repair): string {
  const what = found === undefined ? "" : ` (${JSON.stringify(found)})`;
  return `Repaired: ${REPAIRS[kind]}${what}, ${plural(lines, COUNTED[kind] ?? "line")}.`;
}
