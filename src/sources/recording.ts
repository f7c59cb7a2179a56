// A recording as a SOURCE: its snapshots in time order, gaps for what is damaged and for what a clock set back made overlap.

import { mkdtemp, rm } from "node:fs/promises";
import { createWriteStream, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Gap, Milliseconds, Snapshot } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { plural } from "../model/units.ts";
import { isRecording } from "../store/database.ts";
import { RecordingReader } from "../store/reader.ts";
import type { FileFormat, ReadContext } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";

export const recordingFormat: FileFormat = {
  id: "recording",
  title: "recording",
  isFormat: (file) => isRecording(file.head),
  read: readRecording,
};

/** How many snapshots pass between two reports of progress. */
const PROGRESS_EVERY = 64;

async function* readRecording(file: InputFile, context: ReadContext): AsyncIterable<Snapshot> {
  // SQLite reads files only: what is packed, or comes by standard input, is written to one first.
  const onDisk = !file.isPacked && existsSync(file.path);
  if (onDisk) {
    yield* readPlain(file.path, file, context);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "poolscope-"));
  try {
    const path = join(folder, "recording");
    await pipeline(file.content(), createWriteStream(path));
    yield* readPlain(path, file, context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* readPlain(path: string, file: InputFile, context: ReadContext): AsyncIterable<Snapshot> {
  const reader = RecordingReader.open(path);
  try {
    for (const [tag, text] of reader.mappedDrivers()) context.mappedDriver(tag, text);
    const span = reader.span();
    const { from, to, maxSnapshots, near } = context.options;
    const next = near === undefined ? undefined : reader.around(near, { from, to });
    if (next !== undefined) {
      const found = [...reader.snapshots(next)];
      yield* found;
      // Where the very place is damaged the whole is read after all, and what is nearest is found in it.
      if (found.length > 0) return;
    }
    const order = new TimeOrder(file.path);
    let count = 0;
    for (const snapshot of reader.snapshots({ from, to, maxSnapshots })) {
      if (!order.takes(snapshot.time)) continue;
      if (span !== undefined && count++ % PROGRESS_EVERY === 0)
        context.progress((file.size * (snapshot.time - span.from)) / (span.to - span.from || 1));
      yield snapshot;
    }
    for (const gap of [...reader.gaps, ...order.gaps()]) context.gap({ ...gap, where: file.path });
  } finally {
    reader.close();
  }
}

/** Leaves out what is not later than something before it: after a clock was set back, until it has caught up. */
class TimeOrder {
  readonly #file: string;
  readonly #overlaps: { readonly before: Milliseconds; readonly back: Milliseconds; count: number }[] = [];
  #newest = Number.NEGATIVE_INFINITY;
  #catchingUp = false;

  constructor(file: string) {
    this.#file = file;
  }

  takes(time: Milliseconds): boolean {
    if (time > this.#newest) {
      this.#newest = time;
      this.#catchingUp = false;
      return true;
    }
    if (!this.#catchingUp) this.#overlaps.push({ before: this.#newest, back: time, count: 0 });
    this.#catchingUp = true;
    const overlap = this.#overlaps.at(-1);
    if (overlap !== undefined) overlap.count += 1;
    return false;
  }

  gaps(): Gap[] {
    return this.#overlaps.map(({ before, back, count }) => ({
      where: this.#file,
      problem: `the clock was set back from ${formatTime(before)} to ${formatTime(back)}: ${plural(count, "snapshot")} of the time that came twice left out`,
      from: back,
      to: before,
    }));
  }
}
