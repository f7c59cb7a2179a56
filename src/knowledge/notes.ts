// Our own notes as data: who allocates under a tag, what tutorials get wrong. Every entry names its origin.

import tagsFile from "../../data/pool-tags.json" with { type: "json" };
import tutorialFile from "../../data/tutorial-tags.json" with { type: "json" };

/** How sure an entry is: from public documents, or reported by users of the component only. */
export type Certainty = "documented" | "reported";

/** One tag or pattern of our own list. */
export interface TagNote {
  readonly tag: string;
  readonly component: string;
  readonly description: string;
  /** Where the fact comes from. */
  readonly origin: string;
  readonly certainty: Certainty;
  /** What to look for instead, where the tag names the allocator and not the culprit. */
  readonly caution?: string;
  /** The static library that brings this tag into many vendors' drivers. */
  readonly library?: string;
}

/** What a widely copied table says of a tag, and what is true. */
export interface TutorialNote {
  readonly tag: string;
  readonly claim: string;
  readonly truth: string;
  readonly origin: string;
}

interface TagGroup {
  readonly component: string;
  readonly origin: string;
  readonly certainty?: string;
  readonly caution?: string;
  readonly library?: string;
  readonly tags: Readonly<Record<string, string | undefined>>;
}

const CERTAINTIES: ReadonlySet<string> = new Set<Certainty>(["documented", "reported"]);

function isCertainty(text: string): text is Certainty {
  return CERTAINTIES.has(text);
}

/** All tags of data/pool-tags.json, one entry a tag. */
export function tagNotes(): readonly TagNote[] {
  const groups: readonly TagGroup[] = tagsFile.groups;
  return groups.flatMap(({ tags, certainty = "documented", ...group }) =>
    Object.entries(tags).flatMap(([tag, description]) =>
      // The JSON's type lists every tag of every group as optional in the others.
      description === undefined
        ? []
        : [{ ...group, tag, description, certainty: isCertainty(certainty) ? certainty : "reported" }],
    ),
  );
}

/** The entries of data/tutorial-tags.json. */
export function tutorialNotes(): readonly TutorialNote[] {
  return tutorialFile.tags;
}
