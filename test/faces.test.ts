// Every face tells the same facts of a finding: for each story beside test/scenarios, text, JSON, screen, page, saved report, event
// log, JUnit and metrics agree on suspect, tags, rate of the whole group, begin, state, certainty and time to exhaustion.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ComponentChildren, VNode } from "preact";
import { describe, expect, test } from "vitest";
import { attributeDiagnosis } from "../src/attribution/attribute.ts";
import { attributionSources } from "../src/cli/attribution-sources.ts";
import { leakSentence } from "../src/cli/unattended/leak-watch.ts";
import { Detector } from "../src/detect/detector.ts";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { checkGrowth } from "../src/detect/findings/growth-limits.ts";
import { MachineMetrics } from "../src/fleet/series/machine-metrics.ts";
import { createKnowledge } from "../src/knowledge/knowledge.ts";
import { formatTag } from "../src/model/tag.ts";
import { formatTime } from "../src/model/time.ts";
import { rowKey, kindCode, type Snapshot } from "../src/model/snapshot.ts";
import { needsAction, type Diagnosis, type Verdict } from "../src/model/verdict.ts";
import { verdictJson } from "../src/reports/diagnosis-json.ts";
import { checkCases } from "../src/reports/check-report.ts";
import { renderDiagnosisText } from "../src/reports/diagnosis-report.ts";
import { renderJUnit } from "../src/reports/junit.ts";
import { plainPaint } from "../src/reports/terminal-text.ts";
import { detailLines } from "../src/tui/detail.ts";
import { initialState } from "../src/tui/state.ts";
import { plainSummary } from "../src/web/server/report.ts";
import { exhaustionWords } from "../src/words/exhaustion.ts";
import { rateWords, sureWords } from "../src/words/findings.ts";
import { STATE_WORDS } from "../src/words/states.ts";
import { mayHead, tagWord, whoSentence } from "../src/words/suspects.ts";
import { parseScenario } from "./scenarios/scenario.test-support.ts";

// Links of the page are made from its address.
Object.assign(globalThis, { location: { hash: "", href: "http://127.0.0.1/", pathname: "/", search: "" } });
// The page has types of its own (DOM, no Node), so its module is loaded by address.
const { VerdictCard } = (await import(new URL("../src/web/page/verdict-card.tsx", import.meta.url).href)) as {
  readonly VerdictCard: (props: Record<string, unknown>) => VNode;
};

const FOLDER = join(import.meta.dirname, "scenarios");
const LISTS = attributionSources({ knowledge: createKnowledge(), mappedDrivers: new Map(), driversOf: () => [] });

interface Story {
  readonly diagnosis: Diagnosis;
  readonly first: Snapshot;
  readonly last: Snapshot;
}

function diagnosisOf(file: string): Story {
  const { snapshots } = parseScenario(readFileSync(join(FOLDER, file), "utf8"));
  const detector = new Detector();
  for (const snapshot of snapshots) detector.push(snapshot);
  const plain = detector.diagnose();
  const { last } = detector;
  const [first] = snapshots;
  if (plain === undefined || first === undefined || last === undefined) throw new Error("no diagnosis");
  return { diagnosis: attributeDiagnosis(plain, LISTS), first, last };
}

/** The text of a tree of components without state: each is called, as a browser would, and its strings are joined. */
function textOf(node: ComponentChildren): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map((each) => textOf(each as ComponentChildren)).join("");
  if (typeof node !== "object") return String(node);
  const { type, props } = node as VNode<{ children?: ComponentChildren }>;
  if (typeof type !== "function") return ` ${textOf(props.children)} `;
  if (type.name === "Sparkline" || type.name === "CardCopy") return "";
  // A term keeps whether its help is open; what it says is its children.
  if (type.name === "Explained") return textOf(props.children);
  return textOf((type as (given: typeof props) => ComponentChildren)(props));
}

const squeeze = (text: string): string => text.replaceAll(/\s+/g, " ");

interface Faces {
  readonly text: string;
  readonly screen: string;
  readonly page: string;
  readonly report: string;
  readonly event: string;
  readonly junit: string;
}

