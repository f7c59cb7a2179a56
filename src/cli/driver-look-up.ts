// Drivers of the index that use a tag. Without an index nothing is scanned here: that is `poolscope drivers`.

import { scopeOf } from "../attribution/scope.ts";
import { indexPath, knownTags, readIndex } from "../driver-index/index-file.ts";
import { matchesForTag } from "../driver-index/matches.ts";
import { createKnowledge } from "../knowledge/knowledge.ts";
import type { DriverMatch } from "../model/attribution.ts";
import type { Origin } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import type { Io } from "./io.ts";

/** A look-up over the index of this machine's drivers. */
export interface DriverLookUp {
  /** The drivers that use a tag, best proof first. */
  readonly of: (tag: Tag) => readonly DriverMatch[];
  /** All tags that a driver is known or predicted to use. */
  readonly known: () => ReadonlySet<Tag>;
}

/** The index, read once; undefined where there is none. `origin` tells whose record the matches are for. */
export async function openDriverLookUp(io: Io, origin: Origin | undefined): Promise<DriverLookUp | undefined> {
  const index = await readIndex(indexPath(io.env, process.platform));
  if (index === undefined) return undefined;
  const { libraryOf } = createKnowledge();
  const found = new Map<Tag, readonly DriverMatch[]>();
  const of = (tag: Tag): readonly DriverMatch[] => {
    const before = found.get(tag);
    if (before !== undefined) return before;
    const matches = matchesForTag(index, tag, libraryOf);
    const scoped =
      origin === undefined
        ? matches
        : matches.map((match) => ({ ...match, scope: scopeOf(match, index.machine, origin) }));
    found.set(tag, scoped);
    return scoped;
  };
  return { of, known: () => knownTags(index) };
}

/**
 * The same as a function, for the tags of a record; without an index nobody uses any. `origin` tells whose record the
 * matches are for, so that each says whether it is proof about that machine.
 */
export async function driversOfIndex(
  io: Io,
  tags: readonly Tag[],
  origin: Origin | undefined,
): Promise<(tag: Tag) => readonly DriverMatch[]> {
  const lookUp = tags.length === 0 ? undefined : await openDriverLookUp(io, origin);
  return lookUp?.of ?? (() => []);
}
