// A diagnosis for programs: the same value, tags as text and raw number, times as RFC 3339. docs/json-output.md describes it.

import type { Milliseconds } from "../model/snapshot.ts";
import { formatIso } from "../model/time.ts";
import type { Diagnosis, Exhaustion, Verdict } from "../model/verdict.ts";
import { originJson, tagJson } from "./snapshot-report.ts";

export function renderDiagnosisJson(diagnosis: Diagnosis): string {
  return `${JSON.stringify(diagnosisJson(diagnosis), null, 1)}\n`;
}

/** The plain value behind the JSON. Infinity (an open interval) becomes null. */
export function diagnosisJson(diagnosis: Diagnosis): Record<string, unknown> {
  const { span } = diagnosis;
  return {
    origin: originJson(diagnosis.origin),
    span: {
      ...span,
      from: formatIso(span.from),
      to: formatIso(span.to),
      boots: span.boots.map((boot) => formatIso(boot)),
    },
    totals: diagnosis.totals,
    pools: diagnosis.pools.map((pool) => ({ ...pool, ...exhaustionJson(pool.exhaustion) })),
    verdicts: diagnosis.verdicts.map((verdict) => verdictJson(verdict)),
    steadyCount: diagnosis.steadyCount,
    abstentions: diagnosis.abstentions,
    gaps: diagnosis.gaps,
  };
}

export function verdictJson(verdict: Verdict): Record<string, unknown> {
  const { tag, kind, since, until, exhaustion, group, ...rest } = verdict;
  return {
    ...tagJson(tag),
    pool: kind,
    ...rest,
    ...timeJson("since", since),
    ...timeJson("until", until),
    ...exhaustionJson(exhaustion),
    group: group.map(({ tag: member, kind: pool, ...facts }) => ({ ...tagJson(member), pool, ...facts })),
  };
}

function timeJson(name: string, time: Milliseconds | undefined): Record<string, string> {
  return time === undefined ? {} : { [name]: formatIso(time) };
}

function exhaustionJson(exhaustion: Exhaustion | undefined): Record<string, unknown> {
  return exhaustion === undefined ? {} : { exhaustion: { ...exhaustion, at: formatIso(exhaustion.at) } };
}
