// Verdicts and diagnoses for tests: what is not given is filled in so that the value is consistent.

import { parseTag } from "./tag.ts";
import type { Attribution } from "./attribution.ts";
import type { Diagnosis, FindingTotal, Verdict } from "./verdict.ts";

export function tagNamed(text: string): number {
  const tag = parseTag(text);
  if (tag === undefined) throw new Error(`no tag: ${text}`);
  return tag;
}

/** A leak of 1 MiB/h, or what is given; the total follows from tag and group. */
export function makeVerdict(given: Partial<Verdict> & { readonly name?: string } = {}): Verdict {
  const { name = "Leak", ...rest } = given;
  const verdict = {
    tag: tagNamed(name),
    kind: "nonpaged" as const,
    state: "leaking" as const,
    bytesPerHour: { value: 2 ** 20, low: 1e6, high: 1.1e6 },
    blocksPerHour: 10,
    grows: "count" as const,
    heldBytes: 5e6,
    outstanding: 1000,
    grownBytes: 4e6,
    confidence: 0.9,
    evidence: [],
    group: [],
    ...rest,
  };
  return { total: totalOf(verdict), ...verdict };
}

function totalOf(verdict: Omit<Verdict, "total">): FindingTotal {
  const members = [{ ...verdict, bytesPerHour: verdict.bytesPerHour.value }, ...verdict.group];
  const rest = members.slice(1).reduce((sum, each) => sum + each.bytesPerHour, 0);
  const sum = (pick: (each: (typeof members)[number]) => number): number =>
    members.reduce((total, each) => total + pick(each), 0);
  const pools: { nonpaged?: number; paged?: number } = {};
  for (const each of members) pools[each.kind] = (pools[each.kind] ?? 0) + each.bytesPerHour;
  const { value, low, high } = verdict.bytesPerHour;
  return {
    bytesPerHour: { value: value + rest, low: low + rest, high: high + rest },
    heldBytes: sum((each) => each.heldBytes),
    grownBytes: sum((each) => each.grownBytes),
    outstanding: sum((each) => each.outstanding),
    pools,
  };
}

/** An attribution of the lead alone, with nothing known. */
export function makeAttribution(verdict: Verdict, given: Partial<Attribution> = {}): Attribution {
  const { tag, kind, bytesPerHour } = verdict;
  return {
    members: [{ tag, kind, nature: "unknown", bytesPerHour: bytesPerHour.value, drivers: [] }],
    chain: [],
    cases: [],
    patterns: [],
    ruledOut: [],
    steps: [],
    ...given,
  };
}

export function makeDiagnosis(verdicts: readonly Verdict[], given: Partial<Diagnosis> = {}): Diagnosis {
  return {
    origin: { source: "csv", timeBasis: "measured" },
    span: { from: 0, to: 7_200_000, snapshots: 50, series: 300, boots: [] },
    totals: {},
    pools: [],
    verdicts,
    steadyCount: 300 - verdicts.length,
    notJudged: { count: 0, tooFewSnapshots: 0, tooNew: 0, tooMany: 0 },
    abstentions: [],
    gaps: [],
    ...given,
  };
}
