// `poolscope tag --known [PATTERN...]`: the tutorials' table with what is true, and every published case.

import type { Knowledge } from "../knowledge/knowledge.ts";
import { compileTagPattern, formatTag, parseTag, type Tag } from "../model/tag.ts";
import type { KnownTag } from "../reports/known-tags-report.ts";

/** Every tag that a tutorial or a published case names, in the order of tags; then cases without a tag. */
export function knownTags(knowledge: Knowledge, patterns: readonly string[]): readonly KnownTag[] {
  const cases = knowledge.allCases();
  const names = new Set([
    ...knowledge.tutorialTags(),
    ...cases.flatMap((each) => [...each.ownTags, ...each.sharedTags]),
  ]);
  const tagged = [...names]
    .flatMap((name) => parseTag(name) ?? [])
    .sort((a, b) => (formatTag(a) < formatTag(b) ? -1 : 1))
    .map((tag): KnownTag => entryOf(tag, knowledge));
  const untagged = cases
    .filter((each) => each.ownTags.length === 0 && each.sharedTags.length === 0)
    .map((each): KnownTag => ({ cases: [each] }));
  const all = [...tagged, ...untagged];
  return patterns.length === 0 ? all : all.filter((each) => patterns.some((pattern) => matches(each, pattern)));
}

function entryOf(tag: Tag, knowledge: Knowledge): KnownTag {
  const owner = knowledge.ownerOf(tag);
  const note = knowledge.tutorialNote(tag);
  return {
    tag,
    ...(owner === undefined ? {} : { owner }),
    ...(note === undefined ? {} : { tutorial: { claim: note.claim, truth: note.truth } }),
    cases: knowledge.casesNaming(tag),
  };
}

/** By tag, as PoolMon's patterns do, or by a word of the owner's or the culprit's name. */
function matches({ tag, owner, cases }: KnownTag, pattern: string): boolean {
  if (tag !== undefined && compileTagPattern(pattern)(tag)) return true;
  const word = pattern.toLowerCase();
  return [owner?.component ?? "", ...cases.flatMap(({ id, culprit }) => [id, culprit])].some((text) =>
    text.toLowerCase().includes(word),
  );
}
