// `poolscope check SOURCE...`: the gate for a driver's own tests; exit code 1 where a tag grew more than it may.

import type { Command } from "commander";
import { writeFile } from "node:fs/promises";
import { checkGate, type GateResult, type GateRules } from "../detect/series/gate.ts";
import { AccessError, UsageError } from "../model/errors.ts";
import { formatTag, formatTagHex } from "../model/tag.ts";
import { abstentionWords } from "../words/abstentions.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatDuration, parseBytes, plural } from "../model/units.ts";
import type { Diagnosis } from "../model/verdict.ts";
import { renderJUnit } from "../reports/junit.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { detectSources } from "./leaks.ts";
import { tagPattern } from "./options.ts";
import { addSourceOptions, type SourceOptions } from "./shared.ts";

interface Options extends SourceOptions {
  readonly tag?: readonly string[];
  readonly maxGrowth?: number;
  readonly maxOutstanding?: NonNullable<GateRules["maxOutstanding"]>;
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
    .option("--junit <file>", "write the result as JUnit XML too")
    .option("--allow-absent", "pass where no snapshot lists a tag that matches")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Without a limit any leak verdict on the tags fails. A verdict needs a dozen snapshots; with fewer the limits are applied to
what was gained from the first to the last.

Examples:
  poolscope check before.txt after.txt --tag 'Acm?' --max-outstanding +0
  poolscope check soak.pool --tag 'Acm?' --max-growth 64KiB/h --junit pool.xml
  poolscope check soak.pool --tag AcmA --tag AcmB`,
    )
    .action(async (paths: string[], options: Options) => {
      const { first, last, diagnosis, timeline } = await detectSources(paths, options, io);
      comparable(diagnosis, options);
      const rules: GateRules = {
        tags: options.tag ?? [],
        ...(options.maxGrowth === undefined ? {} : { maxBytesPerHour: options.maxGrowth }),
        ...(options.maxOutstanding === undefined ? {} : { maxOutstanding: options.maxOutstanding }),
      };
      const results = checkGate(first, last, diagnosis, rules);
      if (results.length === 0 && options.allowAbsent !== true) {
        throw new UsageError(
          `no tag matches ${rules.tags.join(", ")} in any snapshot; tags are case-sensitive (--allow-absent passes this)`,
        );
      }
      if (options.junit !== undefined) await writeReport(options.junit, results, diagnosis);
      io.stdout.write(options.json === true ? toJson(results, diagnosis) : toText(results, diagnosis));
      finish(timeline.finish(results.some((result) => result.failures.length > 0) ? 1 : 0));
    });
}

/** Refuses what cannot be judged, so that a broken test setup does not pass. */
function comparable(diagnosis: Diagnosis, options: Options): void {
  const { boots, snapshots } = diagnosis.span;
  if (snapshots < 2)
    throw new UsageError("one snapshot shows no growth; give one from before the test and one from after it");
  const boot = boots[0];
  if (boot !== undefined && (options.maxOutstanding?.relative === true || options.maxGrowth !== undefined)) {
    throw new UsageError(
      `the machine restarted before ${formatTime(boot)}: what was outstanding before is gone; use --from and --to to stay within one boot`,
    );
  }
}

function parseGrowth(value: string): number {
  const match = /^(.*?)\s*\/\s*(h|hour|d|day|min)$/i.exec(value.trim());
  const bytes = parseBytes(match?.[1] ?? "");
  if (match === null || bytes === undefined) {
    throw new UsageError(
      `--max-growth: ${JSON.stringify(value)} is not understood; give a size per hour such as 64KiB/h`,
    );
  }
  const unit = (match[2] ?? "h").toLowerCase();
  return unit.startsWith("d") ? bytes / 24 : unit === "min" ? bytes * 60 : bytes;
}

function parseBlocks(value: string): NonNullable<GateRules["maxOutstanding"]> {
  const match = /^(\+?)(\d{1,15})$/.exec(value.trim());
  if (match === null) {
    throw new UsageError(
      `--max-outstanding: ${JSON.stringify(value)} is not understood; give a number such as 100, or +0`,
    );
  }
  return { blocks: Number(match[2]), relative: match[1] === "+" };
}

async function writeReport(path: string, results: readonly GateResult[], diagnosis: Diagnosis): Promise<void> {
  const cases = results.map((result) => ({
    name: `${formatTag(result.tag)} ${result.kind}`,
    failures: result.failures,
    output: result.measured,
  }));
  const seconds = (diagnosis.span.to - diagnosis.span.from) / 1000;
  try {
    await writeFile(path, renderJUnit("poolscope check", cases, seconds));
  } catch (error) {
    throw new AccessError(`cannot write ${path}`, error instanceof Error ? error.message : "", error);
  }
}

function toText(results: readonly GateResult[], diagnosis: Diagnosis): string {
  const failed = results.filter((result) => result.failures.length > 0);
  const { span, abstentions } = diagnosis;
  return [
    `${formatTime(span.from)} to ${formatTime(span.to)} (${formatDuration(span.to - span.from)}), ${plural(span.snapshots, "snapshot")}`,
    ...(failed.length > 0 ? failed : results.slice(0, 20)).flatMap((result) => [
      `${result.failures.length > 0 ? "FAIL" : "ok  "}  ${formatTag(result.tag)} ${result.kind}: ${result.measured}`,
      ...result.failures.map((text) => `      ${text}`),
    ]),
    failed.length > 0
      ? `${failed.length} of ${plural(results.length, "tag")} failed.`
      : `${plural(results.length, "tag")} passed.`,
    ...(failed.length > 0 ? [] : abstentions.map(abstentionWords)),
    "",
  ].join("\n");
}

function toJson(results: readonly GateResult[], diagnosis: Diagnosis): string {
  const { span } = diagnosis;
  return `${JSON.stringify(
    {
      from: formatIso(span.from),
      to: formatIso(span.to),
      snapshots: span.snapshots,
      passed: results.every((result) => result.failures.length === 0),
      tags: results.map(({ tag, kind, failures, measured }) => ({
        tag: formatTag(tag),
        raw: formatTagHex(tag),
        pool: kind,
        passed: failures.length === 0,
        failures,
        measured,
      })),
    },
    null,
    1,
  )}\n`;
}
