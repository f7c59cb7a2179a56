// `poolscope diff A B`: what every tag gained between two snapshots; with one source, between its first and its last.

import type { Command } from "commander";
import { isNewBoot } from "../detect/series/boots.ts";
import { UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { compareSnapshots, renderComparisonJson, renderComparisonText } from "../reports/comparison-report.ts";
import { gapLines } from "../reports/snapshot-report.ts";
import { triageJson, triageWithSteps } from "../reports/triage-report.ts";
import type { ExitCode, Finish } from "./command.ts";
import { ownerFrom } from "./attribution-sources.ts";
import { driversOfIndex } from "./driver-look-up.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { tagPattern, wholeNumber } from "./options.ts";
import {
  addSourceOptions,
  intakeHead,
  openWithProgress,
  paintFor,
  type OpenedSources,
  type SourceOptions,
} from "./shared.ts";
import { inOrder, takeFrom } from "./snapshot.ts";
import { triaged } from "./triage.ts";

/** Suspects told in full before the table. */
const FULL_SUSPECTS = 3;

interface Options extends SourceOptions {
  readonly json?: true;
  readonly tag?: readonly string[];
  readonly top: number;
  readonly pooltag?: string;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("diff")
      .description("two snapshots compared: what every tag gained")
      .argument("<a>", "the earlier source; of several snapshots in it the last, or the first where <b> is left out")
      .argument("[b]", "the later source; of several snapshots in it the last"),
  )
    .option("--tag <pattern>", "only these tags; may be repeated", tagPattern("--tag"))
    .option("--top <n>", "at most this many rows", wholeNumber("--top"), 40)
    .option("--json", "for programs")
    .option("--pooltag <file>", "your pooltag.txt")
    .addHelpText(
      "after",
      `
Examples:
  poolscope diff monday.txt friday.txt      two logs of poolmon -n
  poolscope diff week.pool                  first against last snapshot of a recording
  poolscope diff a.txt b.txt --tag 'Acm?' --json`,
    )
    .action(async (a: string, b: string | undefined, options: Options) => {
      const { knowledge } = await loadKnowledge(options.pooltag, io);
      const sides =
        b === undefined
          ? await endsOf(await openWithProgress([a], options, io, { maxSnapshots: 2 }), a)
          : await twoSources(a, b, options, io);
      inOrder(sides.before, sides.after);
      const comparison = compareSnapshots(sides.before, sides.after, sides.restarted, options.tag ?? []);
      const { before, after, restarted, mappedDrivers } = sides;
      const triage =
        (options.tag ?? []).length > 0
          ? undefined
          : await triaged(restarted ? [after] : [before, after], {
              knowledge,
              mappedDrivers,
              driversOf: (tags) => driversOfIndex(io, tags, after.origin),
            });
      if (options.json === true) {
        io.stdout.write(
          renderComparisonJson(
            comparison,
            sides.intakes.map((intake) => intake()),
            triage && triageJson(triage),
          ),
        );
      } else {
        for (const intake of sides.intakes) io.stdout.write(intakeHead({ intake }, io.stdout.columns));
        const paint = paintFor(io);
        const suspects = triage && triageWithSteps(triage, { width: io.stdout.columns, paint, full: FULL_SUSPECTS });
        const ownerOf = ownerFrom({ knowledge, mappedDrivers: sides.mappedDrivers });
        io.stdout.write(
          renderComparisonText(comparison, {
            width: io.stdout.columns,
            top: options.top,
            paint,
            ownerOf,
            suspects: suspects === undefined || suspects.length === 0 ? [] : [...suspects, ""],
          }),
        );
        const gaps = gapLines([...sides.before.gaps, ...sides.after.gaps], { width: io.stdout.columns, paint });
        if (gaps.length > 0) io.stdout.write(`${gaps.join("\n")}\n`);
      }
      finish(sides.finish());
    });
}

interface Sides {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly restarted: boolean;
  readonly mappedDrivers: OpenedSources["mappedDrivers"];
  /** What was brought: of one source, or of both. */
  readonly intakes: readonly OpenedSources["intake"][];
  finish(): ExitCode;
}

async function twoSources(a: string, b: string, options: Options, io: Io): Promise<Sides> {
  // One order of day and month for both.
  const more = { near: Infinity, datesOf: [a, b] };
  const [first, second] = [
    await openWithProgress([a], options, io, more),
    await openWithProgress([b], options, io, more),
  ];
  const [one, two] = [await takeFrom(first, undefined), await takeFrom(second, undefined)];
  const hosts = [one.snapshot.origin.host, two.snapshot.origin.host];
  if (hosts[0] !== undefined && hosts[1] !== undefined && hosts[0].toLowerCase() !== hosts[1].toLowerCase()) {
    throw new UsageError(`two machines: ${hosts[0]} (${a}) and ${hosts[1]} (${b}); compare snapshots of one machine`);
  }
  return {
    before: one.snapshot,
    after: two.snapshot,
    restarted: isNewBoot(one.snapshot, two.snapshot),
    mappedDrivers: new Map([...one.mappedDrivers, ...two.mappedDrivers]),
    intakes: [first.intake, second.intake],
    finish: () => (one.finish(0) === 2 || two.finish(0) === 2 ? 2 : 0),
  };
}

/** First and last snapshot of one source, and whether the machine restarted anywhere between them. */
async function endsOf(timeline: OpenedSources, path: string): Promise<Sides> {
  let before: Snapshot | undefined;
  let last: Snapshot | undefined;
  let restarted = false;
  for await (const snapshot of timeline.snapshots()) {
    if (last !== undefined && isNewBoot(last, snapshot)) restarted = true;
    before ??= snapshot;
    last = snapshot;
  }
  if (before === undefined || last === undefined || before === last) {
    throw new UsageError(
      `${path} holds ${last === undefined ? "no" : "only one"} snapshot; name a second source to compare it with`,
    );
  }
  const after: Snapshot = { ...last, gaps: [...last.gaps, ...timeline.gaps] };
  return {
    before,
    after,
    restarted,
    mappedDrivers: timeline.mappedDrivers,
    intakes: [timeline.intake],
    finish: () => timeline.finish(0),
  };
}
