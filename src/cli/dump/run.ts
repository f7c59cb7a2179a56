// What the questions of `poolscope dump` share: the run, printing, the look for drivers.

import type { Dump } from "../../formats/crash-dump/dump.ts";
import type { Knowledge } from "../../knowledge/knowledge.ts";
import type { Tag } from "../../model/tag.ts";
import { plural } from "../../model/units.ts";
import { visible, type Paint } from "../../reports/terminal-text.ts";
import { noticeOf } from "../../sources/crash-dump.ts";
import type { DumpDrivers } from "./drivers.ts";
import type { DumpSortKey } from "./rows.ts";
import type { Io } from "../io.ts";

/** One run of the command. */
export interface DumpRun {
  readonly path: string;
  readonly dump: Dump;
  readonly io: Io;
  readonly json: boolean;
  readonly paint: Paint;
  readonly width: number;
  readonly knowledge: Knowledge;
  readonly sort: DumpSortKey;
  readonly tags: readonly string[];
  readonly top: number | undefined;
  /** Whether the drivers that use the tags shown are looked for; each question has its own default. */
  readonly drivers: boolean | undefined;
}

export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 1)}\n`);
}

export function print(io: Io, lines: readonly string[]): void {
  io.stdout.write(`${lines.join("\n")}\n`);
}

/** What must be said with every figure, in front of it. */
export function noticeLines(dump: Dump): string[] {
  const notice = noticeOf(dump);
  return notice === undefined ? [] : [visible(notice)];
}

/** The scanner is loaded only where it is used. */
export async function findDrivers(dump: Dump, tags: readonly Tag[], io: Io): Promise<DumpDrivers> {
  const { driversInDump } = await import("./drivers.ts");
  return await driversInDump(dump, tags, io);
}

/** Modules that could not be asked, in a sentence. */
export function driverProblems(drivers: DumpDrivers | undefined): string[] {
  const absent = drivers?.absent ?? [];
  if (absent.length === 0) return [];
  const names = absent.slice(0, 6).join(", ");
  return [
    `${plural(absent.length, "module")} could not be asked for tags, since their images are not in the dump: ` +
      `${names}${absent.length > 6 ? ", ..." : ""}`,
  ];
}
