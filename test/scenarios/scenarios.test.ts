// Each file beside this one is a story of pool counters with the verdict it must get. Lines below the dashes:
//   no finding                     nothing is called a leak
//   finding TAG KIND STATE         the only findings are those named, in this order
//   grows count | size             of the finding above
//   rate BYTES_PER_HOUR PERCENT    its rate, within so much
//   since OFFSET TOLERANCE         its start (and `until`), as durations from the first snapshot
//   with TAG RATIO                 a member of its group
//   state TAG KIND STATE           what is said of a tag that is no finding
//   says WORDS                     somewhere in abstentions, gaps, reasons or next steps

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribute.ts";
import { attributionSources } from "../../src/cli/attribution-sources.ts";
import { createKnowledge } from "../../src/knowledge/knowledge.ts";
import { Detector } from "../../src/detect/detector.ts";
import { formatTag, parseTag } from "../../src/model/tag.ts";
import { parseDuration } from "../../src/model/units.ts";
import type { Diagnosis, Verdict } from "../../src/model/verdict.ts";
import { abstentionWords } from "../../src/words/abstentions.ts";
import { evidenceWords } from "../../src/words/evidence.ts";
import { stepLine } from "../../src/words/steps.ts";
import { parseScenario, type Scenario } from "./scenario.test-support.ts";

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));

test.each(files)("%s", (name) => {
  const scenario = parseScenario(readFileSync(join(import.meta.dirname, name), "utf8"));
  const detector = new Detector();
  for (const snapshot of scenario.snapshots) detector.push(snapshot);
  const diagnosis = detector.diagnose();
  if (diagnosis === undefined) throw new Error("no diagnosis");
  check(scenario, diagnosis);
});

test("half of the stories are innocent", () => {
  const innocent = files.filter((name) => name.startsWith("innocent-"));
  expect(files.length).toBeGreaterThanOrEqual(30);
  expect(innocent.length * 2).toBeGreaterThanOrEqual(files.length);
});

function check(scenario: Scenario, diagnosis: Diagnosis): void {
  const findings = diagnosis.verdicts.filter((v) => v.state === "leaking" || v.state === "stopped-held");
  const named = scenario.expected.filter((line) => line.startsWith("finding ")).map((line) => line.slice(8));
  expect(findings.map((v) => `${formatTag(v.tag).trimEnd()} ${v.kind} ${v.state}`)).toEqual(named);
  expect(named.length > 0 || scenario.expected.includes("no finding")).toBe(true);
  let at = -1;
  for (const line of scenario.expected) {
    const [word = "", ...rest] = line.split(/\s+/);
    if (word === "finding") at += 1;
    else checkLine(word, rest, line, findings[at], scenario, diagnosis);
  }
}

function checkLine(
  word: string,
  rest: readonly string[],
  line: string,
  verdict: Verdict | undefined,
  scenario: Scenario,
  diagnosis: Diagnosis,
): void {
  const [a = "", b = "", c = ""] = rest;
  switch (word) {
    case "no":
      return;
    case "grows":
      expect(verdict?.grows).toBe(a);
      return;
    case "rate": {
      const share = (verdict?.bytesPerHour.value ?? 0) / Number(a) - 1;
      expect(Math.abs(share) * 100).toBeLessThanOrEqual(Number(b));
      return;
    }
    case "since":
    case "until": {
      const offset = (verdict?.[word] ?? Number.NaN) - scenario.start - (parseDuration(a) ?? 0);
      expect(Math.abs(offset)).toBeLessThanOrEqual(parseDuration(b) ?? 0);
      return;
    }
    case "with": {
      const member = verdict?.group.find((m) => m.tag === parseTag(a));
      expect(member?.ratio).toBeCloseTo(Number(b), 1);
      return;
    }
    case "state":
      expect(diagnosis.verdicts.find((v) => v.tag === parseTag(a) && v.kind === b)?.state).toBe(c);
      return;
    case "says":
      expect(everythingSaid(diagnosis)).toContain(line.slice(5));
      return;
    default:
      throw new Error(`not understood: ${line}`);
  }
}

const LISTS = attributionSources({ knowledge: createKnowledge(), mappedDrivers: new Map(), driversOf: () => [] });

function everythingSaid({ abstentions, gaps, verdicts }: Diagnosis): string {
  return [
    ...abstentions.map(abstentionWords),
    ...gaps.map((gap) => gap.problem),
    ...verdicts.flatMap((v) => [...v.evidence.map(evidenceWords), ...attribute(v, LISTS).steps.map(stepLine)]),
  ].join("\n");
}
