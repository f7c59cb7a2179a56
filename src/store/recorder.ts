// The recorder: takes a snapshot at a fixed cadence and appends it, until it is told to stop. Clock, sleep and sampler are
// given to it, so that a day of it runs in a test in a moment.

import { AccessError, isKnownError } from "../model/errors.ts";
import type { Gap, Milliseconds, Snapshot } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { formatDuration } from "../model/units.ts";
import { damageOf } from "./database.ts";
import { thin, type ThinOptions } from "./thin.ts";
import { crashNotice, type RecordingWriter } from "./writer.ts";

/** Takes one snapshot of the machine. May throw AccessError or FormatError; the recorder tries again at the next beat. */
export type Sampler = () => Snapshot | Promise<Snapshot>;

export interface RecorderOptions {
  readonly writer: RecordingWriter;
  readonly sample: Sampler;
  readonly every: Milliseconds;
  /** Ends by itself after this long. */
  readonly duration?: Milliseconds | undefined;
  readonly thin: ThinOptions;
  /** Ends the recording after the snapshot that is being written. */
  readonly signal: AbortSignal;
  /** Milliseconds that no change of the clock touches. */
  readonly monotonic: () => number;
  /** Sleeps; ends early without an error when the signal says so. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly report: (event: RecorderEvent) => void;
}

/** What happens while recording, for a status line, a log or a program. */
export type RecorderEvent =
  | { readonly event: "started"; readonly appending: boolean; readonly snapshots: number; readonly crashed?: string }
  | { readonly event: "written"; readonly time: Milliseconds; readonly snapshots: number; readonly bytes: number }
  | { readonly event: "late"; readonly missed: number }
  | { readonly event: "clock"; readonly problem: string }
  /** `isLast`: the recording ends, it is not tried again. */
  | { readonly event: "not-sampled"; readonly problem: string; readonly isLast?: true }
  | { readonly event: "not-written"; readonly problem: string }
  | { readonly event: "working-again"; readonly lost: number }
  | { readonly event: "thinned"; readonly dropped: number; readonly bytes: number }
  | { readonly event: "too-large"; readonly bytes: number }
  | { readonly event: "ended"; readonly outcome: string; readonly snapshots: number; readonly bytes: number };

export interface RecorderResult {
  readonly written: number;
  /** The disk did not take the last snapshots. */
  readonly failing: AccessError | undefined;
}

const THIN_EVERY = 15 * 60_000;

/** A difference between clock and elapsed time that is worth a word. */
const CLOCK_JUMP = 5000;

/**
 * Records until the duration is over or the signal comes. Throws what the first sample throws, and AccessError where the
 * file is taken away. The writer stays open.
 */
export async function runRecorder(options: RecorderOptions): Promise<RecorderResult> {
  const { writer, every, report, monotonic } = options;
  const start = monotonic();
  const state = new Beat(options);
  const first = await options.sample();
  report({
    event: "started",
    appending: writer.last !== undefined,
    snapshots: writer.count,
    ...optionalCrash(crashNotice(writer.previous, writer.last)),
  });
  state.write(first, monotonic(), gapBefore(writer, first));
  state.thin(first.time, start);
  for (let slot = 1; !options.signal.aborted;) {
    const due = start + slot * every;
    if (options.duration !== undefined && due - start > options.duration) break;
    await options.sleep(due - monotonic(), options.signal);
    if (options.signal.aborted) break;
    await state.beat();
    const now = monotonic();
    const next = Math.max(slot + 1, Math.floor((now - start) / every) + 1);
    // A beat that took too long is not made up for: the next one comes when it would have come anyway.
    if (next > slot + 1) report({ event: "late", missed: next - slot - 1 });
    slot = next;
    state.thin(undefined, now);
  }
  return { written: state.written, failing: state.failing };
}

function optionalCrash(crashed: string | undefined): { crashed?: string } {
  return crashed === undefined ? {} : { crashed };
}

function withGaps(snapshot: Snapshot, gaps: readonly Gap[]): Snapshot {
  return gaps.length === 0 ? snapshot : { ...snapshot, gaps: [...snapshot.gaps, ...gaps] };
}

/** What lies between the end of the recording so far and the first snapshot now. */
function gapBefore(writer: RecordingWriter, first: Snapshot): Gap[] {
  const { last, previous } = writer;
  if (last === undefined) return [];
  const why =
    previous?.ended === undefined
      ? "the recorder was killed or the machine went down"
      : `the recorder was not running (${previous.outcome ?? "ended"})`;
  return [notRecorded(why, last.time, first.time)];
}

function notRecorded(why: string, from: Milliseconds | undefined, to: Milliseconds): Gap {
  const where = from === undefined ? `before ${formatTime(to)}` : `${formatTime(from)} to ${formatTime(to)}`;
  return { where, problem: `not recorded: ${why}`, ...(from !== undefined && { from }), to };
}

/** One beat after another, and what is to be said of those that failed. */
class Beat {
  written = 0;
  failing: AccessError | undefined;
  readonly #options: RecorderOptions;
  readonly #notes: Gap[] = [];
  #lost = 0;
  #sampleProblem: string | undefined;
  #lastTime: Milliseconds | undefined;
  #lastMonotonic = 0;
  #thinned: number | undefined;
  #tooLarge = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  async beat(): Promise<void> {
    const { sample, report, monotonic } = this.#options;
    let snapshot: Snapshot;
    try {
      snapshot = await sample();
    } catch (error) {
      if (!isKnownError(error)) throw error;
      const isLast = this.#options.signal.aborted;
      if (this.#sampleProblem !== error.message)
        report({ event: "not-sampled", problem: error.message, ...(isLast && { isLast }) });
      this.#sampleProblem = error.message;
      this.#lost += 1;
      return;
    }
    this.write(snapshot, monotonic());
  }

