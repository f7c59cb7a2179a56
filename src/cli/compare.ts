// `poolscope compare --a BEFORE --b AFTER`: did a change, such as a driver's update, end the growth?

import type { Command } from "commander";
import { Detector } from "../detect/detector.ts";
import { compareRates } from "../detect/findings/cure.ts";
import { LESS_WORK, type CuredTag } from "../model/cure.ts";
import { UsageError } from "../model/errors.ts";
import { kindOf, type Snapshot } from "../model/snapshot.ts";
import { compileTagPattern, formatTag, formatTagHex } from "../model/tag.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatDuration, plural } from "../model/units.ts";
import { needsAction, type TagRef } from "../model/verdict.ts";
import { cureLine, cureSummary, loadWords } from "../words/cure.ts";
import type { ExitCode, Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { limitsOfSnapshot } from "./limits.ts";
import { collect, tagPattern } from "./options.ts";
import { openWithProgress } from "./shared.ts";

interface Options {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly tag?: readonly string[];
  readonly json?: true;
}

/** Evenly spaced snapshots of a long record tell the same. */
const MAX_SNAPSHOTS = 2_000;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("compare")
    .description("two records of the same work, before and after a change: did it cure the growth?")
    .requiredOption("--a <source>", "the record before the change; may be repeated", collect)
    .requiredOption("--b <source>", "the record after the change; may be repeated", collect)
    .option(
      "--tag <pattern>",
      "tags to compare; without it those that leaked before or leak after",
      tagPattern("--tag"),
    )
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Exit codes: 0 all cured, 1 a tag still grows or grows faster, 2 undecided or nothing to cure.

Examples:
  poolscope compare --a before.pool --b after.pool
  poolscope compare --a old/ --b new/ --tag 'Acm?' --json`,
    )
    .action(async (options: Options) => {
      const before = await readRecord(options.a, io);
      const after = await readRecord(options.b, io);
      const ratio = workRatio(before, after);
      const comparable = ratio === undefined || ratio >= LESS_WORK;
      const refs = refsFor(before, after, options.tag);
      const tags = refs.flatMap(
        (ref) => compareRates(ref, before.detector.series(ref), after.detector.series(ref), comparable) ?? [],
      );
      if (refs.length > 0 && tags.length === 0) {
        throw new UsageError("too few snapshots for a rate: each record needs four of one boot and more");
      }
      io.stdout.write(options.json === true ? toJson(before, after, ratio, tags) : toText(before, after, ratio, tags));
      const codes = [before.finish(codeOf(tags)), after.finish(codeOf(tags))];
      finish(codes.includes(2) ? 2 : codeOf(tags));
    });
}

interface OneRecord {
  readonly detector: Detector;
  readonly first: Snapshot;
  readonly last: Snapshot;
  readonly snapshots: number;
  readonly finish: (code: ExitCode) => ExitCode;
}

async function readRecord(paths: readonly string[], io: Io): Promise<OneRecord> {
  const timeline = await openWithProgress(paths, {}, io, { maxSnapshots: MAX_SNAPSHOTS });
  const detector = new Detector({ limitsOf: limitsOfSnapshot });
  let first: Snapshot | undefined;
  let snapshots = 0;
  for await (const snapshot of timeline.snapshots()) {
    first ??= snapshot;
    detector.push(snapshot);
    snapshots += 1;
  }
  const { last } = detector;
  if (first === undefined || last === undefined) {
    throw timeline.problems[0] ?? new UsageError(`${paths.join(", ")}: no snapshot in it`);
  }
  if (last.origin.timeBasis === "none") {
    throw new UsageError(`${paths.join(", ")}: its snapshots tell no times, and without times there is no rate`);
  }
  return { detector, first, last, snapshots, finish: (code) => timeline.finish(code) };
}

/** Tags of the patterns in either record; without patterns the tags of every leak found in either. */
function refsFor(before: OneRecord, after: OneRecord, patterns: readonly string[] | undefined): TagRef[] {
  const found = new Map<string, TagRef>();
  const add = ({ tag, kind }: TagRef): unknown => found.set(`${tag} ${kind}`, { tag, kind });
  const matches = (patterns ?? []).map((pattern) => compileTagPattern(pattern));
  for (const { detector, last } of [before, after]) {
    if (patterns === undefined) {
      for (const verdict of detector.diagnose()?.verdicts ?? []) {
        if (needsAction(verdict.state)) [verdict, ...verdict.group].forEach(add);
      }
      continue;
    }
    const { tag, kind, length } = last.columns;
    for (let row = 0; row < length; row++) {
      const ref = { tag: tag[row] ?? 0, kind: kindOf(kind[row] ?? 0) };
      if (matches.some((match) => match(ref.tag))) add(ref);
    }
  }
  if (patterns !== undefined && found.size === 0) {
    throw new UsageError(`no tag matches ${patterns.join(", ")} in either record; tags are case-sensitive`);
  }
  return [...found.values()];
}

/** Allocations per hour after, as a share of those before; undefined where the sources do not count them. */
function workRatio(before: OneRecord, after: OneRecord): number | undefined {
  const [a, b] = [allocationsPerHour(before), allocationsPerHour(after)];
  return a === undefined || b === undefined || a === 0 ? undefined : b / a;
}

function allocationsPerHour({ detector, last }: OneRecord): number | undefined {
  const { tag, kind, length } = last.columns;
  let made = 0;
  let hours = 0;
  for (let row = 0; row < length; row++) {
    const series = detector.series({ tag: tag[row] ?? 0, kind: kindOf(kind[row] ?? 0) });
    const grown = (series?.allocs.at(-1) ?? Number.NaN) - (series?.allocs[0] ?? Number.NaN);
    if (Number.isNaN(grown)) continue;
    made += grown;
    hours = Math.max(hours, ((series?.times.at(-1) ?? 0) - (series?.times[0] ?? 0)) / 3_600_000);
  }
  return hours > 0 ? made / hours : undefined;
}

function codeOf(tags: readonly CuredTag[]): ExitCode {
  if (tags.some(({ outcome }) => outcome === "same" || outcome === "worse" || outcome === "less")) return 1;
  return tags.length === 0 || tags.some(({ outcome }) => outcome === "undecided") ? 2 : 0;
}

function spanWords({ first, last, snapshots }: OneRecord): string {
  return `${formatTime(first.time)} to ${formatTime(last.time)} (${formatDuration(last.time - first.time)}), ${plural(snapshots, "snapshot")}`;
}

function toText(a: OneRecord, b: OneRecord, ratio: number | undefined, tags: readonly CuredTag[]): string {
  const load = loadWords(ratio);
  return [
    `before  ${spanWords(a)}`,
    `after   ${spanWords(b)}`,
    ...(load === undefined ? [] : [load]),
    "",
    ...tags.map(cureLine),
    cureSummary(tags),
    "",
  ].join("\n");
}

function toJson(a: OneRecord, b: OneRecord, ratio: number | undefined, tags: readonly CuredTag[]): string {
  const side = ({ first, last, snapshots }: OneRecord): Record<string, unknown> => ({
    from: formatIso(first.time),
    to: formatIso(last.time),
    snapshots,
  });
  return `${JSON.stringify(
    {
      before: side(a),
      after: side(b),
      workRatio: ratio ?? null,
      tags: tags.map(({ tag, kind, before, after, ...facts }) => ({
        tag: formatTag(tag),
        raw: formatTagHex(tag),
        pool: kind,
        ...facts,
        rateBefore: before,
        rateAfter: after,
      })),
    },
    null,
    1,
  )}\n`;
}
