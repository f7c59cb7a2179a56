import { expect, test } from "vitest";
import type { Step } from "../model/attribution.ts";
import { parseTag } from "../model/tag.ts";
import { nextStepsLines } from "./next-steps.ts";
import { ansiPaint, plainPaint } from "./terminal-text.ts";

const tag = (text: string): number => parseTag(text) ?? 0;
const trace = (text: string): Step => ({ kind: "trace-stacks", tag: tag(text) });

test("what several findings ask for is said once, commands of one purpose together, none of them broken", () => {
  const steps: Step[] = [trace("Irp"), { kind: "list-filters" }, trace("amda"), { kind: "list-filters" }, trace("Irp")];
  const lines = nextStepsLines(steps, { width: 40, paint: plainPaint });
  expect(lines.slice(0, 3)).toEqual([
    "Next steps:",
    '   poolscope trace --tag "Irp " --for 60s -o pool.etl',
    "   poolscope trace --tag amda --for 60s -o pool.etl",
  ]);
  expect(lines.filter((line) => line.includes("fltmc"))).toEqual(["   fltmc filters"]);
  expect(lines.filter((line) => line.startsWith("      ") && line.length > 40)).toEqual([]);
});

test("a step without a command is a sentence; without steps there is nothing; commands stand out in colour", () => {
  const look: Step = { kind: "look-again", afterMs: 3_600_000 };
  expect(nextStepsLines([look], { width: 80, paint: plainPaint })).toEqual([
    "Next steps:",
    "   Look again after 1 h more.",
  ]);
  expect(nextStepsLines([], { width: 80, paint: plainPaint })).toEqual([]);
  expect(nextStepsLines([trace("amda")], { width: 80, paint: ansiPaint })[1]).toContain("\u001B[1mpoolscope trace");
});
