// `poolscope dump FILE verifier`: Driver Verifier's state, and what its drivers hold by the place that asked for it.

import { answerModules, answerVerifier, memoryOf } from "../../formats/crash-dump/answers.ts";
import { readVerifierAllocations, type VerifierCaller } from "../../formats/crash-dump/verifier-allocations.ts";
import { FormatError } from "../../model/errors.ts";
import { formatTag } from "../../model/tag.ts";
import { formatBytes, formatCount } from "../../model/units.ts";
import { visible } from "../../reports/terminal-text.ts";
import { renderTable, type TableColumn } from "../../reports/text-table.ts";
import { trackedText, verifierText } from "../../words/dump-bugcheck.ts";
import { dumpJson } from "./json.ts";
import { noticeLines, print, printJson, type DumpRun } from "./run.ts";
import { problemLines } from "./text.ts";

const COLUMNS: readonly TableColumn[] = [
  { title: "Asked for at", align: "left", priority: 0 },
  { title: "Tag", align: "left", priority: 0 },
  { title: "Allocations", align: "right", priority: 0 },
  { title: "Bytes", align: "right", priority: 0 },
];

/** Throws FormatError where the dump does not hold Verifier's state. */
export function runVerifier(run: DumpRun): void {
  const { dump, io, path, width } = run;
  const state = answerVerifier(dump);
  if (state === undefined) throw new FormatError("crash-dump", "it does not hold Driver Verifier's state");
  const progress = { pages: 0, notInDump: 0, exhausted: false };
  const tracked =
    dump.memory === undefined || state.level === 0
      ? undefined
      : readVerifierAllocations(memoryOf(dump).space, answerModules(dump).modules, progress);
  const shown = tracked?.callers.slice(0, run.top ?? tracked.callers.length) ?? [];
  const problems = [
    ...dump.problems,
    ...(progress.exhausted ? ["the page tables lead round in circles: the scan was stopped"] : []),
  ];
  const counted =
    state.counts === undefined ? undefined : state.counts.pagedAllocations + state.counts.nonpagedAllocations;
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, path),
      verifier: { ...state, text: verifierText(state) },
      tracked:
        tracked === undefined
          ? null
          : {
              ...tracked,
              callers: shown.map((each) => ({ ...each, tag: formatTag(each.tag) })),
              text: trackedText({ ...tracked, counted }),
            },
      problems,
    });
    return;
  }
  print(io, [
    ...noticeLines(dump),
    verifierText(state),
    ...(tracked === undefined ? [] : [trackedText({ ...tracked, counted })]),
    ...(shown.length === 0 ? [] : ["", callerTable(shown, width)]),
    ...problemLines(problems, width),
  ]);
}

function callerTable(callers: readonly VerifierCaller[], width: number): string {
  const rows = callers.map(({ module, rva, tag, allocations, bytes }) => [
    visible(`${module}+0x${rva.toString(16)}`),
    visible(formatTag(tag)),
    formatCount(allocations),
    formatBytes(bytes),
  ]);
  return renderTable(COLUMNS, rows, width);
}