/** A file of test results as a build server reads it, entities resolved. */
function junitOf(verdict: Verdict, { first, last }: Story, diagnosis: Diagnosis): string {
  const span = { first, last, diagnosis, timed: true, wasJudged: () => true };
  const checked = checkGrowth(span, [], {}).filter(({ finding }) => finding === verdict);
  const report = { checked, span: diagnosis.span, timed: true, timesNote: undefined, compared: [] };
  const cases = checkCases({ ...report, allowUndecided: false, explain: false });
  expect(cases).toHaveLength(1 + verdict.group.length);
  return renderJUnit("check", cases, 1)
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

function facesOf(verdict: Verdict, story: Story): Faces {
  const { diagnosis, last } = story;
  const size = { columns: 400, rows: 100 };
  const feed = { kind: "live", intervalMs: 1000 } as const;
  const empty = initialState({ color: false, unicode: true }, size, feed);
  empty.board.update(last);
  const ref = { tag: verdict.tag, kind: verdict.kind };
  const state = {
    ...empty,
    diagnosis,
    verdicts: new Map([[rowKey(verdict.tag, kindCode(verdict.kind)), verdict]]),
    detail: { ref, scroll: 0, facts: undefined, series: undefined },
  };
  const overview = { times: [], missing: [] } as never;
  const card = VerdictCard({ verdict, overview, boots: [], bytes: [], openTag: () => undefined });
  const only = { ...diagnosis, verdicts: [verdict] };
  return {
    text: squeeze(renderDiagnosisText(only, { width: 100_000, paint: plainPaint, all: false })),
    screen: squeeze(detailLines(state, size).join(" ")),
    page: squeeze(textOf(card)),
    report: squeeze(plainSummary(only)),
    event: squeeze(leakSentence(verdict, "week.pool")),
    junit: squeeze(junitOf(verdict, story, only)),
  };
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));

describe.each(files)("%s", (file) => {
  const story = diagnosisOf(file);
  const { diagnosis, last } = story;
  const findings = diagnosis.verdicts.filter(({ state }) => needsAction(state));
  test.skipIf(findings.length === 0)("every face tells the same of each finding", () => {
    for (const verdict of findings) {
      const faces = facesOf(verdict, story);
      const json = verdictJson(verdict);
      const rate = rateWords(verdict);
      expect(json).toMatchObject({ state: verdict.state, total: { bytesPerHour: verdict.total.bytesPerHour } });
      const who = whoSentence(verdict.attribution);
      expect(json).toMatchObject({ attribution: { who } });
      for (const [name, face] of Object.entries(faces)) {
        expect(face, name).toContain(rate);
        expect(face.replaceAll("&#39;", "'"), name).toContain(squeeze(who));
        for (const tag of ["text", "screen", "junit"].includes(name)
          ? verdict.group.map((each) => each.tag)
          : [verdict.tag]) {
          expect(face, `${name}: ${tagWord(tag)}`).toContain(tagWord(tag));
        }
        if (verdict.exhaustion !== undefined) expect(face, name).toContain(exhaustionWords(verdict.exhaustion).value);
        // The page shows local time, everything else UTC.
        if (verdict.since !== undefined && name !== "page") expect(face, name).toContain(formatTime(verdict.since));
      }
      const { label, word } = STATE_WORDS[verdict.state];
      expect(faces.text).toContain(label.toUpperCase());
      expect(faces.screen).toContain(` ${word} `);
      for (const name of ["page", "report"] as const) expect(faces[name]).toContain(label);
      const sure = sureWords(verdict) ?? "?";
      for (const name of ["text", "screen", "page", "junit"] as const) expect(faces[name]).toContain(sure);
    }
  });

  test.skipIf(findings.length === 0)("metrics tell the same figures of each finding", () => {
    const { natureOf, ownerOf } = createKnowledge();
    const metrics = new MachineMetrics({
      version: "1",
      top: 1,
      isWatched: () => false,
      isNewBoot,
      natureOf,
      ownerOf,
    });
    metrics.push(last);
    metrics.judged(diagnosis);
    const samples = metrics.samples({ up: true, snapshots: 1 });
    for (const { tag, kind, state, total, exhaustion, attribution } of findings) {
      const of = samples.filter(({ labels }) => labels["tag"] === formatTag(tag) && labels["type"] === kind);
      const value = (id: string): number | undefined => of.find((sample) => sample.id === id)?.value;
      const goesOn = state === "leaking";
      expect(value("leakRate")).toBe(goesOn ? total.bytesPerHour.value : undefined);
      expect(value("leakExhaustion")).toBe(
        goesOn && exhaustion !== undefined ? exhaustion.hours.value * 3600 : undefined,
      );
      const told = of.filter(({ id }) => id === "leakInfo");
      expect(told.map(({ labels }) => labels["state"])).toEqual(told.map(() => state));
      const named = told.map(({ labels }) => labels["driver"]).filter((name) => name !== "");
      const suspect = attribution?.suspect;
      expect(named).toEqual((mayHead(suspect) ? suspect.names : []).map((name) => name.toLowerCase()));
    }
  });

  test("no face calls clean or steady what no model looked at", () => {
    if (diagnosis.notJudged.count === 0) return;
    const text = renderDiagnosisText(diagnosis, { width: 100_000, paint: plainPaint, all: false });
    expect(text).toContain("not judged");
    if (diagnosis.notJudged.count === diagnosis.span.series) {
      for (const face of [text, plainSummary(diagnosis)]) expect(face).not.toMatch(/no leak found|steady|passed/i);
    }
  });
});
