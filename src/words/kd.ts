// What is said of reading a live target over the kernel debugger's wire: before it is stopped, and after it runs again.

import { formatBytes, formatCount, formatDuration, plural } from "../model/units.ts";

/** A request of 1,024 bytes over the wire: 73 bytes and its acknowledgement, then 56 + 1,024 in their packet and its own. */
const WIRE_PER_CHUNK = 73 + 16 + (16 + 56 + 1024 + 1) + 16;
const CHUNK = 1024;
const BITS_PER_BYTE = 10;
/** What is read besides the table: the debugger's block, what stands around the table's variable, the machine's facts. */
const BESIDES = 10 * 1024;

/** Milliseconds that reading takes on a line of so many bits a second: one request after the other. */
export function wireMilliseconds(bytes: number, baud: number): number {
  return (bytes / CHUNK) * ((WIRE_PER_CHUNK * BITS_PER_BYTE * 1000) / baud);
}

function roughly(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 1 : 0)} s`;
}

/** Bytes of the tag table of an older kernel with one processor; the largest of Windows 11 is asked for by each processor. */
const TABLES = [
  { of: "an x86 kernel of one processor", bytes: 2049 * 28 },
  { of: "an x64 kernel of one processor", bytes: 2049 * 40 },
  { of: "Windows 10 and later, for each processor", bytes: 4097 * 80 },
];

/** How long the target will stand for the tag table, at the speed of a line. */
export function estimateText(baud: number): string {
  const each = TABLES.map(
    ({ of, bytes }) => `${roughly(wireMilliseconds(bytes + BESIDES, baud))} for ${of} (${formatBytes(bytes)})`,
  );
  return `At ${formatCount(baud)} baud the tag table takes about ${each.join(", ")}; a pipe or socket of a virtual machine is often faster.`;
}

/** Why nothing is done without the flag, and what is needed. */
export function refusalLines(baud: number, maxHaltMs: number): readonly string[] {
  return [
    "Reading over the debugger's wire STOPS ALL PROCESSORS OF THE TARGET while it is read: clusters fail over, connections",
    "drop, watchdogs may fire. Say that you mean it with --yes-stop-the-machine.",
    "",
    estimateText(baud),
    `It never stands longer than --max-halt (${formatDuration(maxHaltMs)}) at a time: what takes longer is read in parts, with the target running in between.`,
    "",
    "In the target, as administrator, then a restart:",
    "  bcdedit /debug on",
    "  bcdedit /dbgsettings serial debugport:1 baudrate:115200",
    "Secure Boot must be off for that, and BitLocker asks for its recovery key at the next start unless it is suspended",
    "first (manage-bde -protectors -disable C: -rebootcount 2). Close every other debugger on the wire.",
    "KDNET (debugging over a network card) is another, encrypted protocol and is not supported.",
    "Nothing is written to the target but the program counter, by one, to get past the break.",
  ];
}

/** Said before a large read. */
export function planText(plan: { readonly bytes: number; readonly milliseconds: number }, maxHaltMs: number): string {
  const parts = Math.ceil(plan.milliseconds / maxHaltMs);
  const how = parts > 1 ? `, in about ${parts} parts with the target running in between` : "";
  return `${formatBytes(plan.bytes)} more to read: about ${roughly(plan.milliseconds)} on this wire${how}`;
}

export interface Halted {
  readonly halts: readonly { readonly milliseconds: number; readonly bytes: number }[];
  readonly bytesRead: number;
  readonly stoodBefore: boolean;
}

/** How long the target stood, once it runs. */
export function haltedText({ halts, bytesRead, stoodBefore }: Halted): string {
  const total = halts.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const longest = Math.max(0, ...halts.map(({ milliseconds }) => milliseconds));
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
  const often = halts.length > 1 ? ` in ${plural(halts.length, "halt")}, ${seconds(longest)} at most` : "";
  const before = stoodBefore ? " It stood already when the wire was opened, and was continued." : "";
  return `The target stood ${seconds(total)}${often}; ${formatCount(bytesRead)} bytes were read; it runs.${before}`;
}

/** What it did by itself between two snapshots. */
export function betweenLines(between: {
  readonly ownStops: number;
  readonly bugCheck: number | undefined;
  readonly problem: string | undefined;
}): readonly string[] {
  const { ownStops, bugCheck, problem } = between;
  const stops = `The target stopped by itself ${plural(ownStops, "time")} (a module that it loaded, or an exception of its own) and was let on.`;
  return [
    ...(bugCheck === undefined ? [] : [bugCheckText(bugCheck)]),
    ...(ownStops === 0 ? [] : [stops]),
    ...(problem === undefined ? [] : [`The wire is opened anew: ${problem}`]),
  ];
}

/** That a target printed a bug check. */
export function bugCheckText(code: number): string {
  return `THE TARGET HAS BUGCHECKED: it printed "Fatal System Error: 0x${code.toString(16).padStart(8, "0")}"; it was let on, to write its dump and to restart.`;
}

/** Figures that were read at different moments are of no one moment. */
export function partsText(halts: number): string {
  return `read in ${halts} parts while the target ran in between: rows may be of different moments`;
}

/** What a live target is not asked for. */
export const NOT_SCANNED =
  "small blocks were not looked for: that reads the whole pool over the wire; a dump answers it (poolscope dump FILE find TAG)";
