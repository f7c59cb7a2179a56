// A diagnosis with, for every finding, who is behind it: facts of all its tags, one suspect, the chain, the next steps.

import type { Attribution, Link, MemberFacts, StackFacts, Suspect } from "../model/attribution.ts";
import { baseName } from "../model/file-path.ts";
import type { CaseRow, KnownCase } from "../model/known-case.ts";
import type { Tag } from "../model/tag.ts";
import { needsAction, type Diagnosis, type Verdict } from "../model/verdict.ts";
import { haveOneSuspect, mergeFindings } from "./merge.ts";
import type { AttributionSources } from "./sources.ts";
import { factsOf } from "./members.ts";
import { stackSuspect } from "./stacks.ts";
import { besideFindings } from "./beside/beside.ts";
import type { BesideRecord } from "./beside/record.ts";
import { besideSummary } from "./beside/summary.ts";
import { stepsFor } from "./steps.ts";
import { suspectOf } from "./suspects.ts";
import { attributeTriage } from "./triage.ts";

/**
 * Every verdict completed with its attribution; findings that point to one driver become one. `listed` are all tags of the newest listing: only where they are known can a
 * published case be ruled out.
 */
export function attributeDiagnosis(
  diagnosis: Diagnosis,
  sources: AttributionSources,
  listed?: ReadonlySet<Tag>,
  record?: BesideRecord,
): Diagnosis {
  const complete = (verdict: Verdict): Verdict => {
    if (verdict.attribution !== undefined) return verdict;
    const attribution = attribute(verdict, sources, listed);
    const { members, suspect } = attribution;
    const beside = record && besideFindings(verdict, record, diagnosis.span.from, members, suspect);
    return { ...verdict, attribution: beside === undefined ? attribution : { ...attribution, beside } };
  };
  const each = diagnosis.verdicts.map(complete);
  const { triage } = diagnosis;
  const beside = record && besideSummary(record);
  return {
    ...diagnosis,
    ...(beside !== undefined && { beside }),
    verdicts: mergeFindings(each, haveOneSuspect).map(complete),
    ...(triage === undefined ? {} : { triage: attributeTriage(triage, sources, listed) }),
  };
}

/** The tags of a finding as rows that a published case is matched against. */
function rowsOf({ tag, kind, outstanding, heldBytes, keptShare, group }: Verdict): CaseRow[] {
  return [{ tag, kind, outstanding, heldBytes, keptShare }, ...group].map((each) => ({
    tag: each.tag,
    kind: each.kind,
    blocks: each.outstanding,
    bytes: each.heldBytes,
    ...(each.keptShare === undefined ? {} : { freedShare: 1 - each.keptShare }),
  }));
}

/** Who is behind one verdict. Only what calls for action gets a suspect: growth that is not proven accuses nobody. */
export function attribute(verdict: Verdict, sources: AttributionSources, listed?: ReadonlySet<Tag>): Attribution {
  const members = membersOf(verdict, sources);
  const isFinding = needsAction(verdict.state);
  const rows = isFinding ? rowsOf(verdict) : [];
  const cases = sources.casesOf(rows).map((match) => match.case);
  // A case with its own tag explains what a pattern would only hint at.
  const patterns = cases.length > 0 ? [] : sources.patternsOf(rows).map((match) => match.case);
  const stacks = members.flatMap(({ tag, kind, bytesPerHour }) => sources.stacksOf?.(tag, kind, bytesPerHour) ?? []);
  const suspect = isFinding
    ? (stackSuspect(members, stacks, sources.natureOf) ?? suspectOf(members, cases, sources.natureOf))
    : undefined;
  return {
    members,
    ...(suspect === undefined ? {} : { suspect }),
    chain: chainOf(verdict, members, suspect, cases, stacks),
    cases,
    patterns,
    ruledOut:
      listed === undefined || !isFinding
        ? []
        : sources.ruledOut(
            members.map(({ tag }) => tag),
            listed,
          ),
    steps: stepsFor(verdict, members, suspect, cases),
  };
}

function membersOf(verdict: Verdict, sources: AttributionSources): readonly MemberFacts[] {
  const lead = { ...verdict, bytesPerHour: verdict.bytesPerHour.value };
  return [lead, ...verdict.group].map((each) => factsOf(each, sources));
}

/** growth -> group -> rarest tag -> owner -> stacks -> driver -> call site -> case. */
function chainOf(
  verdict: Verdict,
  members: readonly MemberFacts[],
  suspect: Suspect | undefined,
  cases: readonly KnownCase[],
  stacks: readonly StackFacts[],
): readonly Link[] {
  const { tag, kind, confidence, total, group } = verdict;
  const unit = verdict.perStep === true ? ({ perStep: true } as const) : {};
  const links: Link[] = [
    { kind: "growth", tag, pool: kind, bytesPerHour: verdict.bytesPerHour.value, confidence, ...unit },
  ];
  if (group.length > 0) {
    links.push({
      kind: "group",
      tags: members.map((each) => each.tag),
      bytesPerHour: total.bytesPerHour.value,
      ...unit,
    });
  }
  const pointing = members.find((each) => each.tag === suspect?.tag) ?? members[0];
  if (pointing === undefined) return links;
  if (group.length > 0 && suspect !== undefined) {
    const kept = pointing.keptShare === undefined ? {} : { keptShare: pointing.keptShare };
    links.push({ kind: "rarest", tag: pointing.tag, ...kept });
  }
  if (pointing.owner !== undefined) {
    links.push({ kind: "owner", tag: pointing.tag, owner: pointing.owner, nature: pointing.nature });
  }
  for (const facts of stacks) links.push({ kind: "stack", tag: facts.tag, facts });
  const match =
    pointing.drivers.find(({ file }) => suspect?.names.includes(baseName(file)) === true) ?? pointing.drivers[0];
  if (match !== undefined) {
    links.push({ kind: "driver", tag: pointing.tag, match });
    const [use] = match.uses;
    if (use !== undefined) {
      links.push({ kind: "call-site", tag: pointing.tag, file: baseName(match.file), ...pick(use) });
    }
  }
  for (const leak of cases) links.push({ kind: "case", leak, tags: members.map((each) => each.tag) });
  if (suspect === undefined) links.push({ kind: "nobody", tag: pointing.tag, nature: pointing.nature });
  return links;
}

function pick({ api, rva, function: start }: { api: string; rva: number; function: number }): {
  api: string;
  rva: number;
  function: number;
} {
  return { api, rva, function: start };
}
