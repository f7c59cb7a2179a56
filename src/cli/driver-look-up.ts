// Drivers of the index that use a tag. Without an index nothing is scanned here: that is `poolscope drivers`.

import { scopeOf } from "../attribution/scope.ts";
import { indexPath, readIndex } from "../driver-index/index-file.ts";
import { matchesForTag } from "../driver-index/matches.ts";
import { createKnowledge } from "../knowledge/knowledge.ts";
import type { DriverMatch } from "../model/attribution.ts";
import type { Origin } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import type { Io } from "./io.ts";

/**
 * A look-up over the index of this machine's drivers, read once for the tags asked for. `origin` tells whose record the
 * matches are for, so that each says whether it is proof about that machine.
 */
export async function driversOfIndex(
  io: Io,
  tags: readonly Tag[],
  origin: Origin | undefined,
): Promise<(tag: Tag) => readonly DriverMatch[]> {
  if (tags.length === 0) return () => [];
  const index = await readIndex(indexPath(io.env, process.platform));
  if (index === undefined) return () => [];
  const { libraryOf } = createKnowledge();
  const look = (tag: Tag): readonly DriverMatch[] => {
    const matches = matchesForTag(index, tag, libraryOf);
    if (origin === undefined) return matches;
    return matches.map((match) => ({ ...match, scope: scopeOf(match, index.machine, origin) }));
  };
  const found = new Map(tags.map((tag) => [tag, look(tag)]));
  return (tag) => found.get(tag) ?? look(tag);
}
