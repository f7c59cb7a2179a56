// Drivers of the index that use a tag. Without an index nothing is scanned here: that is `poolscope drivers`.

import type { Tag } from "../model/tag.ts";
import type { DriverMatch } from "../model/verdict.ts";
import type { Io } from "./io.ts";

/** A look-up over the index of this machine's drivers, read once for the tags asked for. */
export async function driversOfIndex(_io: Io, _tags: readonly Tag[]): Promise<(tag: Tag) => readonly DriverMatch[]> {
  return () => [];
}
