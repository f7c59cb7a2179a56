// `poolscope dump FILE modules`: loaded and unloaded modules, with what their images tell.

import { answerModules } from "../../formats/crash-dump/answers.ts";
import { hex } from "../../formats/crash-dump/bytes.ts";
import { readModuleFacts, type ModuleFacts } from "../../formats/crash-dump/module-facts.ts";
import { formatTime } from "../../model/time.ts";
import { plural } from "../../model/units.ts";
import { percentText } from "../../words/dump.ts";
import { dumpJson } from "./json.ts";
import { noticeLines, print, printJson, type DumpRun } from "./run.ts";
import { moduleTable, problemLines, unloadedTable } from "./text.ts";

/** Loaded and unloaded modules. */
export function runModules(run: DumpRun): void {
  const { dump, io, width, path } = run;
  const answer = answerModules(dump);
  const facts = readModuleFacts(dump, answer.modules).slice(0, run.top);
  const problems = [...dump.problems, ...answer.problems];
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, path),
      modules: facts.map(moduleJson),
      unloaded: answer.unloaded.map((each) => ({
        name: each.name,
        start: hex(each.start),
        end: hex(each.end),
        time: each.time === undefined ? null : formatTime(each.time),
      })),
      problems,
    });
    return;
  }
  const rows = facts.map((each) => ({
    ...each,
    version: each.fileVersion ?? "",
    company: each.company ?? "",
    stamp: each.timeDateStamp === undefined ? "" : stampText(each.timeDateStamp, dump.system.time),
    coverage: each.coverage === undefined ? "" : percentText(each.coverage),
  }));
  print(io, [
    ...noticeLines(dump),
    `${plural(answer.modules.length, "module")}${answer.unloaded.length > 0 ? `, ${plural(answer.unloaded.length, "unloaded module")}` : ""}`,
    ...(rows.length > 0 ? ["", moduleTable(rows, width)] : []),
    ...(answer.unloaded.length > 0 ? ["", unloadedTable(answer.unloaded, width)] : []),
    ...problemLines(problems, width),
  ]);
}

function moduleJson(facts: ModuleFacts): Record<string, unknown> {
  const { base, sizeOfImage, timeDateStamp, ...rest } = facts;
  return {
    base: hex(base),
    size: sizeOfImage,
    ...rest,
    ...(timeDateStamp === undefined ? {} : { timeDateStamp: hex(timeDateStamp) }),
  };
}

/** A date where the stamp is one; reproducible builds put a hash there. */
function stampText(stamp: number, taken: number | undefined): string {
  const time = stamp * 1000;
  const plausible = time > 800_000_000_000 && time < (taken ?? 4_000_000_000_000);
  return plausible ? formatTime(time).slice(0, 10) : hex(stamp);
}
