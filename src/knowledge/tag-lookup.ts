// Look-up of a tag in a list of entries with exact tags and patterns: exact beats pattern, the most specific pattern wins.

import { bookedTag, type Tag, tagFromBytes } from "../model/tag.ts";

/** Anything that is listed under a tag or a pattern of four characters (`?` one character, `*` any run of them). */
export interface TagListing {
  readonly tag: string;
}

export interface TagLookup<Entry extends TagListing> {
  /** Entries of exactly this tag, in the order of the list. */
  exact(tag: Tag): readonly Entry[];
  /** Entries of the most specific pattern that matches, in the order of the list. */
  byPattern(tag: Tag): readonly Entry[];
}

interface Pattern<Entry> {
  readonly matches: (text: string) => boolean;
  readonly entries: Entry[];
}

/** Builds the table. Patterns that name no character at all (`????`, `*`) say nothing and are left out. */
export function buildTagLookup<Entry extends TagListing>(entries: readonly Entry[]): TagLookup<Entry> {
  const exact = new Map<Tag, Entry[]>();
  const patterns = new Map<string, Pattern<Entry>>();
  for (const entry of entries) {
    const text = entry.tag.padEnd(4);
    if (!isPattern(text)) {
      push(exact, tagOfText(text), entry);
    } else if (specificity(text) > 0) {
      const known = patterns.get(text.trimEnd());
      if (known === undefined) patterns.set(text.trimEnd(), { matches: compile(text), entries: [entry] });
      else known.entries.push(entry);
    }
  }
  const bySpecificity = [...patterns].sort(([a], [b]) => specificity(b) - specificity(a));
  return {
    exact: (tag) => spellingsOf(tag).flatMap((each) => exact.get(each) ?? []),
    byPattern: (tag) => {
      const text = textOf(tag);
      return bySpecificity.find(([, pattern]) => pattern.matches(text))?.[1].entries ?? [];
    },
  };
}

function push<Entry>(map: Map<Tag, Entry[]>, tag: Tag, entry: Entry): void {
  const known = map.get(tag);
  if (known === undefined) map.set(tag, [entry]);
  else known.push(entry);
}

function isPattern(text: string): boolean {
  return text.includes("?") || text.includes("*");
}

/**
 * How much a pattern says: every named character counts most, then `?` more than `*`, so that `AfdX` > `Afd?` > `Afd*` > `A*`.
 */
function specificity(pattern: string): number {
  let named = 0;
  let single = 0;
  for (const char of pattern.trimEnd()) {
    if (char === "?") single += 1;
    else if (char !== "*") named += 1;
  }
  return named === 0 ? 0 : named * 8 + single;
}

/** A matcher over the four characters of a tag, trailing blanks of both sides ignored. No backtracking worth the name: four characters. */
function compile(pattern: string): (text: string) => boolean {
  const source = pattern
    .trimEnd()
    .replace(/\*+/g, "*")
    .replace(/[^*?]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/[*?]/g, (char) => (char === "*" ? ".*" : "."));
  const regex = new RegExp(`^${source} *$`, "s");
  return (text) => regex.test(text);
}

/** The form in which a list gives this tag: padding as spaces, without the bit of protected pool. */
export function listedTag(tag: Tag): Tag {
  const [spelling = tag] = spellingsOf(tag).slice(-1);
  return spelling;
}

/** The tag of four characters of one byte each, taken as they stand. */
export function tagOfText(text: string): Tag {
  const padded = text.padEnd(4);
  return tagFromBytes(
    padded.charCodeAt(0) & 0xff,
    padded.charCodeAt(1) & 0xff,
    padded.charCodeAt(2) & 0xff,
    padded.charCodeAt(3) & 0xff,
  );
}

function textOf(tag: Tag): string {
  const spelling = listedTag(tag);
  return String.fromCharCode(spelling & 0xff, (spelling >>> 8) & 0xff, (spelling >>> 16) & 0xff, spelling >>> 24);
}

/**
 * The tag itself, then the form a list would give it where that differs: NUL padding as spaces (drivers end short tags
 * in NUL, lists in spaces), and without bit 31, which PROTECTED_POOL sets and which no printable tag has.
 */
function spellingsOf(tag: Tag): readonly Tag[] {
  let listed = bookedTag(tag);
  for (let shift = 24; shift > 0 && ((listed >>> shift) & 0xff) === 0; shift -= 8) {
    listed = (listed | (0x20 << shift)) >>> 0;
  }
  return listed === tag ? [tag] : [tag, listed];
}
