// `poolscope check SOURCE...`: the gate for a driver's own tests. 1 where a tag grew more than it may, 2 where nothing decides.

import type { Command } from "commander";
import { writeFile } from "node:fs/promises";
import { checkGrowth, hasLimit } from "../detect/findings/growth-limits.ts";
import { DEFAULT_LIMITS, MAX_BLOCKS_PER_OPERATION, type CheckedTag, type GrowthLimits } from "../model/check.ts";
import { AccessError, UsageError } from "../model/errors.ts";
import { parseTag } from "../model/tag.ts";
import { formatBytes, parseBytes } from "../model/units.ts";
import { checkCases, renderCheckJson, renderCheckText, type CheckReport } from "../reports/check-report.ts";
import { renderJUnit } from "../reports/junit.ts";
import { needsWords } from "../words/check.ts";
import type { Checked } from "./check/checked.ts";
import { operationsBy, readChecked, refuseRestart } from "./check/sources.ts";
import type { ExitCode, Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { tagPattern, wholeNumber } from "./options.ts";
import { addSourceOptions, paintFor, type SourceOptions } from "./shared.ts";

interface Options extends SourceOptions {
  readonly tag?: readonly string[];
  readonly maxGrowth?: number;
  readonly maxOutstanding?: NonNullable<GrowthLimits["maxOutstanding"]>;
  readonly per?: number;
  readonly perTag?: string;
  readonly maxPer?: number;
  readonly defaultLimits?: true;
  readonly allowUndecided?: true;
  readonly explain?: true;
  readonly junit?: string;
  readonly json?: true;
  readonly allowAbsent?: true;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("check")
      .description("the same as a gate for tests: exit code 1 where a tag grew more than it may")
      .argument("<source...>", "a recording, or one snapshot before the test and one after it"),
  )
    .option(
      "--tag <pattern>",
      "tags to check, `?` and `*` allowed; may be repeated; all without it",
      tagPattern("--tag"),
    )
    .option("--max-growth <size/h>", "growth that is allowed, e.g. 64KiB/h", parseGrowth)
    .option(
      "--max-outstanding <n>",
      "blocks that may be outstanding at the end; +n: more than at the start",
      parseBlocks,
    )
    .option(
      "--default-limits",
      `allow +${DEFAULT_LIMITS.maxOutstanding?.blocks ?? 0} blocks and ${formatBytes(DEFAULT_LIMITS.maxGainedBytes ?? 0)} more than at the start`,
    )
    .option("--per <n>", "operations the test made: blocks left behind by one, with its interval", wholeNumber("--per"))
    .option("--per-tag <tag>", "count as operations what this tag allocated, e.g. Proc for started processes")
    .option("--max-per <blocks>", `blocks one operation may leave (${MAX_BLOCKS_PER_OPERATION} unless told)`, parsePer)
    .option("--allow-undecided", "pass tags that neither a limit nor a verdict decides")
    .option("--explain", "print what was compared and why each tag passed or failed")
    .option("--junit <file>", "write the result as JUnit XML too")
    .option("--allow-absent", "pass where no snapshot lists a tag that matches")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Two files are compared in the order in which they are named. Without a limit the verdict on each tag decides: a leak fails,
what was looked at and does not leak passes. A verdict needs a dozen snapshots; with fewer, give a limit.

Exit codes: 0 passed, 1 a tag failed, 2 undecided or not readable.

Examples:
  poolscope check before.txt after.txt --tag 'Acm?' --max-outstanding +0
  poolscope check before.txt after.txt --tag 'Acm?' --per 1000
  poolscope check soak.pool --tag 'Acm?' --max-growth 64KiB/h --junit pool.xml
  poolscope check soak.pool --tag AcmA --tag AcmB --explain`,
    )
    .action(async (paths: string[], options: Options) => {
      const source = await readChecked(paths, options, io);
      const limits = limitsFrom(options, source);
      const { maxOutstanding, ...others } = limits;
      if (hasLimit(others) || maxOutstanding?.relative === true || source.diagnosis.span.snapshots === 2) {
        refuseRestart(source.diagnosis);
      }
      const patterns = options.tag ?? [];
      const checked = checkGrowth(source, patterns, limits);
      if (checked.length === 0 && options.allowAbsent !== true) {
        throw new UsageError(
          `no tag matches ${patterns.join(", ")} in any snapshot; tags are case-sensitive (--allow-absent passes this)`,
        );
      }
      const report: CheckReport = {
        checked,
        span: source.diagnosis.span,
        timed: source.timed,
        timesNote: source.timesNote,
        allowUndecided: options.allowUndecided === true,
        explain: options.explain === true,
        compared: comparedLines(paths, patterns, limits),
      };
      if (options.junit !== undefined) await writeReport(options.junit, report);
      io.stdout.write(options.json === true ? renderCheckJson(report) : renderCheckText(report, paintFor(io)));
      const code = codeOf(checked, report.allowUndecided);
      if (code === 2) io.stderr.write(`poolscope: ${needsWords(checked)}\n`);
      finish(source.finish(code));
    });
}

/** 1 where a tag failed; else 2 where one is undecided and that is not allowed; else 0. */
function codeOf(checked: readonly CheckedTag[], allowUndecided: boolean): ExitCode {
  if (checked.some(({ outcome }) => outcome === "failed")) return 1;
  return !allowUndecided && checked.some(({ outcome }) => outcome === "undecided") ? 2 : 0;
}

function limitsFrom(options: Options, { first, last }: Checked): GrowthLimits {
  const { per, perTag, maxPer: maxBlocks = MAX_BLOCKS_PER_OPERATION } = options;
  if (per !== undefined && perTag !== undefined) throw new UsageError("give --per or --per-tag, not both");
  if (per === undefined && perTag === undefined && options.maxPer !== undefined) {
    throw new UsageError("--max-per needs the number of operations: give --per or --per-tag");
  }
  const operations = perTag === undefined ? per : operationsBy(tagOf(perTag), perTag, first, last);
  return {
    ...(options.defaultLimits === true ? DEFAULT_LIMITS : {}),
    ...(options.maxGrowth === undefined ? {} : { maxBytesPerHour: options.maxGrowth }),
    ...(options.maxOutstanding === undefined ? {} : { maxOutstanding: options.maxOutstanding }),
    ...(operations === undefined ? {} : { perOperation: { operations, maxBlocks } }),
  };
}

function tagOf(text: string): number {
  const tag = parseTag(text);
  if (tag === undefined) throw new UsageError(`--per-tag: ${JSON.stringify(text)} is no tag; give one such as Proc`);
  return tag;
}

function comparedLines(paths: readonly string[], patterns: readonly string[], limits: GrowthLimits): readonly string[] {
  const { maxBytesPerHour, maxOutstanding, maxGainedBytes, perOperation } = limits;
  const given = [
    maxOutstanding === undefined
      ? undefined
      : `${maxOutstanding.relative ? "+" : ""}${maxOutstanding.blocks} blocks outstanding`,
    maxGainedBytes === undefined ? undefined : `+${formatBytes(maxGainedBytes)}`,
    maxBytesPerHour === undefined ? undefined : `${formatBytes(maxBytesPerHour)}/h`,
    perOperation === undefined
      ? undefined
      : `${perOperation.maxBlocks} blocks per operation of ${perOperation.operations}`,
  ].filter((part) => part !== undefined);
  return [
    `compared: ${paths.join(", then ")}`,
    `tags: ${patterns.length === 0 ? "all" : patterns.join(", ")}`,
    given.length === 0 ? "limits: none; the verdict on each tag decides" : `limits: ${given.join("; ")}`,
  ];
}

function parseGrowth(value: string): number {
  const slash = value.lastIndexOf("/");
  const match = slash < 0 ? null : /^(?:h|hour|d|day|min)$/i.exec(value.slice(slash + 1).trim());
  const bytes = parseBytes(value.slice(0, Math.max(0, slash)));
  if (match === null || bytes === undefined) {
    throw new UsageError(
      `--max-growth: ${JSON.stringify(value)} is not understood; give a size per hour such as 64KiB/h`,
    );
  }
  const unit = match[0].toLowerCase();
  return unit.startsWith("d") ? bytes / 24 : unit === "min" ? bytes * 60 : bytes;
}

function parseBlocks(value: string): NonNullable<GrowthLimits["maxOutstanding"]> {
  const match = /^(\+?)(\d{1,15})$/.exec(value.trim());
  if (match === null) {
    throw new UsageError(
      `--max-outstanding: ${JSON.stringify(value)} is not understood; give a number such as 100, or +0`,
    );
  }
  return { blocks: Number(match[2]), relative: match[1] === "+" };
}

function parsePer(value: string): number {
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(value)) {
    throw new UsageError(`--max-per: ${JSON.stringify(value)} is not understood; give a number such as 0.01`);
  }
  return Number(value);
}

async function writeReport(path: string, report: CheckReport): Promise<void> {
  const { from, to } = report.span;
  try {
    await writeFile(path, renderJUnit("poolscope check", checkCases(report), (to - from) / 1000));
  } catch (error) {
    throw new AccessError(`cannot write ${path}`, error instanceof Error ? error.message : "", error);
  }
}
