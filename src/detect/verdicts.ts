// Judgements and groups into verdicts.

import { kindCodeOfKey, kindOf, tagOfKey, type Snapshot } from "../model/snapshot.ts";
import type { GroupMember, Verdict } from "../model/verdict.ts";
import { HINGES } from "./basis.ts";
import type { Group } from "./groups.ts";
import type { TagJudgement } from "./judge.ts";

export function verdictOf(group: Group, last: Snapshot): Verdict[] {
  const members: GroupMember[] = group.members.map((m) => ({
    tag: tagOfKey(m.judgement.key),
    kind: kindOf(kindCodeOfKey(m.judgement.key)),
    ratio: m.ratio,
    bytesPerHour: m.judgement.bytes.value,
    role: m.role,
  }));
  return [group.lead].map((j) => single(j, members, last));
}

function single(j: TagJudgement, group: readonly GroupMember[], last: Snapshot): Verdict {
  const v = j.bytes.value;
  const e = j.bytes.error;
  const basis = j.signal?.basis;
  const c = j.candidate;
  const at = (k: number) => (basis === undefined ? last.time : (basis.times[0] ?? 0) + (k / HINGES) * basis.span);
  return {
    tag: tagOfKey(j.key),
    kind: kindOf(kindCodeOfKey(j.key)),
    state: j.kind === "growing" ? "leaking" : "stopped-held",
    bytesPerHour: { value: v, low: v - 2 * e, high: v + 2 * e },
    bytesPerHourNow: j.bytes.now,
    blocksPerHour: j.blocks.value,
    grows: j.factor,
    since: at(c?.from ?? 0),
    ...(j.kind === "stopped" ? { until: at(c?.until ?? HINGES) } : {}),
    heldBytes: j.held[j.held.length - 1] ?? 0,
    outstanding: j.counts[j.counts.length - 1] ?? 0,
    grownBytes: (j.held[j.held.length - 1] ?? 0) - (j.held[0] ?? 0),
    confidence: 1 / (1 + Math.exp(-(j.odds - 5))),
    evidence: [],
    group,
    drivers: [],
    knownLeaks: [],
    next: [],
  };
}
