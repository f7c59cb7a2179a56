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
import { MOST_CLOCK_STEPS } from "./intake/file-order.ts";

/** What is known of one machine's clock. */
interface Clock {
  readonly first: Milliseconds;
  last: Milliseconds;
  lastStep: Milliseconds;
  shift: number;
  steps: number;
}

/** Blocks of one machine that tell no time: the first waits, alone it has the time of its file, before others it has none. */
interface Untimed {
  waiting: TextBlock | undefined;
  steps: number;
  timed: boolean;
}

export class FileClock {
  readonly #format: TextFormat;
  readonly #file: InputFile;
  readonly #context: ReadContext;
  /** By host: the machines of one text have a clock each. */
  readonly #clocks = new Map<string, Clock>();
  readonly #machines = new Map<string, Untimed>();

  constructor(format: TextFormat, file: InputFile, context: ReadContext) {
    this.#format = format;
    this.#file = file;
    this.#context = context;
  }

  /** The snapshots that a block settles. */
  *date(block: TextBlock): Iterable<Snapshot> {
    const machine = this.#machineOf(block);
    if (block.time !== undefined) {
      machine.timed = true;
      this.#leaveOut(machine);
      const isMarker = this.#format.id === "poolmon" || this.#format.id === "poolused";
      yield this.#snapshot(block, this.#forward(block.time, block), isMarker ? "marker" : "measured");
      return;
    }
    if (machine.timed) {
      machine.waiting = block;
      this.#leaveOut(machine);
    } else if (machine.steps === 0 && machine.waiting === undefined) {
      machine.waiting = block;
    } else {
      const first = machine.waiting;
      machine.waiting = undefined;
      if (first !== undefined) yield this.#step(first, machine);
      yield this.#step(block, machine);
    }
  }

  /** What still waits at the end of the file. */
  *end(): Iterable<Snapshot> {
    for (const { waiting: block } of this.#machines.values()) {
      if (block === undefined) continue;
      const named = this.#timeOfName();
      yield named === undefined
        ? this.#snapshot(block, Math.round(this.#file.modified), this.#file.onDisk ? "file-modified" : "none")
        : this.#snapshot(block, named, "file-name");
    }
  }

  #machineOf({ host = "" }: TextBlock): Untimed {
    const known = this.#machines.get(host);
    if (known !== undefined) return known;
    const machine: Untimed = { waiting: undefined, steps: 0, timed: false };
    this.#machines.set(host, machine);
    return machine;
  }

  #leaveOut(machine: Untimed): void {
    const block = machine.waiting;
    machine.waiting = undefined;
    if (block === undefined) return;
    const where = `${this.#file.path}:${block.line}`;
    this.#context.gap({ where, problem: "a snapshot without a readable time among others that have one; left out" });
  }

  #step(block: TextBlock, machine: Untimed): Snapshot {
    const interval = this.#context.options.assumedInterval;
    const start = interval === undefined ? 0 : (this.#timeOfName() ?? 0);
    const index = machine.steps++;
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
  #forward(time: Milliseconds, { line, host = "" }: TextBlock): Milliseconds {
    const clock = this.#clocks.get(host);
    if (clock === undefined) {
      this.#clocks.set(host, { first: time, last: time, lastStep: 60_000, shift: 0, steps: 0 });
      return time;
    }
    const shifted = time + clock.shift;
    if (shifted >= clock.last) {
      if (shifted > clock.last) clock.lastStep = shifted - clock.last;
      clock.last = shifted;
      return shifted;
    }
    clock.steps += 1;
    // What is too large to be looked at as a whole may as well have the newest first, or be sorted by tag.
    const isOtherOrder = !this.#context.whole && time <= clock.first;
    if (clock.steps > MOST_CLOCK_STEPS || isOtherOrder) {
      throw new FormatError(this.#format.id, "the rows are not in time order; sort them by time first", {
        file: this.#file.path,
        line,
        expected: `a time after ${formatTime(clock.last)}`,
        found: formatTime(shifted),
      });
    }
    const step = clock.last + clock.lastStep - shifted;
    clock.shift += step;
    this.#context.gap({
      where: `${this.#file.path}:${line}`,
      problem: `the clock goes back, from ${formatTime(clock.last)} to ${formatTime(shifted)}; later times were shifted by ${formatDuration(step)} to keep the order`,
    });
    clock.last = time + clock.shift;
    return clock.last;
  }
}
