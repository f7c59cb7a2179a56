// A diagnosis for programs: the same value, tags as text and raw number, times as RFC 3339. docs/json-output.md describes it.

import type { Evidence } from "../model/evidence.ts";
import type { Milliseconds } from "../model/snapshot.ts";
import { formatIso } from "../model/time.ts";
import type { Diagnosis, Exhaustion, Verdict, VisibleLeak } from "../model/verdict.ts";
import { formatTag } from "../model/tag.ts";
import { abstentionWords } from "../words/abstentions.ts";
import { evidenceWords } from "../words/evidence.ts";
import { limitBasisWords } from "../words/exhaustion.ts";
import { stepLine } from "../words/steps.ts";
import { findingTitle } from "../words/suspects.ts";
import { attributionJson, driverChangeJson } from "./attribution-json.ts";
import { originJson, tagJson } from "./snapshot-report.ts";
import { triageJson } from "./triage-report.ts";

export function renderDiagnosisJson(diagnosis: Diagnosis): string {
  return `${JSON.stringify(diagnosisJson(diagnosis), null, 1)}\n`;
}

/** The plain value behind the JSON. Infinity (an open interval) becomes null. */
export function diagnosisJson(diagnosis: Diagnosis): Record<string, unknown> {
  const { span } = diagnosis;
  return {
    ...(diagnosis.intake === undefined ? {} : { intake: diagnosis.intake }),
    origin: originJson(diagnosis.origin),
    span: {
      ...span,
      from: formatIso(span.from),
      to: formatIso(span.to),
      boots: span.boots.map((boot) => formatIso(boot)),
    },
    totals: diagnosis.totals,
    pools: diagnosis.pools.map(({ limitBasis, exhaustion, ...pool }) => ({
      ...pool,
      ...(limitBasis === undefined ? {} : { limitBasis: limitBasisWords(limitBasis) }),
      ...exhaustionJson(exhaustion),
    })),
    verdicts: diagnosis.verdicts.map((verdict) => verdictJson(verdict)),
    ...(diagnosis.triage === undefined ? {} : { triage: triageJson(diagnosis.triage) }),
    steadyCount: diagnosis.steadyCount,
    notJudged: diagnosis.notJudged,
    ...(diagnosis.visible === undefined ? {} : { visible: diagnosis.visible.map(visibleJson) }),
    abstentions: diagnosis.abstentions.map((each) => abstentionWords(each)),
    ...(diagnosis.beside === undefined
      ? {}
      : {
          beside: {
            driverChanges: diagnosis.beside.driverChanges.map(driverChangeJson),
            programs: diagnosis.beside.programs,
          },
        }),
    gaps: diagnosis.gaps,
  };
}

/** The smallest leak that could have been seen in one row. */
export function visibleJson({ tag, kind, ...rest }: VisibleLeak): Record<string, unknown> {
  return { ...tagJson(tag), pool: kind, ...rest };
}

/**
 * One verdict: figures, evidence with figures and `text`, and the attribution. `owner`, `drivers`, `knownLeaks` and `next` are
 * those of the attribution in short: the lead's owner, all drivers of all tags, the fitting cases, the steps as lines.
 */
export function verdictJson(verdict: Verdict): Record<string, unknown> {
  const { tag, kind, since, until, exhaustion, group, evidence, attribution, ...rest } = verdict;
  const members = attribution?.members ?? [];
  const owner = members[0]?.owner;
  return {
    ...tagJson(tag),
    pool: kind,
    ...rest,
    ...timeJson("since", since),
    ...timeJson("until", until),
    ...exhaustionJson(exhaustion),
    title: findingTitle(verdict),
    evidence: evidence.map((each) => ({ ...evidenceJson(each), text: evidenceWords(each) })),
    group: group.map(({ tag: member, kind: pool, ...facts }) => ({ ...tagJson(member), pool, ...facts })),
    ...(owner === undefined ? {} : { owner }),
    drivers: members.flatMap(({ drivers }) => drivers),
    knownLeaks: attribution?.cases ?? [],
    next: (attribution?.steps ?? []).map(stepLine),
    ...(attribution === undefined ? {} : { attribution: attributionJson(attribution) }),
  };
}

function evidenceJson(evidence: Evidence): Record<string, unknown> {
  return evidence.kind === "lockstep" ? { ...evidence, tags: evidence.tags.map((tag) => formatTag(tag)) } : evidence;
}

function timeJson(name: string, time: Milliseconds | undefined): Record<string, string> {
  return time === undefined ? {} : { [name]: formatIso(time) };
}

function exhaustionJson(exhaustion: Exhaustion | undefined): Record<string, unknown> {
  return exhaustion === undefined
    ? {}
    : {
        exhaustion: {
          ...exhaustion,
          at: formatIso(exhaustion.at),
          limitBasis: limitBasisWords(exhaustion.limitBasis),
        },
      };
}
