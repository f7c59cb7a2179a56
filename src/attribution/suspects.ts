// One suspect out of all tags of a finding: the driver with the best proof, on the tag that serves hardly anything else.
// A kernel object or a tag of Windows itself names who allocates, so their owners are never suspects.

import type { DriverMatch, MemberFacts, Nature, Suspect, SuspectCertainty, Tier } from "../model/attribution.ts";
import { baseName } from "../model/file-path.ts";
import type { KnownCase } from "../model/known-case.ts";
import { isOwnScope } from "./scope.ts";
import type { AttributionSources } from "./sources.ts";

/** Whether a component of this nature can be what leaks, and not only what allocates for others. */
export function canBeCulprit(nature: Nature): boolean {
  return nature === "third-party" || nature === "inbox-filter" || nature === "unknown";
}

const CERTAINTIES: readonly SuspectCertainty[] = ["proven", "likely", "possible"];

/** What a tier is worth on the tag's own driver. A derived tag or bytes in a file are a hint and no more. */
const TIER_CERTAINTY: Readonly<Record<Tier, SuspectCertainty>> = {
  proven: "proven",
  pattern: "likely",
  code: "likely",
  predicted: "possible",
  text: "possible",
};

const TIER_BASIS: Readonly<Record<Tier, Suspect["basis"]>> = {
  proven: "call-site",
  pattern: "form",
  code: "code",
  predicted: "derived-tag",
  text: "bytes",
};

interface Candidate {
  readonly suspect: Suspect;
  readonly member: MemberFacts;
}

/** The suspect over all members; undefined where nobody can be named. */
export function suspectOf(
  members: readonly MemberFacts[],
  cases: readonly KnownCase[],
  natureOf: AttributionSources["natureOf"],
): Suspect | undefined {
  const candidates = members.flatMap((member) => candidatesOf(member, natureOf));
  candidates.sort((a, b) => rank(a.suspect) - rank(b.suspect) || rareness(b.member) - rareness(a.member));
  const [best] = candidates;
  const byCase = fromCase(members, cases, natureOf);
  // A published case with its own tag in the finding says more than a hint of four bytes.
  if (byCase !== undefined && (best === undefined || best.suspect.certainty === "possible")) return byCase;
  return best?.suspect;
}

function rank({ certainty }: Suspect): number {
  return CERTAINTIES.indexOf(certainty);
}

/** Rarest first: the share of its allocations that were kept; then what grows fastest. */
function rareness({ keptShare, bytesPerHour }: MemberFacts): number {
  return Math.round((keptShare ?? 0) * RARE_STEPS) + 1 - 1 / (1 + Math.max(0, bytesPerHour));
}

/** Shares closer than a twentieth are the same: counters are noisy. */
const RARE_STEPS = 20;

function candidatesOf(member: MemberFacts, natureOf: AttributionSources["natureOf"]): Candidate[] {
  const found: Candidate[] = [];
  const driver = fromDrivers(member, natureOf);
  if (driver !== undefined) found.push({ suspect: driver, member });
  const { owner, nature } = member;
  if (owner !== undefined && (nature === "third-party" || nature === "inbox-filter")) {
    const names = owner.component.split(/ or |, | and /).filter((name) => name !== "");
    const certainty = names.length === 1 ? "likely" : "possible";
    found.push({
      member,
      suspect: { names, tag: member.tag, certainty, nature, basis: "list", scope: "unknown", from: owner.from },
    });
  }
  return found;
}

/** The drivers that use the tag with the strongest tier; several with the same one are only possible each. */
function fromDrivers(member: MemberFacts, natureOf: AttributionSources["natureOf"]): Suspect | undefined {
  const own = member.drivers.filter(
    (match) => match.library === undefined && canBeCulprit(natureOfMatch(match, natureOf)),
  );
  const [first] = own;
  if (first === undefined) return undefined;
  const isShared = !canBeCulprit(member.nature);
  // Four bytes in the file of some driver accuse nobody where the tag is known to be everybody's.
  if (isShared && first.tier !== "proven") return undefined;
  const equal = own.filter((match) => match.tier === first.tier);
  const names = [...new Set(equal.map((match) => baseName(match.file)))];
  const isSure = names.length === 1 && !isShared && isOwnScope(first.scope);
  const { company, product, version } = first;
  return {
    names,
    tag: member.tag,
    certainty: isSure ? TIER_CERTAINTY[first.tier] : "possible",
    nature: natureOfMatch(first, natureOf),
    basis: TIER_BASIS[first.tier],
    scope: first.scope ?? "unknown",
    ...(names.length > 1 || company === undefined ? {} : { company }),
    ...(names.length > 1 || product === undefined ? {} : { product }),
    ...(names.length > 1 || version === undefined ? {} : { version }),
  };
}

function natureOfMatch(match: DriverMatch, natureOf: AttributionSources["natureOf"]): Nature {
  return natureOf(baseName(match.file), match.company);
}

function fromCase(
  members: readonly MemberFacts[],
  cases: readonly KnownCase[],
  natureOf: AttributionSources["natureOf"],
): Suspect | undefined {
  const [known] = cases;
  const [lead] = members;
  if (known === undefined || lead === undefined) return undefined;
  // bounded: the culprit of a published case, a phrase of our own list
  const file = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+\.sys\b/i.exec(known.culprit)?.[0];
  const name = file ?? known.culprit;
  return {
    names: [name],
    tag: lead.tag,
    certainty: "possible",
    nature: file === undefined ? "unknown" : natureOf(file),
    basis: "case",
    scope: "unknown",
    from: known.source,
  };
}
