// What a finding amounts to: the sums over lead and members, per pool and together.

import type { PoolKind } from "../../model/snapshot.ts";
import type { Estimate, FindingTotal, GroupMember, TagRef } from "../../model/verdict.ts";

/** A member with the standard error of its rate, bytes per hour. */
export interface MemberEstimate extends GroupMember {
  readonly error: number;
}

/** The lead's own figures. */
export interface LeadFigures extends TagRef {
  readonly bytesPerHour: Estimate;
  readonly heldBytes: number;
  readonly grownBytes: number;
  readonly outstanding: number;
}

/**
 * Sums over all tags of a finding. The errors of tags in lockstep come from the same growth, so they add up straight and
 * not as squares.
 */
export function totalOf(lead: LeadFigures, members: readonly MemberEstimate[]): FindingTotal {
  const pools: Partial<Record<PoolKind, number>> = { [lead.kind]: lead.bytesPerHour.value };
  let { value, low, high } = lead.bytesPerHour;
  let { heldBytes, grownBytes, outstanding } = lead;
  for (const member of members) {
    pools[member.kind] = (pools[member.kind] ?? 0) + member.bytesPerHour;
    value += member.bytesPerHour;
    low += member.bytesPerHour - 2 * member.error;
    high += member.bytesPerHour + 2 * member.error;
    heldBytes += member.heldBytes;
    grownBytes += member.grownBytes;
    outstanding += member.outstanding;
  }
  return { bytesPerHour: { value, low, high }, heldBytes, grownBytes, outstanding, pools };
}
