// Puts onto verdicts what is known of their tags: owner, known leaks, drivers that use them, and what to do next.

import type { Knowledge } from "../knowledge/knowledge.ts";
import { formatTag, type Tag } from "../model/tag.ts";
import type { Diagnosis, DriverMatch, Owner, Verdict } from "../model/verdict.ts";

export interface Enrichment {
  readonly knowledge: Knowledge;
  /** What the source itself says of a tag's driver (PoolMon's Mapped_Driver column). */
  readonly mappedDrivers: ReadonlyMap<Tag, string>;
  /** Drivers of the index that use a tag, best proof first; empty without an index. */
  readonly driversOf: (tag: Tag) => readonly DriverMatch[];
}

/** The owner from lists and notes, else what the log's own Mapped_Driver column says. */
export function ownerFrom({ knowledge, mappedDrivers }: Enrichment): (tag: Tag) => Owner | undefined {
  return (tag) => {
    const owner = knowledge.ownerOf(tag);
    const mapped = mappedDrivers.get(tag);
    if (owner !== undefined || mapped === undefined) return owner;
    return { component: "", description: mapped, from: "the log itself" };
  };
}

/** A diagnosis with every verdict completed. */
export function enrichDiagnosis(diagnosis: Diagnosis, enrichment: Enrichment): Diagnosis {
  const ownerOf = ownerFrom(enrichment);
  return {
    ...diagnosis,
    verdicts: diagnosis.verdicts.map((verdict) => enrichVerdict(verdict, ownerOf(verdict.tag), enrichment)),
  };
}

function enrichVerdict(verdict: Verdict, owner: Owner | undefined, { knowledge, driversOf }: Enrichment): Verdict {
  // The index may be of another machine, and weaker tiers are many: a verdict names a driver only by proof, or by a weaker
  // sign where no list knows the tag at all. `poolscope tag` shows every tier.
  const drivers = driversOf(verdict.tag).filter((match) => match.tier === "proven" || owner === undefined);
  const needsAction = verdict.state === "leaking" || verdict.state === "stopped-held";
  const tag = shellTag(formatTag(verdict.tag));
  const look =
    drivers.length === 0 ? [`poolscope tag ${tag}   (on the machine itself: which drivers use this tag)`] : [];
  return {
    ...verdict,
    ...(owner === undefined ? {} : { owner }),
    drivers,
    knownLeaks: needsAction ? knowledge.knownLeaksOf(verdict.tag) : [],
    next: needsAction ? [...look, ...verdict.next.filter((step) => !step.startsWith("poolscope tag "))] : verdict.next,
  };
}

/** A tag as it has to be typed: quoted where a shell would take it apart. */
export function shellTag(text: string): string {
  return /^[A-Za-z0-9_]+$/.test(text) ? text : `"${text.replaceAll('"', String.raw`\x22`)}"`;
}