  /** Writes a snapshot and what is to be noted with it; a note stays until a snapshot takes it along. */
  write(snapshot: Snapshot, now: number, notes: readonly Gap[] = []): void {
    const { writer, report } = this.#options;
    this.#notes.push(...notes);
    const gaps = [...this.#notes, ...this.#clockGap(snapshot.time, now), ...this.#lostGap(snapshot.time)];
    try {
      writer.append(withGaps(snapshot, gaps));
    } catch (error) {
      if (!(error instanceof AccessError) || !writer.isInPlace()) throw error;
      if (this.failing === undefined) report({ event: "not-written", problem: error.message });
      this.failing = error;
      this.#lost += 1;
      return;
    }
    for (const gap of gaps) if (gap.where === "clock") report({ event: "clock", problem: gap.problem });
    if (this.#lost > 0) report({ event: "working-again", lost: this.#lost });
    this.#lost = 0;
    this.#notes.length = 0;
    this.failing = undefined;
    this.#sampleProblem = undefined;
    this.#lastTime = snapshot.time;
    this.#lastMonotonic = now;
    this.written += 1;
    report({ event: "written", time: snapshot.time, snapshots: writer.count, bytes: writer.bytes() });
  }

  /** Thins now and then. A disk that does not take it is told by the next snapshot. */
  thin(time: Milliseconds | undefined, now: number): void {
    const { writer, report, thin: options } = this.#options;
    const at = time ?? this.#lastTime;
    if ((options.keep === undefined && options.maxBytes === undefined) || at === undefined) return;
    if (this.#thinned !== undefined && now - this.#thinned < THIN_EVERY) return;
    this.#thinned = now;
    try {
      const { dropped, bytes, tooLarge } = thin(writer.db, writer.file, at, options);
      if (dropped > 0) {
        writer.reload();
        report({ event: "thinned", dropped, bytes });
      }
      if (tooLarge && !this.#tooLarge) report({ event: "too-large", bytes });
      this.#tooLarge = tooLarge;
    } catch (error) {
      writer.reload();
      report({ event: "not-written", problem: `old history could not be thinned: ${damageOf(error)}` });
    }
  }

  #clockGap(time: Milliseconds, now: number): Gap[] {
    if (this.#lastTime === undefined) return [];
    const jump = time - this.#lastTime - (now - this.#lastMonotonic);
    if (Math.abs(jump) < CLOCK_JUMP) return [];
    const problem =
      jump < 0
        ? `the clock was set back by ${formatDuration(jump)}`
        : `the clock went ahead by ${formatDuration(jump)}, or the machine slept`;
    return [{ where: "clock", problem, from: Math.min(this.#lastTime, time), to: Math.max(this.#lastTime, time) }];
  }

  #lostGap(time: Milliseconds): Gap[] {
    if (this.#lost === 0) return [];
    const why = this.#sampleProblem ?? this.failing?.message ?? "";
    return [notRecorded(why, this.#lastTime, time)];
  }
}
