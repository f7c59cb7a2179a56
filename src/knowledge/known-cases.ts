// Published leaks and the rule by which one is shown: an own tag must be present, a pattern must show its measured sign.

import casesFile from "../../data/known-cases.json" with { type: "json" };
import type { CaseClass, CaseMatch, CaseMeasures, CaseRow, KnownCase } from "../model/known-case.ts";
import type { Tag } from "../model/tag.ts";
import { listedTag, tagOfText } from "./tag-lookup.ts";

const CASES: readonly KnownCase[] = casesFile.cases.map((each) => ({ ...each, class: classOf(each.class) }));

function classOf(text: string): CaseClass {
  return text === "case" ? "case" : "pattern";
}

/** All published leaks of data/known-cases.json, in the order of the file. */
export function knownCases(): readonly KnownCase[] {
  return CASES;
}

/** Cases and patterns that name this tag as their own or as a shared one; for looking things up, not for findings. */
export function casesNaming(tag: Tag): readonly KnownCase[] {
  const listed = listedTag(tag);
  return CASES.filter((each) => [...each.ownTags, ...each.sharedTags].some((text) => tagOfText(text) === listed));
}

/**
 * Cases of which an own tag is among the rows (rows of a finding's group, or of a whole snapshot): best first, by the
 * number of own tags present. A shared tag alone never matches.
 */
export function matchCases(rows: readonly CaseRow[]): readonly CaseMatch[] {
  const present = presentTags(rows);
  return CASES.filter((each) => each.class === "case")
    .map((each) => ({ case: each, tags: foundOf(each.ownTags, present) }))
    .filter((match) => match.tags.length > 0)
    .sort((a, b) => b.tags.length - a.tags.length);
}

/** Patterns whose measured sign holds for these rows. A pattern without measures is never among them. */
export function matchPatterns(rows: readonly CaseRow[]): readonly CaseMatch[] {
  const present = presentTags(rows);
  return CASES.flatMap((each) => {
    if (each.class !== "pattern" || each.measures === undefined) return [];
    return holds(each.measures, rows, present) ? [{ case: each, tags: foundOf(each.sharedTags, present) }] : [];
  });
}

/**
 * Cases that share one of `tags` and of which no own tag is among `listed`: checked, and not it. Meaningful only where
 * `listed` is a whole listing, not its top rows.
 */
export function ruledOutCases(tags: readonly Tag[], listed: ReadonlySet<Tag>): readonly KnownCase[] {
  const shared = new Set(tags.map(listedTag));
  const present = new Set([...listed].map(listedTag));
  return CASES.filter(
    (each) =>
      each.class === "case" &&
      foundOf(each.sharedTags, shared).length > 0 &&
      foundOf(each.ownTags, present).length === 0,
  );
}

function presentTags(rows: readonly CaseRow[]): ReadonlySet<Tag> {
  return new Set(rows.filter((row) => row.blocks > 0).map((row) => listedTag(row.tag)));
}

function foundOf(texts: readonly string[], present: ReadonlySet<Tag>): readonly Tag[] {
  return texts.map(tagOfText).filter((tag) => present.has(tag));
}

/** Counts that are equal by design differ by what is in flight: within this share they count as equal. */
const EQUAL_WITHIN = 0.01;

function holds(measures: CaseMeasures, rows: readonly CaseRow[], present: ReadonlySet<Tag>): boolean {
  const row = rowOf(measures.tag, rows);
  if (row === undefined || row.blocks < measures.minBlocks) return false;
  const [low = 0, high = Infinity] = measures.bytesPerBlock ?? [];
  const size = row.bytes / row.blocks;
  if (size < low || size > high) return false;
  const { maxFreedShare, equalTo = [], companions = [] } = measures;
  if (maxFreedShare !== undefined && !(row.freedShare !== undefined && row.freedShare <= maxFreedShare)) return false;
  if (foundOf(companions, present).length < companions.length) return false;
  return equalTo.every((text) => {
    const other = rowOf(text, rows)?.blocks ?? 0;
    return Math.abs(other - row.blocks) <= EQUAL_WITHIN * row.blocks;
  });
}

/** The row of a tag that has most blocks, where both pools have one. */
function rowOf(text: string, rows: readonly CaseRow[]): CaseRow | undefined {
  const tag = tagOfText(text);
  return rows
    .filter((row) => listedTag(row.tag) === tag)
    .reduce<CaseRow | undefined>(
      (most, row) => (most === undefined || row.blocks > most.blocks ? row : most),
      undefined,
    );
}
