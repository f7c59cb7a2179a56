// What is known of one tag of a finding: its owner, what kind of component that is, the drivers that use it.

import type { MemberFacts } from "../model/attribution.ts";
import type { TagRef } from "../model/verdict.ts";
import type { AttributionSources } from "./sources.ts";

/** Everything known of one tag of a finding. */
export function factsOf(
  { tag, kind, bytesPerHour, keptShare }: TagRef & { readonly bytesPerHour: number; readonly keptShare?: number },
  sources: AttributionSources,
): MemberFacts {
  const owner = sources.ownerOf(tag);
  // Weaker tiers are many: a finding names a driver by proof, or by a weaker sign where no list knows the tag at all.
  // `poolscope tag` shows every tier.
  const drivers = sources.driversOf(tag).filter((match) => match.tier === "proven" || owner === undefined);
  return {
    tag,
    kind,
    nature: owner === undefined || owner.component === "" ? "unknown" : sources.natureOf(owner.component),
    bytesPerHour,
    ...(keptShare === undefined ? {} : { keptShare }),
    ...(owner === undefined ? {} : { owner }),
    drivers,
  };
}
