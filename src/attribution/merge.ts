// One cause told once: findings of one state that point to the same driver, or that share a tag in both pools, are one finding.

import type { PoolKind } from "../model/snapshot.ts";
import { needsAction, type FindingTotal, type GroupMember, type Verdict } from "../model/verdict.ts";

/**
 * Merges findings into the first that they belong with; the order stays. `isSame` says whether two findings have one cause.
 * What is merged has no attribution any more: it is another finding now and has to be attributed anew.
 */
export function mergeFindings(
  verdicts: readonly Verdict[],
  isSame: (a: Verdict, b: Verdict) => boolean,
): readonly Verdict[] {
  const merged: Verdict[] = [];
  for (const verdict of verdicts) {
    const at = needsAction(verdict.state)
      ? merged.findIndex((other) => other.state === verdict.state && isSame(other, verdict))
      : -1;
    const into = merged[at];
    if (into === undefined) merged.push(verdict);
    else merged[at] = mergeTwo(into, verdict);
  }
  return merged;
}

/** Whether two findings point to the same single driver, and not only as a possibility. */
export function haveOneSuspect(a: Verdict, b: Verdict): boolean {
  const one = a.attribution?.suspect;
  const other = b.attribution?.suspect;
  if (one === undefined || other === undefined || one.names.length !== 1 || other.names.length !== 1) return false;
  if (one.certainty === "possible" || other.certainty === "possible") return false;
  return one.names[0]?.toLowerCase() === other.names[0]?.toLowerCase();
}

function mergeTwo(into: Verdict, other: Verdict): Verdict {
  const { attribution: _dropped, ...kept } = into;
  const ratio = into.blocksPerHour > 0 ? other.blocksPerHour / into.blocksPerHour : 1;
  const lead: GroupMember = {
    tag: other.tag,
    kind: other.kind,
    ratio,
    bytesPerHour: other.bytesPerHour.value,
    heldBytes: other.heldBytes,
    outstanding: other.outstanding,
    grownBytes: other.grownBytes,
    ...(other.keptShare === undefined ? {} : { keptShare: other.keptShare }),
  };
  const members = other.group.map(({ ratioMargin: _margin, ...member }) => ({
    ...member,
    ratio: member.ratio * ratio,
  }));
  const ends = [into.exhaustion, other.exhaustion].filter((end) => end !== undefined);
  const [first] = ends.sort((a, b) => a.hours.value - b.hours.value);
  return {
    ...kept,
    group: [...into.group, lead, ...members],
    total: sumOf(into.total, other.total),
    confidence: Math.max(into.confidence, other.confidence),
    ...(first === undefined ? {} : { exhaustion: first }),
    ...(into.since === undefined || other.since === undefined ? {} : { since: Math.min(into.since, other.since) }),
  };
}

function sumOf(a: FindingTotal, b: FindingTotal): FindingTotal {
  const pools: Partial<Record<PoolKind, number>> = { ...a.pools };
  for (const kind of ["nonpaged", "paged"] as const) {
    const more = b.pools[kind];
    if (more !== undefined) pools[kind] = (pools[kind] ?? 0) + more;
  }
  return {
    bytesPerHour: {
      value: a.bytesPerHour.value + b.bytesPerHour.value,
      low: a.bytesPerHour.low + b.bytesPerHour.low,
      high: a.bytesPerHour.high + b.bytesPerHour.high,
    },
    heldBytes: a.heldBytes + b.heldBytes,
    grownBytes: a.grownBytes + b.grownBytes,
    outstanding: a.outstanding + b.outstanding,
    pools,
  };
}
