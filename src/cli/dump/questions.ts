// `poolscope dump FILE` without a question, `used` and `big`; text for people, JSON for programs.

import {
  answerBigPages,
  answerBugcheck,
  answerLookasides,
  answerPoolLimits,
  answerVerifier,
  blocksOf,
} from "../../formats/crash-dump/answers.ts";
import type { Dump } from "../../formats/crash-dump/dump.ts";
import type { IdleTag } from "../../formats/crash-dump/lookasides.ts";
import type { TagUses } from "../../formats/crash-dump/read-tag-table.ts";
import type { Knowledge } from "../../knowledge/knowledge.ts";
import { compileTagPattern, formatTag, type Tag } from "../../model/tag.ts";
import type { Triage } from "../../model/triage.ts";
import { plural } from "../../model/units.ts";
import { ownerText } from "../../reports/snapshot-report.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { idleText } from "../../words/dump-lists.ts";
import { bugcheckPoolText, verifierText } from "../../words/dump-bugcheck.ts";
import { triageJson, triageWithSteps } from "../../reports/triage-report.ts";
import { toSnapshot } from "../../sources/crash-dump.ts";
import { triaged } from "../triage.ts";
import type { DumpDrivers } from "./drivers.ts";
import { idleJson } from "./lookasides.ts";
import { heldJson, heldLines, heldOf } from "./held.ts";
import { bigJson, dumpJson, tagUsesJson, type RowNotes } from "./json.ts";
import { tagRows, type TagRow } from "./rows.ts";
import { driverProblems, findDrivers, noticeLines, print, printJson, type DumpRun } from "./run.ts";
import {
  bigLines,
  bigTable,
  driverLines,
  dumpLines,
  limitLines,
  poolLine,
  problemLines,
  tableLines,
  tagTable,
} from "./text.ts";

const CONSUMERS = 12;

/**
 * The biggest consumers and who holds them, the leaks known of them, then what the dump is and how certain that is. Answers
 * the exit code: 2 where nothing could be said of pool.
 */
export async function runSummary(run: DumpRun, uses: TagUses | string): Promise<0 | 2> {
  const { dump, io, path, width, paint, knowledge } = run;
  const problems = [...dump.problems, ...(typeof uses === "string" ? [] : uses.problems)];
  const lines = dumpLines(dump, path, width);
  const bugcheck = answerBugcheck(dump);
  const verifier = answerVerifier(dump);
  const crash = {
    ...(bugcheck === undefined ? {} : { poolBugcheck: { ...bugcheck, text: bugcheckPoolText(bugcheck) } }),
    ...(verifier === undefined ? {} : { verifier: { ...verifier, text: verifierText(verifier) } }),
  };
  const crashLines = [
    ...(bugcheck === undefined ? [] : [labelled("Pool", visible(bugcheckPoolText(bugcheck)), width, 0, 11)]),
    ...(verifier === undefined ? [] : [labelled("Verifier", visible(verifierText(verifier)), width, 0, 11)]),
  ];
  // A small dump whose bug check names a leak has answered; else nothing was said of pool.
  const code = bugcheck === undefined && (verifier?.level ?? 0) === 0 ? 2 : 0;
  if (typeof uses === "string") {
    lines.push(...crashLines);
    if (run.json) {
      printJson(io, { ...dumpJson(dump, path), canAnswer: false, cannotAnswer: uses, ...crash, problems });
      return code;
    }
    lines.push(
      "",
      paint.caution(labelled("", `This dump cannot answer pool questions: ${visible(uses)}.`, width, 0, 0)),
    );
    const modules = dump.triage?.modules.length ?? 0;
    if (modules > 0) {
      lines.push(`It does list ${plural(modules, "module")}: poolscope dump ${visible(path)} modules`);
    }
    const { kind } = dump.container;
    const advice = kind === "triage" || kind === "header-only" ? HOW_TO_GET_ONE : REPORT_IT;
    lines.push("", labelled("", advice, width, 0, 0));
    print(io, [...lines, ...problemLines(problems, width)]);
    return code;
  }
  const rows = rowsOf(run, uses);
  const shown = rows.slice(0, run.top ?? CONSUMERS);
  const more = rows.length - shown.length;
  const drivers = run.drivers === false ? undefined : await findDrivers(dump, tagsOf(shown), io);
  problems.push(...driverProblems(drivers));
  const held = heldOf(dump, uses, tagsOf(shown));
  const limits = answerPoolLimits(dump, uses);
  const idle = idleOf(dump, uses, tagsOf(shown));
  const triage = await triaged([toSnapshot(dump, uses, { path, modified: io.now() })], {
    knowledge,
    mappedDrivers: new Map(),
    driversOf: async () => (tag) => drivers?.of(tag) ?? [],
  });
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, path),
      canAnswer: true,
      ...crash,
      ...(triage === undefined ? {} : { triage: triageJson(triage) }),
      pool: {
        ...tagUsesJson(uses, rows, notesFor(run, shown, drivers)),
        limits: { nonpaged: limits.nonpaged ?? null, paged: limits.paged ?? null },
      },
      ...heldJson(held),
      idle: idle.map((each) => ({ ...idleJson(each), text: idleText(each) })),
      problems,
    });
    return 0;
  }
  const [title = "", ...structure] = lines;
  print(io, [
    title,
    ...noticeLines(dump),
    poolLine(uses, width),
    ...limitLines(limits, uses, width),
    ...(bugcheck === undefined && (verifier?.level ?? 0) === 0 ? [] : crashLines),
    "",
    ...suspectLines(triage, run),
    paint.bold("Biggest consumers"),
    tagTable(shown, (row) => aboutTag(knowledge, row, drivers), width),
    ...(more > 0 ? [paint.dim(`${plural(more, "more tag")}: poolscope dump ${visible(path)} used`)] : []),
    ...heldLines(held, path, width),
    ...idle.map((each, i) => labelled(i === 0 ? "Idle" : "", visible(idleText(each)), width, 0, 11)),
    ...driverLines(shown, drivers, width),
    ...knownLeakLines(knowledge, shown, width),
    ...problemLines(problems, width),
    "",
    ...tableLines(uses, width),
    ...structure.filter((each) => !noticeLines(dump).includes(each)),
  ]);
  return 0;
}

