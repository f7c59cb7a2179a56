// What is known of a tag: from the user's own pooltag.txt and from our notes. The rules are in docs/knowledge.md.

import type { PoolTagEntry, PoolTagFile } from "../formats/pooltag-file.ts";
import type { Tag } from "../model/tag.ts";
import type { CaseMatch, CaseRow, InboxRole, KnownCase } from "../model/known-case.ts";
import type { KnownLeak, Nature, Owner } from "../model/attribution.ts";
import { inboxRoleOf, natureOf } from "./inbox-drivers.ts";
import { casesNaming, knownCases, matchCases, matchPatterns, ruledOutCases } from "./known-cases.ts";
import { tagNotes, tutorialNotes, type TagNote, type TutorialNote } from "./notes.ts";
import { buildTagLookup, listedTag, tagOfText, type TagLookup } from "./tag-lookup.ts";

export type { TutorialNote } from "./notes.ts";

export interface Knowledge {
  /**
   * Who allocates under this tag. An exact entry beats a pattern, and of two entries of the same rank the user's list
   * beats our notes; our notes fill in what the list leaves open, and always add their caution.
   */
  readonly ownerOf: (tag: Tag) => Owner | undefined;
  /** Published leaks of which an own tag is among the rows; best first. A shared tag alone never names one. */
  readonly casesOf: (rows: readonly CaseRow[]) => readonly CaseMatch[];
  /** Published leaks without a tag of their own whose measured sign holds. They never head a finding. */
  readonly patternsOf: (rows: readonly CaseRow[]) => readonly CaseMatch[];
  /** Cases that share one of the tags and of which no own tag is in the whole listing. */
  readonly ruledOut: (tags: readonly Tag[], listed: ReadonlySet<Tag>) => readonly KnownCase[];
  /** Cases and patterns that name the tag at all: for a look-up by hand. */
  readonly casesNaming: (tag: Tag) => readonly KnownCase[];
  /** Whether an owner is a part of Windows that may be the culprit, or one that allocates for others. */
  readonly inboxRole: (component: string) => InboxRole | undefined;
  /** What a component or driver file is, `company` being that of its version resource. */
  readonly natureOf: (component: string, company?: string) => Nature;
  /** All published leaks. */
  readonly allCases: () => readonly KnownCase[];
  /** The tags of a widely copied tutorial table, four characters each. */
  readonly tutorialTags: () => readonly string[];
  /** Tags that a published case has as its own. */
  readonly caseTags: ReadonlySet<Tag>;
  /** Whether blocks of this tag stay by design, such as loaded registry hives. */
  readonly staysByDesign: (tag: Tag) => boolean;
  /** Published leaks that have this tag as their own. A match is a hint where to look, not a finding. */
  readonly knownLeaksOf: (tag: Tag) => readonly KnownLeak[];
  /** Whether the user's list has this tag or a pattern for it; undefined where no list is loaded. */
  readonly isListed: (tag: Tag) => boolean | undefined;
  /** The correction of a widely copied tutorial table, for the tags in it. */
  readonly tutorialNote: (tag: Tag) => TutorialNote | undefined;
  /** The static library that puts this tag into many vendors' drivers, e.g. `wdmsec.lib`. */
  readonly libraryOf: (tag: Tag) => string | undefined;
}

/** Builds the look-up tables. `pooltag` is the user's own list, where there is one. */
export function createKnowledge(options: { readonly pooltag?: PoolTagFile } = {}): Knowledge {
  const notes = buildTagLookup(tagNotes());
  const listed = options.pooltag === undefined ? undefined : buildTagLookup(options.pooltag.entries);
  const leaks = leaksByTag();
  const tutorial = new Map(tutorialNotes().map((note) => [tagOfText(note.tag), note]));
  return {
    ownerOf: (tag) => ownerOf(tag, notes, listed),
    casesOf: matchCases,
    patternsOf: matchPatterns,
    ruledOut: ruledOutCases,
    casesNaming,
    allCases: knownCases,
    tutorialTags: () => tutorialNotes().map((note) => note.tag),
    caseTags: new Set(knownCases().flatMap((each) => each.ownTags.map(tagOfText))),
    staysByDesign: (tag) =>
      [...notes.exact(tag), ...notes.byPattern(tag)].some((note) => STAYS_BY_DESIGN.has(note.component)),
    inboxRole: inboxRoleOf,
    natureOf,
    knownLeaksOf: (tag) => leaks.get(listedTag(tag)) ?? [],
    isListed: (tag) => listed && (listed.exact(tag).length > 0 || listed.byPattern(tag).length > 0),
    tutorialNote: (tag) => tutorial.get(tag),
    libraryOf: (tag) => notes.exact(tag).find((note) => note.library !== undefined)?.library,
  };
}

