// Every face tells the same facts of a finding: for each story beside test/scenarios, text, JSON, screen, page, saved report and
// event log agree on suspect, tags, rate of the whole group, begin, state, certainty and time to exhaustion.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ComponentChildren, VNode } from "preact";
import { describe, expect, test } from "vitest";
import { attributeDiagnosis } from "../src/attribution/attribute.ts";
import { attributionSources } from "../src/cli/attribution-sources.ts";
import { leakSentence } from "../src/cli/unattended/leak-watch.ts";
import { Detector } from "../src/detect/detector.ts";
import { createKnowledge } from "../src/knowledge/knowledge.ts";
import { formatTime } from "../src/model/time.ts";
import { rowKey, kindCode, type Snapshot } from "../src/model/snapshot.ts";
import { needsAction, type Diagnosis, type Verdict } from "../src/model/verdict.ts";
import { verdictJson } from "../src/reports/diagnosis-json.ts";
import { renderDiagnosisText } from "../src/reports/diagnosis-report.ts";
import { plainPaint } from "../src/reports/terminal-text.ts";
import { detailLines } from "../src/tui/detail.ts";
import { initialState } from "../src/tui/state.ts";
import { plainSummary } from "../src/web/server/report.ts";
import { exhaustionWords } from "../src/words/exhaustion.ts";
import { rateWords, sureWords } from "../src/words/findings.ts";
import { STATE_WORDS } from "../src/words/states.ts";
import { tagWord, whoSentence } from "../src/words/suspects.ts";
import { parseScenario } from "./scenarios/scenario.test-support.ts";

// Links of the page are made from its address.
Object.assign(globalThis, { location: { hash: "", href: "http://127.0.0.1/", pathname: "/", search: "" } });
// The page has types of its own (DOM, no Node), so its module is loaded by address.
const { VerdictCard } = (await import(new URL("../src/web/page/verdict-card.tsx", import.meta.url).href)) as {
  readonly VerdictCard: (props: Record<string, unknown>) => VNode;
};

const FOLDER = join(import.meta.dirname, "scenarios");
const LISTS = attributionSources({ knowledge: createKnowledge(), mappedDrivers: new Map(), driversOf: () => [] });

function diagnosisOf(file: string): { diagnosis: Diagnosis; last: Snapshot } {
  const { snapshots } = parseScenario(readFileSync(join(FOLDER, file), "utf8"));
  const detector = new Detector();
  for (const snapshot of snapshots) detector.push(snapshot);
  const plain = detector.diagnose();
  const { last } = detector;
  if (plain === undefined || last === undefined) throw new Error("no diagnosis");
  return { diagnosis: attributeDiagnosis(plain, LISTS), last };
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
}

function facesOf(verdict: Verdict, diagnosis: Diagnosis, last: Snapshot): Faces {
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
  };
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));

describe.each(files)("%s", (file) => {
  const { diagnosis, last } = diagnosisOf(file);
  const findings = diagnosis.verdicts.filter(({ state }) => needsAction(state));
  test.skipIf(findings.length === 0)("every face tells the same of each finding", () => {
    for (const verdict of findings) {
      const faces = facesOf(verdict, diagnosis, last);
      const json = verdictJson(verdict);
      const rate = rateWords(verdict);
      expect(json).toMatchObject({ state: verdict.state, total: { bytesPerHour: verdict.total.bytesPerHour } });
      const who = whoSentence(verdict.attribution);
      expect(json).toMatchObject({ attribution: { who } });
      for (const [name, face] of Object.entries(faces)) {
        expect(face, name).toContain(rate);
        expect(face.replaceAll("&#39;", "'"), name).toContain(squeeze(who));
        for (const tag of name === "text" || name === "screen"
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
      for (const name of ["text", "screen", "page"] as const) expect(faces[name]).toContain(sure);
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
