// `poolscope doctor [SOURCE...]`: each published leak rated for a machine, and the settings that hide leaks. Nothing is changed.

import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { rateCase, rateSettings } from "../attribution/doctor.ts";
import { triageOf } from "../detect/triage/triage.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import { listedTag } from "../knowledge/tag-lookup.ts";
import type { MachineSettings } from "../model/doctor.ts";
import type { CaseRow } from "../model/known-case.ts";
import { usesOf, type Snapshot } from "../model/snapshot.ts";
import type { LoadedDriver } from "../model/surroundings.ts";
import type { Tag } from "../model/tag.ts";
import type { Triage } from "../model/triage.ts";
import { needsAction, needsLook, type Verdict } from "../model/verdict.ts";
import { renderDoctorJson, renderDoctorText, type Examination } from "../reports/doctor-report.ts";
import type { Finish } from "./command.ts";
import { readWindowsSettings } from "./doctor/windows-settings.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { diagnoseSources, type Diagnosed } from "./leaks.ts";
import { openLiveMachine } from "./live-machine.ts";
import { durationOption } from "./options.ts";
import { addSourceOptions, intakeHead, paintFor, type SourceOptions } from "./shared.ts";
import { runProgram } from "./unattended/carry-out.ts";

interface Options extends SourceOptions {
  readonly apart: number;
  readonly all?: true;
  readonly json?: true;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("doctor")
      .description("each published leak rated for a machine, and settings that hide leaks; nothing is changed")
      .argument("[source...]", "a recording or other source; without one: this machine (Windows)"),
  )
    .addOption(durationOption("--apart <duration>", "of this machine: time between the two looks", 10_000))
    .option("--all", "also each case that is ruled out or cannot be judged")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Likely: the driver's own tags, or every part of a published sign, are there and held. Unlikely: there, watched, not growing, or the
sign does not hold. None: ruled out by tags, drivers or the version of Windows. What was not measured is not judged. Remedies are
told with the way back and never carried out.

Examples:
  poolscope doctor                  this machine
  poolscope doctor week.pool --all  a recording, every case with its reason`,
    )
    .action(async (paths: string[], options: Options) => {
      const { knowledge } = await loadKnowledge(undefined, io);
      const write = (examination: Examination, head: string): void => {
        if (options.json === true) io.stdout.write(renderDoctorJson(examination));
        else {
          const { columns } = io.stdout;
          const report = { width: columns, paint: paintFor(io), all: options.all === true };
          io.stdout.write(head + renderDoctorText(examination, report));
        }
      };
      if (paths.length === 0) {
        write(await examineLive(knowledge, options.apart, io), "");
        return;
      }
      const diagnosed = await diagnoseSources(paths, options, io);
      for (const one of diagnosed) write(examineRecord(one, knowledge), intakeHead(one.timeline, io.stdout.columns));
      finish(Math.max(0, ...diagnosed.map(({ timeline }) => timeline.finish(0))) as 0 | 2);
    });
}

async function examineLive(knowledge: Knowledge, apart: number, io: Io): Promise<Examination> {
  const sampler = await openLiveMachine(io, true);
  try {
    const first = sampler.sample();
    await pause(apart);
    const last = sampler.sample();
    const triage = triageOf([first, last], knowledge);
    const isWindows = io.platform === "win32";
    const told: MachineSettings = isWindows ? readWindowsSettings(io, runProgram) : { refused: {} };
    const growing = new Set(triage === undefined ? [] : tagsHeld(triage));
    const drivers = first.surroundings?.drivers;
    return examine({ last, knowledge, growing, wasJudged: () => false, drivers, told });
  } finally {
    sampler.close();
  }
}

function examineRecord({ diagnosis, last, beside, wasJudged }: Diagnosed, knowledge: Knowledge): Examination {
  const { verdicts, triage } = diagnosis;
  const growing = new Set([
    ...verdicts.filter(({ state }) => needsAction(state)).flatMap(tagsOfVerdict),
    ...(triage === undefined ? [] : tagsHeld(triage)),
  ]);
  const open = new Set(
    verdicts.filter(({ state }) => needsLook(state) || state === "not-judged").flatMap(tagsOfVerdict),
  );
  const looked = (tag: Tag): boolean =>
    !open.has(tag) &&
    usesOf(last.columns)
      .filter((use) => listedTag(use.tag) === tag && use.outstanding > 0)
      .every((use) => wasJudged(use));
  return examine({ last, knowledge, growing, wasJudged: looked, drivers: beside.drivers, told: { refused: {} } });
}

interface Found {
  readonly last: Snapshot;
  readonly knowledge: Knowledge;
  readonly growing: ReadonlySet<Tag>;
  readonly wasJudged: (tag: Tag) => boolean;
  readonly drivers: readonly LoadedDriver[] | undefined;
  readonly told: MachineSettings;
}

function examine({ last, knowledge, growing, wasJudged, drivers, told }: Found): Examination {
  const { origin, time } = last;
  const rows = rowsOf(last);
  const { bootTime, windowsBuild } = origin;
  const machine = {
    present: new Set(rows.filter(({ blocks }) => blocks > 0).map(({ tag }) => listedTag(tag))),
    isWhole: triageOf([last], knowledge)?.limits.includes("partial-listing") === false && origin.listing === undefined,
    growing: new Set([...growing].map(listedTag)),
    wasJudged,
    signs: new Set(knowledge.patternsOf(rows).map((match) => match.case.id)),
    hasCounters: rows.some(({ freedShare }) => freedShare !== undefined),
    drivers,
    windowsBuild,
  };
  const settings: MachineSettings = {
    ...told,
    ...(bootTime === undefined ? {} : { uptime: time - bootTime }),
    ...(windowsBuild === undefined ? {} : { windowsBuild }),
  };
  return {
    ...(origin.host === undefined ? {} : { host: origin.host }),
    time,
    cases: knowledge.allCases().map((known) => rateCase(known, machine)),
    settings,
    ratedSettings: rateSettings(settings),
  };
}

/** Rows with the share of frees since boot, where no 32-bit counter can have gone round. */
function rowsOf({ columns, counterBits }: Snapshot): readonly CaseRow[] {
  return usesOf(columns).map(({ tag, kind, outstanding, bytes, allocs, frees }) => {
    const isKnown = allocs !== undefined && frees !== undefined && allocs > 0;
    const isExact = counterBits === 64 || (allocs ?? 0) - (frees ?? 0) === outstanding;
    return { tag, kind, blocks: outstanding, bytes, ...(isKnown && isExact ? { freedShare: frees / allocs } : {}) };
  });
}

function tagsOfVerdict({ tag, group }: Verdict): readonly Tag[] {
  return [tag, ...group.map((member) => member.tag)];
}

function tagsHeld({ findings }: Triage): readonly Tag[] {
  return findings
    .filter(({ state }) => state === "held-not-freed")
    .flatMap(({ tag, equal }) => [tag, ...equal.map((each) => each.tag)]);
}