function leaksByTag(): ReadonlyMap<Tag, readonly KnownLeak[]> {
  const byTag = new Map<Tag, KnownLeak[]>();
  for (const each of knownCases()) {
    const leak = { ...each, tags: [...each.ownTags, ...each.sharedTags] };
    for (const text of each.ownTags) {
      const tag = tagOfText(text);
      const known = byTag.get(tag);
      if (known === undefined) byTag.set(tag, [leak]);
      else known.push(leak);
    }
  }
  return byTag;
}

/** Components whose tags hold what was loaded once and stays loaded: many allocations and no frees are normal. */
const STAYS_BY_DESIGN: ReadonlySet<string> = new Set(["kernel (registry)"]);

const FROM_LIST = "pooltag.txt";
const FROM_NOTES = "poolscope notes";

function ownerOf(tag: Tag, notes: TagLookup<TagNote>, listed: TagLookup<PoolTagEntry> | undefined): Owner | undefined {
  const lines = listed?.byPattern(tag) ?? [];
  const patterns = notes.byPattern(tag);
  const exact = complete(ownerInList(listed?.exact(tag) ?? []), ownerInNotes(notes.exact(tag)));
  if (exact !== undefined) return withCaution(exact, patterns);
  // Patterns of different width speak of different tags, so one must not fill in what the other leaves open.
  const same = lines[0]?.tag.trimEnd() === patterns[0]?.tag.trimEnd();
  const line = ownerInList(lines);
  const note = ownerInNotes(patterns);
  return same ? complete(line, note) : line === undefined ? note : withCaution(line, patterns);
}

/** The caution of a pattern of ours holds for an entry of the same component only. */
function withCaution(owner: Owner, patterns: readonly TagNote[]): Owner {
  const [note] = patterns;
  if (owner.caution !== undefined || note?.caution === undefined) return owner;
  return note.component.toLowerCase() === owner.component.toLowerCase() ? { ...owner, caution: note.caution } : owner;
}

/** The first with what it lacks taken from the second, saying so; a caution is always ours and needs no saying. */
function complete(first: Owner | undefined, second: Owner | undefined): Owner | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const component = first.component === "" ? second.component : first.component;
  const description = first.description === "" ? second.description : first.description;
  const caution = first.caution ?? second.caution;
  const completed = component !== first.component || description !== first.description;
  return {
    component,
    description,
    from: completed && first.from !== second.from ? `${first.from}, ${second.from}` : first.from,
    ...(caution === undefined ? {} : { caution }),
  };
}

/** A tag listed twice has every one of its owners named, in the order of the list. */
function ownerInList(entries: readonly PoolTagEntry[]): Owner | undefined {
  if (entries.length === 0) return undefined;
  return {
    component: distinct(entries.map((entry) => entry.binary)).join(" or "),
    description: distinct(entries.map((entry) => entry.description)).join("; "),
    from: FROM_LIST,
  };
}

function ownerInNotes(notes: readonly TagNote[]): Owner | undefined {
  const [note] = notes;
  if (note === undefined) return undefined;
  return {
    component: note.component,
    description: note.certainty === "reported" ? `${note.description} (as users report)` : note.description,
    from: FROM_NOTES,
    ...(note.caution === undefined ? {} : { caution: note.caution }),
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== ""))];
}
