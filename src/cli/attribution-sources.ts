// What the command line hands to attribution: the lists, the index of drivers with the scope of its proof, the cases.

import { attributeDiagnosis } from "../attribution/attribute.ts";
import type { BesideRecord } from "../attribution/beside/record.ts";
import type { AttributionSources } from "../attribution/sources.ts";
import { stackFactsOf } from "../attribution/stacks.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import type { DriverMatch, Owner } from "../model/attribution.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { PoolTrace } from "../model/stacks.ts";
import type { Tag } from "../model/tag.ts";
import type { Triage } from "../model/triage.ts";
import type { Diagnosis } from "../model/verdict.ts";

export interface ListSources {
  readonly knowledge: Knowledge;
  /** What the source itself says of a tag's driver (PoolMon's Mapped_Driver column). */
  readonly mappedDrivers: ReadonlyMap<Tag, string>;
  /** Drivers that use a tag, best proof first, with scope; empty without an index. */
  readonly driversOf: (tag: Tag) => readonly DriverMatch[];
  /** Pool traces of the same machine. */
  readonly traces?: readonly PoolTrace[];
}

/** The owner from lists and notes, else what the log's own Mapped_Driver column says. */
export function ownerFrom({
  knowledge,
  mappedDrivers,
}: Omit<ListSources, "driversOf" | "traces">): (tag: Tag) => Owner | undefined {
  return (tag) => {
    const owner = knowledge.ownerOf(tag);
    const mapped = mappedDrivers.get(tag);
    if (owner !== undefined || mapped === undefined) return owner;
    return { component: "", description: mapped, from: "the log itself" };
  };
}

/** Everything that attribution asks for. */
export function attributionSources(lists: ListSources): AttributionSources {
  const { knowledge, driversOf } = lists;
  const { natureOf, casesOf, patternsOf, ruledOut } = knowledge;
  const sources = { ownerOf: ownerFrom(lists), natureOf, driversOf, casesOf, patternsOf, ruledOut };
  const { traces } = lists;
  if (traces === undefined) return sources;
  // Of several traces the first that holds something of the tag answers.
  const stacksOf: AttributionSources["stacksOf"] = (tag, kind, bytesPerHour) =>
    traces.map((trace) => stackFactsOf(trace, tag, kind, bytesPerHour)).find((facts) => facts !== undefined);
  return { ...sources, stacksOf };
}

/** A diagnosis with every verdict attributed; `last` is its newest snapshot, whose listing rules cases out. */
export function attributed(
  diagnosis: Diagnosis,
  lists: ListSources,
  last?: Snapshot,
  beside?: BesideRecord,
): Diagnosis {
  return attributeDiagnosis(diagnosis, attributionSources(lists), last && new Set(last.columns.tag), beside);
}

/** All tags of a diagnosis' findings, members of groups included: what a driver index is asked for. */
export function tagsOfDiagnosis({ verdicts, triage }: Pick<Diagnosis, "verdicts" | "triage">): readonly Tag[] {
  return [
    ...new Set([
      ...verdicts.flatMap((verdict) => [verdict.tag, ...verdict.group.map((member) => member.tag)]),
      ...(triage === undefined ? [] : tagsOfTriage(triage)),
    ]),
  ];
}

/** All tags of a triage's findings. */
export function tagsOfTriage({ findings }: Triage): readonly Tag[] {
  return [...new Set(findings.flatMap((finding) => [finding.tag, ...finding.equal.map((each) => each.tag)]))];
}
