// Drivers of the index that use a tag. Without an index nothing is scanned here: that is `poolscope drivers`.

import { matchesForTag } from "../driver-index/matches.ts";
import { indexPath, readIndex } from "../driver-index/index-file.ts";
import { createKnowledge } from "../knowledge/knowledge.ts";
import type { Tag } from "../model/tag.ts";
import type { DriverMatch } from "../model/verdict.ts";
import type { Io } from "./io.ts";

/** A look-up over the index of this machine's drivers, read once for the tags asked for. */
export async function driversOfIndex(io: Io, tags: readonly Tag[]): Promise<(tag: Tag) => readonly DriverMatch[]> {
  if (tags.length === 0) return () => [];
  const index = await readIndex(indexPath(io.env, process.platform));
  if (index === undefined) return () => [];
  const { libraryOf } = createKnowledge();
  const found = new Map(tags.map((tag) => [tag, matchesForTag(index, tag, libraryOf)]));
  return (tag) => found.get(tag) ?? matchesForTag(index, tag, libraryOf);
}