/** Idle blocks are worth a line from this share of a tag's blocks on. */
const IDLE_WORTH = 0.05;

/** Of these tags: blocks that lie idle in lookaside lists, where they are a share of all that matters. */
function idleOf(dump: Dump, uses: TagUses, tags: readonly Tag[]): (IdleTag & { readonly of: number })[] {
  return (answerLookasides(dump)?.idleTags ?? [])
    .filter(({ tag }) => tags.includes(tag))
    .map((each) => ({ ...each, of: blocksOf(uses.columns, each.tag) }))
    .filter(({ blocks, of }) => blocks >= IDLE_WORTH * of && of > 0);
}

/** Suspects told in full before the table. */
const FULL_SUSPECTS = 3;

function suspectLines(triage: Triage | undefined, { width, paint }: DumpRun): string[] {
  const lines = triage === undefined ? [] : triageWithSteps(triage, { width, paint, full: FULL_SUSPECTS });
  return lines.length === 0 ? [] : [...lines, ""];
}

const HOW_TO_GET_ONE =
  "A dump that can is written with 'Kernel memory dump' or 'Automatic memory dump' chosen in the start-up and recovery " +
  "settings; on Windows 11, Task Manager writes one of the running system (System process, Create live kernel memory dump).";

const REPORT_IT =
  "If it is a dump of a running Windows, please report it: `poolscope dump FILE --structure-report` prints what it is made of, " +
  "without names, tags, contents and addresses.";

function rowsOf(run: DumpRun, uses: TagUses): TagRow[] {
  return tagRows(uses.columns, run.tags, run.sort);
}

function tagsOf(rows: readonly TagRow[]): Tag[] {
  return rows.map((row) => row.tag);
}

/** Drivers are told of the rows they were looked for only. */
function notesFor(run: DumpRun, asked: readonly TagRow[], drivers: DumpDrivers | undefined): (tag: Tag) => RowNotes {
  const tags = new Set(tagsOf(asked));
  return (tag) => ({
    owner: run.knowledge.ownerOf(tag),
    knownLeaks: run.knowledge.knownLeaksOf(tag),
    drivers: tags.has(tag) ? drivers?.of(tag) : undefined,
  });
}

/** The drivers of the dump that use the tag, else who is known to own it. */
function aboutTag(knowledge: Knowledge, row: TagRow, drivers: DumpDrivers | undefined): string {
  const found = drivers?.of(row.tag) ?? [];
  return found.length > 0 ? found.map((driver) => driver.file).join(", ") : ownerText(knowledge.ownerOf(row.tag));
}

function knownLeakLines(knowledge: Knowledge, rows: readonly TagRow[], width: number): string[] {
  const lines = rows.flatMap((row) =>
    knowledge
      .knownLeaksOf(row.tag)
      .map((leak) =>
        labelled(
          formatTag(row.tag),
          visible(`${leak.culprit}: ${leak.cause} ${leak.remedy} (${leak.source})`),
          width,
          0,
          11,
        ),
      ),
  );
  return lines.length === 0
    ? []
    : ["", "Known leaks with these tags (one dump cannot tell whether a tag grows)", ...lines];
}

/** Every tag. */
export async function runUsed(run: DumpRun, uses: TagUses): Promise<void> {
  const { dump, io, width, knowledge } = run;
  const rows = rowsOf(run, uses);
  const shown = run.top === undefined ? rows : rows.slice(0, run.top);
  const drivers = run.drivers === true ? await findDrivers(dump, tagsOf(shown), io) : undefined;
  const problems = [...dump.problems, ...uses.problems, ...driverProblems(drivers)];
  if (run.json) {
    const pool = tagUsesJson(uses, shown, notesFor(run, shown, drivers));
    printJson(io, { ...dumpJson(dump, run.path), pool, problems });
    return;
  }
  print(io, [
    ...noticeLines(dump),
    poolLine(uses, width),
    "",
    tagTable(shown, (row) => aboutTag(knowledge, row, drivers), width),
    ...heldLines(heldOf(dump, uses, tagsOf(shown)), run.path, width),
    ...driverLines(shown, drivers, width),
    ...problemLines(problems, width),
    "",
    ...tableLines(uses, width),
  ]);
}

/** Large allocations, largest first. */
export function runBig(run: DumpRun): void {
  const { dump, io, width } = run;
  const big = answerBigPages(dump);
  const matchers = run.tags.map((pattern) => compileTagPattern(pattern));
  const passing = (big?.allocations ?? [])
    .filter((each) => matchers.length === 0 || matchers.some((matches) => matches(each.tag)))
    .sort((a, b) => b.bytes - a.bytes || (a.address < b.address ? -1 : 1));
  const shown = run.top === undefined ? passing : passing.slice(0, run.top);
  const problems = [...dump.problems, ...(big?.problems ?? ["the table of large allocations was not found"])];
  if (run.json) {
    printJson(io, { ...dumpJson(dump, run.path), big: big === undefined ? null : bigJson(big, shown), problems });
    return;
  }
  print(io, [
    ...noticeLines(dump),
    ...(big === undefined ? [] : [...bigLines(big, width), "", bigTable(shown, width)]),
    ...problemLines(problems, width),
  ]);
}
