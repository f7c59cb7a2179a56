// Gives the blocks of one text file their times, from marker, file name or modification date, and says how each is known.
// No clock time is invented: blocks without a time get an order and steps.

import { basename } from "node:path";
import { readDate } from "../formats/date-text.ts";
import { timeFor } from "../formats/reading-time.ts";
import type { TextBlock, TextFormat } from "../formats/text-format.ts";
import { FormatError } from "../model/errors.ts";
import { STEP } from "../model/intake.ts";
import type { Milliseconds, Origin, Snapshot, TimeBasis } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { formatDuration } from "../model/units.ts";
import type { ReadContext } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";

/** A clock that goes back more often than this is no clock: the rows are in another order. */
const MAX_CLOCK_STEPS = 3;

export class FileClock {
  readonly #format: TextFormat;
  readonly #file: InputFile;
  readonly #context: ReadContext;
  #last: Milliseconds | undefined;
  #lastStep: Milliseconds = 60_000;
  #shift = 0;
  #clockSteps = 0;
  /** The first block without a time waits: alone it has the time of its file, before others it has none. */
  #waiting: TextBlock | undefined;
  #untimed = 0;
  #timed = false;

  constructor(format: TextFormat, file: InputFile, context: ReadContext) {
    this.#format = format;
    this.#file = file;
    this.#context = context;
  }

  /** The snapshots that a block settles. */
  *date(block: TextBlock): Iterable<Snapshot> {
    if (block.time !== undefined) {
      this.#timed = true;
      this.#leaveOut();
      const isMarker = this.#format.id === "poolmon" || this.#format.id === "poolused";
      yield this.#snapshot(block, this.#forward(block.time, block.line), isMarker ? "marker" : "measured");
      return;
    }
    if (this.#timed) {
      this.#waiting = block;
      this.#leaveOut();
    } else if (this.#untimed === 0 && this.#waiting === undefined) {
      this.#waiting = block;
    } else {
      const first = this.#waiting;
      this.#waiting = undefined;
      if (first !== undefined) yield this.#step(first);
      yield this.#step(block);
    }
  }

  /** What still waits at the end of the file. */
  *end(): Iterable<Snapshot> {
    const block = this.#waiting;
    this.#waiting = undefined;
    if (block === undefined) return;
    const named = this.#timeOfName();
    yield named === undefined
      ? this.#snapshot(block, Math.round(this.#file.modified), this.#file.onDisk ? "file-modified" : "none")
      : this.#snapshot(block, named, "file-name");
  }

  #leaveOut(): void {
    const block = this.#waiting;
    this.#waiting = undefined;
    if (block === undefined) return;
    const where = `${this.#file.path}:${block.line}`;
    this.#context.gap({ where, problem: "a snapshot without a readable time among others that have one; left out" });
  }

  #step(block: TextBlock): Snapshot {
    const interval = this.#context.options.assumedInterval;
    const start = interval === undefined ? 0 : (this.#timeOfName() ?? 0);
    const index = this.#untimed++;
    return this.#snapshot(block, start + index * (interval ?? STEP), "none");
  }

  #timeOfName(): Milliseconds | undefined {
    const reading = readDate(basename(this.#file.path));
    if (reading === undefined) return undefined;
    const read = timeFor(reading, this.#context.dates);
    if ("time" in read) return read.time;
    this.#context.gap({ where: this.#file.path, problem: `the date in its name is not used: ${read.problem}` });
    return undefined;
  }

  #snapshot(block: TextBlock, time: Milliseconds, timeBasis: TimeBasis): Snapshot {
    if (this.#last !== undefined && time > this.#last) this.#lastStep = time - this.#last;
    this.#last = time;
    const { host, windowsBuild, architecture, bootTime, session, listing, bytesRoundedTo } = block;
    const origin: Origin = {
      source: this.#format.id,
      file: this.#file.path,
      ...(host === undefined ? {} : { host }),
      ...(windowsBuild === undefined ? {} : { windowsBuild }),
      ...(architecture === undefined ? {} : { architecture }),
      ...(bootTime === undefined ? {} : { bootTime }),
      timeBasis,
      ...(session === undefined ? {} : { session }),
      ...(listing === undefined ? {} : { listing }),
      ...(bytesRoundedTo === undefined ? {} : { bytesRoundedTo }),
    };
    const { totals, columns, counterBits, surroundings } = block;
    return {
      time,
      origin,
      totals,
      columns,
      counterBits,
      gaps: [],
      ...(surroundings !== undefined && { surroundings }),
    };
  }

  /** A clock set back would turn growth around: later times are shifted so that the order holds, and that is said. */
  #forward(time: Milliseconds, line: number): Milliseconds {
    const shifted = time + this.#shift;
    if (this.#last === undefined || shifted >= this.#last) return shifted;
    this.#clockSteps += 1;
    if (this.#clockSteps > MAX_CLOCK_STEPS) {
      throw new FormatError(this.#format.id, "the rows are not in time order; sort them by time first", {
        file: this.#file.path,
        line,
        expected: `a time after ${formatTime(this.#last)}`,
        found: formatTime(shifted),
      });
    }
    const step = this.#last + this.#lastStep - shifted;
    this.#shift += step;
    this.#context.gap({
      where: `${this.#file.path}:${line}`,
      problem: `the clock goes back, from ${formatTime(this.#last)} to ${formatTime(shifted)}; later times were shifted by ${formatDuration(step)} to keep the order`,
    });
    return time + this.#shift;
  }
}
