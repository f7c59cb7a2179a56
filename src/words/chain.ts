// The chain from growth to driver as sentences, each link with what would refute it.

import type { Link } from "../model/attribution.ts";
import { baseName } from "../model/file-path.ts";
import { formatRate, plural } from "../model/units.ts";
import { joinedSentence } from "./stacks.ts";
import { listWords, percentWords } from "./evidence.ts";
import { nobodySentence, ownerWords, tagWord } from "./suspects.ts";
import { withStop } from "./steps.ts";
import { SCOPE_WORDS, TIER_WORDS } from "./tiers.ts";

export interface LinkWords {
  /** One word or two for the link. */
  readonly label: string;
  readonly sentence: string;
  /** What would show that this link is wrong. */
  readonly refutedBy: string;
}

export function linkWords(link: Link): LinkWords {
  switch (link.kind) {
    case "growth":
      return {
        label: "Growth",
        sentence: `${tagWord(link.tag)} in ${link.pool} pool grows by ${formatRate(link.bytesPerHour, link.perStep)} (${percentWords(link.confidence)} sure).`,
        refutedBy: "a longer record in which it levels off or is given back",
      };
    case "group":
      return {
        label: "Group",
        sentence: `${plural(link.tags.length, "tag")} grow in fixed ratios and are one leak of ${formatRate(link.bytesPerHour, link.perStep)}: ${listWords(link.tags.map(tagWord))}.`,
        refutedBy: "one of them growing while the others stand still",
      };
    case "rarest":
      return {
        label: "Tag",
        sentence: `Of these, ${tagWord(link.tag)} points at a driver${link.keptShare === undefined ? "" : `: ${percentWords(link.keptShare)} of its allocations in this time were kept`}.`,
        refutedBy: `${tagWord(link.tag)} allocated and freed in numbers while the group grows`,
      };
    case "owner":
      return {
        label: "Owner",
        sentence: `${tagWord(link.tag)} belongs to ${ownerWords(link.owner)}.${NATURE_WORDS[link.nature]}`,
        refutedBy: `a driver other than this one whose code allocates with ${tagWord(link.tag)}`,
      };
    case "driver":
      return {
        label: "Driver",
        sentence: `${SCOPE_WORDS[link.match.scope ?? "unknown"].clause}, ${baseName(link.match.file)}: ${TIER_WORDS[link.match.tier].long}.`,
        refutedBy:
          link.match.scope === "this-machine"
            ? "a second driver with the same proof, or pool tracking of Driver Verifier that shows nothing kept by it"
            : "an index made on the measured machine itself (poolscope drivers) that does not show it",
      };
    case "call-site":
      return {
        label: "Call site",
        sentence: `${link.api} is called at ${link.file}+0x${link.rva.toString(16)}, in the function at +0x${link.function.toString(16)}.`,
        refutedBy: "stacks of the allocations (a pool trace) that pass elsewhere",
      };
    case "stack":
      return {
        label: "Stacks",
        sentence: joinedSentence(link.facts),
        refutedBy: "a trace of another time of the same growth in which the stacks pass elsewhere",
      };
    case "case":
      return {
        label: "Case",
        sentence: `A published leak of ${link.leak.culprit}. ${withStop(link.leak.cause)} ${withStop(link.leak.remedy)} (${link.leak.source})`,
        refutedBy: "another version than the ones named, or growth that goes on after the remedy",
      };
    case "nobody":
      return {
        label: "Who",
        sentence:
          link.nature === "unknown"
            ? `No list and no driver index here names a user of ${tagWord(link.tag)}.`
            : nobodySentence({
                tag: link.tag,
                kind: "nonpaged",
                nature: link.nature,
                bytesPerHour: 0,
                drivers: [],
                owner: NO_OWNER,
              }),
        refutedBy: "an index of the machine's drivers, stacks of the allocations, or handle counts",
      };
  }
}

const NO_OWNER = { component: "", description: "", from: "" } as const;

const NATURE_WORDS = {
  "third-party": "",
  "inbox-filter": " It is a filter that comes with Windows and can itself be the cause.",
  inbox: " It is a part of Windows and allocates for others.",
  kernel: " The kernel allocates for others.",
  shared: " Many drivers use this tag.",
  unknown: "",
} as const;
