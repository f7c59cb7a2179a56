// Whom a finding points to, in words. A name heads a finding only where the proof is about the measured machine or where a list
// names the owner; proof about another machine is told as what it is.

import type { Attribution, DriverMatch, MemberFacts, Owner, Suspect } from "../model/attribution.ts";
import { baseName } from "../model/file-path.ts";
import { formatTag, type Tag } from "../model/tag.ts";
import type { Verdict } from "../model/verdict.ts";
import { listWords } from "./evidence.ts";
import { SCOPE_WORDS, TIER_WORDS } from "./tiers.ts";

/** A tag without the padding of short ones. */
export function tagWord(tag: Tag): string {
  return formatTag(tag).trimEnd();
}

/** Whether a suspect may head a finding: not where its only proof is of a machine that may be another. */
export function mayHead(suspect: Suspect | undefined): suspect is Suspect {
  if (suspect === undefined) return false;
  const byDriver =
    suspect.basis === "call-site" ||
    suspect.basis === "code" ||
    suspect.basis === "derived-tag" ||
    suspect.basis === "bytes";
  return !byDriver || (suspect.scope !== "other-machine" && suspect.scope !== "unknown");
}

/** The names of a suspect: `acme.sys`, `one of a.sys, b.sys or c.sys`. */
export function suspectNames({ names }: Suspect): string {
  return names.length === 1 ? (names[0] ?? "") : `one of ${listWords(names, "or")}`;
}

/** What a finding is about, as a heading: the suspect, else the tag with what it stands for. */
export function subjectWords(verdict: Verdict): string {
  const suspect = verdict.attribution?.suspect;
  if (mayHead(suspect)) return suspectNames(suspect);
  const description = verdict.attribution?.members[0]?.owner?.description ?? "";
  const [what = ""] = description.split(/[,.;:(]/);
  return what.trim() === "" ? `Tag ${tagWord(verdict.tag)}` : `Tag ${tagWord(verdict.tag)} (${what.trim()})`;
}

/** A finding surer than this was right more often than wrong. */
const EVEN = 0.5;

const LEAK_WORDS: Readonly<Record<Suspect["certainty"], string>> = {
  proven: "is leaking",
  likely: "is most likely leaking",
  possible: "may be leaking",
};

/** The pools of a finding: `nonpaged pool`, `paged and nonpaged pool`. */
export function poolWords(verdict: Verdict): string {
  const pools = (["paged", "nonpaged"] as const).filter((kind) => verdict.total.pools[kind] !== undefined);
  return `${listWords(pools.length === 0 ? [verdict.kind] : pools)} pool`;
}

/** A finding as a title: `acme.sys is most likely leaking nonpaged pool`, `Tag Leak: a leak of nonpaged pool`. */
export function findingTitle(verdict: Verdict): string {
  const suspect = verdict.attribution?.suspect;
  const pools = poolWords(verdict);
  if (verdict.state === "stopped-held")
    return `${subjectWords(verdict)}: growth of ${pools} that stopped and is still held`;
  // Whose findings of this kind were wrong more often than right says so, whoever is suspected.
  const isDoubtful = verdict.confidence < EVEN;
  if (mayHead(suspect)) {
    return `${suspectNames(suspect)} ${LEAK_WORDS[isDoubtful ? "possible" : suspect.certainty]} ${pools}`;
  }
  return `${subjectWords(verdict)}: ${isDoubtful ? "possibly a leak" : "a leak"} of ${pools}`;
}

export const CERTAINTY_WORDS: Readonly<Record<Suspect["certainty"], string>> = {
  proven: "Proven",
  likely: "Likely",
  possible: "Possible",
};

/** How a suspect is known, one clause. */
function basisWords(suspect: Suspect): string {
  const tag = tagWord(suspect.tag);
  switch (suspect.basis) {
    case "stack":
      return `the call stacks of what ${tag} keeps pass through it`;
    case "call-site":
      return suspect.names.length === 1
        ? `its code allocates with the tag ${tag}`
        : `their code allocates with the tag ${tag}`;
    case "code":
      return TIER_WORDS.code.long;
    case "form":
      return TIER_WORDS.pattern.long;
    case "derived-tag":
      return TIER_WORDS.predicted.long;
    case "bytes":
      return TIER_WORDS.text.long;
    case "list":
      return `the owner of the tag ${tag} according to ${suspect.from ?? "a list"}`;
    case "case":
      return `a published case with this tag names it (${suspect.from ?? ""})`;
  }
}

/** The suspect in one sentence: who, how sure, how known; what is proven of another machine is said to be so. */
export function suspectSentence(suspect: Suspect): string {
  const { company, product, version } = suspect;
  const facts = [company, product, version === undefined ? undefined : `version ${version}`].filter(
    (part) => part !== undefined && part !== "",
  );
  const about = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
  const heads: boolean = mayHead(suspect);
  if (!heads) {
    const uses = suspect.names.length === 1 ? "uses" : "use";
    return `${SCOPE_WORDS[suspect.scope].clause}, ${listWords(suspect.names)}${about} ${uses} the tag ${tagWord(suspect.tag)}. That proves nothing of this machine.`;
  }
  return `${suspectNames(suspect)}${about}: ${CERTAINTY_WORDS[suspect.certainty].toLowerCase()}, ${basisWords(suspect)}.`;
}

/** What is said where nobody can be named. */
export function nobodySentence(member: MemberFacts | undefined): string {
  if (member === undefined || member.owner === undefined) return "Which driver uses this tag is not known here.";
  const who = member.owner.component === "" ? "" : ` ${member.owner.component}`;
  switch (member.nature) {
    case "kernel":
      return "The tag belongs to the Windows kernel, which allocates for others; who makes it allocate is not known yet.";
    case "inbox":
      return `The tag belongs to${who}, a part of Windows, which allocates for others; who makes it allocate is not known yet.`;
    case "shared":
      return "Many drivers use this tag; which of them it is, is not known yet.";
    default:
      return "Who causes it is not known yet.";
  }
}

/** Who is behind a finding in one sentence, whatever is known. */
export function whoSentence(attribution: Attribution | undefined): string {
  if (attribution === undefined) return "Nobody looked who owns it.";
  const { suspect, members } = attribution;
  return suspect === undefined ? nobodySentence(members[0]) : suspectSentence(suspect);
}

/** `afd.sys, Socket endpoints (pooltag.txt)`. */
export function ownerWords(owner: Owner): string {
  const name = [owner.component, owner.description.replace(/\.(?= \(|$)/, "")].filter((part) => part !== "").join(", ");
  return `${name === "" ? "not known" : name} (${owner.from})`;
}

/** A driver that uses a tag, in one line. */
export function driverWords(match: DriverMatch): string {
  const { company, product, version } = match;
  const about = [company, product, version].filter((part) => part !== undefined && part !== "");
  const [use] = match.uses;
  const site = use === undefined ? "" : `; ${use.api} at +0x${use.rva.toString(16)}`;
  const library = match.library === undefined ? "" : `; from the static library ${match.library}`;
  const scope =
    match.scope === undefined || match.scope === "this-machine" ? "" : `; index of ${SCOPE_WORDS[match.scope].short}`;
  return `${baseName(match.file)} [${TIER_WORDS[match.tier].short}]${about.length > 0 ? ` ${about.join(", ")}` : ""}${site}${library}${scope}`;
}
