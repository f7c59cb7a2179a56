// Who is behind what triage found: the same lists, proofs and cases as for verdicts. Held memory accuses nobody that only
// happens to be large: a suspect is named where practically nothing was freed.

import type { Attribution, MemberFacts } from "../model/attribution.ts";
import type { CaseRow } from "../model/known-case.ts";
import type { Tag } from "../model/tag.ts";
import type { Triage, TriageFinding } from "../model/triage.ts";
import { factsOf } from "./members.ts";
import type { AttributionSources } from "./sources.ts";
import { stepsFor } from "./steps.ts";
import { suspectOf } from "./suspects.ts";

/** Every finding of a triage completed with its attribution. `listed` are all tags of the newest listing. */
export function attributeTriage(triage: Triage, sources: AttributionSources, listed?: ReadonlySet<Tag>): Triage {
  // The top of a listing cannot show that a tag is missing.
  const whole = triage.limits.includes("partial-listing") ? undefined : listed;
  return {
    ...triage,
    findings: triage.findings.map((finding) => ({ ...finding, attribution: attributionOf(finding, sources, whole) })),
  };
}

function attributionOf(
  finding: TriageFinding,
  sources: AttributionSources,
  listed: ReadonlySet<Tag> | undefined,
): Attribution {
  const members = membersOf(finding, sources);
  const rows = rowsOf(finding);
  const cases = sources.casesOf(rows).map((match) => match.case);
  // A case with its own tag explains what a pattern would only hint at.
  const patterns = cases.length > 0 ? [] : sources.patternsOf(rows).map((match) => match.case);
  const suspect = finding.state === "held-not-freed" ? suspectOf(members, cases, sources.natureOf) : undefined;
  const tags = members.map(({ tag }) => tag);
  const { tag, kind, equal } = finding;
  return {
    members,
    ...(suspect === undefined ? {} : { suspect }),
    chain: [],
    cases,
    patterns,
    ruledOut: listed === undefined || cases.length > 0 ? [] : sources.ruledOut(tags, listed),
    steps: stepsFor({ tag, kind, state: "leaking", group: equal }, members, suspect, cases),
  };
}

function membersOf(finding: TriageFinding, sources: AttributionSources): readonly MemberFacts[] {
  const { gain } = finding;
  const freed = freedShareOf(finding);
  const keptShare = gain?.keptShare ?? (freed === undefined ? undefined : 1 - freed);
  const kept = keptShare === undefined ? {} : { keptShare };
  const hours = gain?.bytesPerHour === undefined || gain.bytes === 0 ? undefined : gain.bytes / gain.bytesPerHour.value;
  const lead = { tag: finding.tag, kind: finding.kind, bytesPerHour: gain?.bytesPerHour?.value ?? 0, ...kept };
  const equal = finding.equal.map(({ tag, kind, gainedBytes }) => ({
    tag,
    kind,
    bytesPerHour: hours === undefined || gainedBytes === undefined ? 0 : gainedBytes / hours,
    ...kept,
  }));
  return [lead, ...equal].map((each) => factsOf(each, sources));
}

/** Frees per allocation: between the snapshots where it was watched, else since the boot. */
function freedShareOf({ gain, allocs, frees }: TriageFinding): number | undefined {
  if (gain?.allocs !== undefined && gain.frees !== undefined && gain.allocs > 0) return gain.frees / gain.allocs;
  return allocs === undefined || frees === undefined || allocs === 0 ? undefined : frees / allocs;
}

function rowsOf(finding: TriageFinding): readonly CaseRow[] {
  const freed = freedShareOf(finding);
  const share = freed === undefined ? {} : { freedShare: freed };
  return [finding, ...finding.equal].map(({ tag, kind, blocks, bytes }) => ({ tag, kind, blocks, bytes, ...share }));
}
