// Files merged by time while they are read: one is opened only when its turn comes.

import type { Snapshot } from "../model/snapshot.ts";
import type { FileFormat } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";
import type { OrderedPart } from "./intake/order.ts";

/** A file of a time line, with its first snapshot and all of them where they were read ahead. */
export interface Part extends OrderedPart {
  readonly file: InputFile;
  readonly format: FileFormat;
}

/** Merges parts by time. A thousand files that follow each other need one open file at a time. */
export async function* mergeParts(
  parts: readonly Part[],
  read: (part: Part) => AsyncIterable<Snapshot>,
  onEnd: (part: Part) => void,
): AsyncIterable<Snapshot> {
  const waiting = [...parts];
  const open: { part: Part; rest: AsyncIterator<Snapshot>; next: Snapshot }[] = [];
  const advance = async (part: Part, rest: AsyncIterator<Snapshot>): Promise<void> => {
    const step = await rest.next();
    if (step.done === true) onEnd(part);
    else open.push({ part, rest, next: step.value });
  };
  while (waiting.length > 0 || open.length > 0) {
    let earliest = 0;
    for (let i = 1; i < open.length; i++)
      if ((open[i]?.next.time ?? 0) < (open[earliest]?.next.time ?? 0)) earliest = i;
    const part = waiting[0];
    if (part !== undefined && (open.length === 0 || part.first.time <= (open[earliest]?.next.time ?? 0))) {
      waiting.shift();
      await advance(part, (part.snapshots === undefined ? read(part) : held(part.snapshots))[Symbol.asyncIterator]());
      continue;
    }
    const [entry] = open.splice(earliest, 1);
    if (entry === undefined) continue;
    yield entry.next;
    await advance(entry.part, entry.rest);
  }
}

async function* held(snapshots: readonly Snapshot[]): AsyncIterable<Snapshot> {
  yield* snapshots;
}
