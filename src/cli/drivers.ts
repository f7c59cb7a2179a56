// `poolscope drivers [PATH...]`: which tags these drivers use, with proof; and the index that other commands look in.

import { resolve } from "node:path";
import type { Command } from "commander";
import { indexPath } from "../driver-index/index-file.ts";
import { machineDriverPaths } from "../driver-index/machine.ts";
import { isRecordOf, shownTag, toPublished, type DriverRecord } from "../driver-index/record.ts";
import { updateDrivers } from "../driver-index/update.ts";
import { createKnowledge } from "../knowledge/knowledge.ts";
import { UsageError } from "../model/errors.ts";
import type { RecordedTag } from "../model/driver.ts";
import { compileTagPattern, paddedAlike, parseTag, type Tag } from "../model/tag.ts";
import { plural } from "../model/units.ts";
import { renderDriversText, type DriverReport } from "../reports/drivers-report.ts";
import { visible } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { tagPattern } from "./options.ts";
import { startProgress } from "./progress.ts";
import { paintFor } from "./shared.ts";

interface Options {
  readonly json?: true;
  readonly all?: true;
  readonly fresh?: true;
  readonly index: boolean;
  readonly tag?: readonly string[];
}

const MAX_GAPS_SHOWN = 10;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("drivers")
    .description("which tags drivers use, with proof; builds the index that `tag` and `leaks` look in")
    .argument("[path...]", "driver files or folders of them; without one: every driver of this Windows machine")
    .option("--tag <pattern>", "only this tag; * and ? as in PoolMon; may be repeated", tagPattern("--tag"))
    .option("--all", "every call site, and what is only a constant or a text")
    .option("--fresh", "scan again what the index already knows")
    .option("--no-index", "neither use nor keep the index")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Examples:
  poolscope drivers                          scan this machine once (Windows)
  poolscope drivers WinDivert64.sys --all    every call that takes a tag
  poolscope drivers /mnt/c/Windows/System32/drivers --tag 'Afd?'
  poolscope tag WDiv                         afterwards: which drivers use a tag`,
    )
    .action(async (given: string[], options: Options) => {
      if (given.length === 0 && process.platform !== "win32") {
        throw new UsageError(
          "this is not Windows, so there are no drivers to scan; name a folder or a file of drivers",
        );
      }
      const paths = given.length > 0 ? given.map((path) => resolve(path)) : await machineDriverPaths(io.env);
      const holding = exactTags(options.tag);
      const progress = startProgress(io, "scanning drivers");
      const update = await updateDrivers(paths, {
        index: options.index ? indexPath(io.env, process.platform) : undefined,
        fresh: options.fresh === true,
        now: io.now(),
        ...(holding === undefined ? {} : { holding }),
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      const records = options.tag === undefined ? update.records : withTags(update.records, options.tag);
      io.stdout.write(
        options.json === true
          ? `${JSON.stringify({ drivers: records.map((record) => toPublished(record)) })}\n`
          : records.length === 0 && options.tag !== undefined
            ? `${noneText(update.records.length + update.passedOver, options.tag, holding !== undefined)}\n`
            : renderDriversText(toReports(records), {
                width: io.stdout.columns,
                paint: paintFor(io),
                all: options.all === true,
              }),
      );
      const named = new Set(given.map((path) => resolve(path)));
      for (const { where, problem } of update.gaps.slice(0, MAX_GAPS_SHOWN)) {
        io.stderr.write(`poolscope: ${visible(where)}: ${visible(problem)}\n`);
      }
      if (update.gaps.length > MAX_GAPS_SHOWN) {
        io.stderr.write(`poolscope: and ${plural(update.gaps.length - MAX_GAPS_SHOWN, "more file")} not read\n`);
      }
      finish(update.gaps.some(({ where }) => named.has(where)) ? 2 : 0);
    });
}

/** The tags asked for, where none of them is a pattern: then a byte search tells which files are worth a scan. */
function exactTags(patterns: readonly string[] | undefined): Tag[] | undefined {
  if (patterns === undefined) return undefined;
  const tags = patterns.map((pattern) => (/[*?]/.test(pattern) ? undefined : parseTag(pattern)));
  return tags.every((tag) => tag !== undefined) ? tags : undefined;
}

/** That no driver uses a tag, and how far that was looked for. */
function noneText(count: number, patterns: readonly string[], bySearch: boolean): string {
  const tags = patterns.map((pattern) => `'${pattern}'`).join(" or ");
  if (count === 0) return "no drivers found";
  const limit = bySearch ? " (looked for in their bytes; a tag that code computes would not be found so)" : "";
  return `${plural(count, "driver")}, none uses ${tags}${limit}`;
}

/** Drivers that use one of the tags, with the other tags left out. */
function withTags(records: readonly DriverRecord[], patterns: readonly string[]): DriverRecord[] {
  const matchers = patterns.map((pattern) => compileTagPattern(pattern));
  const exact = exactTags(patterns)?.flatMap((tag) => [tag, ...paddedAlike(tag)]) ?? [];
  const isWanted = (tag: RecordedTag): boolean =>
    exact.some((each) => isRecordOf(tag, each)) || matchers.some((matches) => matches(shownTag(tag)));
  return records
    .map((record) => ({ ...record, tags: record.tags.filter(isWanted) }))
    .filter((record) => record.tags.length > 0);
}

function toReports(records: readonly DriverRecord[]): DriverReport[] {
  const { libraryOf } = createKnowledge();
  return records.map((record) => ({
    ...record,
    tags: record.tags.map((tag) => {
      const library = libraryOf(Number(tag.raw));
      return library === undefined ? tag : { ...tag, library };
    }),
  }));
}
