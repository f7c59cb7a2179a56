// A published leak: what it looks like in the counters, who and why, what helps.

import type { PoolKind } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

/**
 * `case`: has tags of its own and is shown only where one of them is present. `pattern`: all its tags are shared with
 * others, so it is shown by its measured sign or not at all, as "a pattern seen with ...", and never heads a finding.
 */
export type CaseClass = "case" | "pattern";

/** The measured sign of a pattern; all that is given must hold. */
export interface CaseMeasures {
  /** The tag, four characters, whose counters are looked at. */
  readonly tag: string;
  /** Outstanding blocks below which nothing is said. */
  readonly minBlocks: number;
  /** Bytes per outstanding block, lowest and highest. */
  readonly bytesPerBlock?: readonly number[];
  /** Frees per allocation, at most, 0 to 1; needs cumulative counters. */
  readonly maxFreedShare?: number;
  /** Tags with as many outstanding blocks, within a hundredth. */
  readonly equalTo?: readonly string[];
  /** Tags that must be there as well. */
  readonly companions?: readonly string[];
}

/** A published leak. */
export interface KnownCase {
  readonly id: string;
  readonly class: CaseClass;
  /** Tags that nobody else uses; none for a pattern. Four characters each. */
  readonly ownTags: readonly string[];
  /** Tags that grow along and that others use too. */
  readonly sharedTags: readonly string[];
  /** What it looks like in the counters, as a sentence. */
  readonly sign: string;
  readonly culprit: string;
  readonly cause: string;
  /** Fixed version, workaround or status. */
  readonly remedy: string;
  /** Versions concerned; empty where not published. */
  readonly versions: string;
  /** Addresses or titles, separated by commas. */
  readonly source: string;
  /** Year and month of the report; empty where not noted. */
  readonly seen: string;
  /** File names, lower case, of which one must have been loaded. */
  readonly drivers?: readonly string[];
  /** First and last Windows build it was published for, where the report names a Windows. */
  readonly builds?: readonly number[];
  readonly measures?: CaseMeasures;
}

/** One (tag, kind) as far as matching a case needs it. */
export interface CaseRow {
  readonly tag: Tag;
  readonly kind: PoolKind;
  /** Outstanding blocks and what they hold; of the growth where two snapshots are compared. */
  readonly blocks: number;
  readonly bytes: number;
  /** Frees per allocation, 0 to 1; absent where the source has no cumulative counters. */
  readonly freedShare?: number;
}

/** A case that fits. */
export interface CaseMatch {
  readonly case: KnownCase;
  /** The case's own tags (a pattern: its shared ones) that are present. */
  readonly tags: readonly Tag[];
}

/** What a part of Windows is when its tag grows: a filter that may be the culprit, or an allocator for others. */
export type InboxRole =
  | { readonly role: "filter"; readonly file: string; readonly feature: string; readonly remedy: string }
  | { readonly role: "allocator" };
