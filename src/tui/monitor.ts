// Joins samples, keys, the detector and what the outside offers (owners, facts, saving, recording) into the state.
// Time arrives as an argument; nothing here touches a terminal or starts a timer.

import type { Detector } from "../detect/detector.ts";
import type { BesideTables } from "../model/beside.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { NONPAGED, PAGED, rowKey, type PoolKind } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import type { Owner } from "../model/attribution.ts";
import type { Diagnosis, TagRef, Verdict } from "../model/verdict.ts";
import { Board } from "./board.ts";
import { FEW_ROWS, Gate } from "./gate.ts";
import type { Key } from "./keys.ts";
import { onKey, onResize } from "./on-key.ts";
import { settle } from "./settle.ts";
import {
  initialState,
  type Effect,
  type Feed,
  type SessionChoice,
  type Size,
  type State,
  type TagFacts,
} from "./state.ts";
import type { Look } from "./style.ts";

/** A recording in progress. */
export interface Recorder {
  readonly file: string;
  append(snapshot: Snapshot): void;
  close(): void;
}

/** What the outside offers; whatever is left out is answered with a message instead. */
export interface Offers {
  readonly makeDetector: () => Detector;
  readonly ownerOf?: (tag: Tag) => Owner | undefined;
  readonly isKnown?: (tag: Tag) => boolean;
  readonly factsOf?: (tag: Tag) => Promise<TagFacts>;
  /** Adds owners, known leaks and drivers to the verdicts. */
  readonly enrich?: (diagnosis: Diagnosis) => Diagnosis;
  /** What stands beside the counters, as far as it was shown. */
  readonly beside?: () => BesideTables;
  /** Saves a snapshot; answers the file. */
  readonly save?: (snapshot: Snapshot) => Promise<string>;
  /** Turns the zone of all times; answers what it is now. */
  readonly turnZone?: () => string;
  readonly startRecording?: () => Promise<Recorder>;
  /** Turns the source to other pools; throws where it has none. */
  readonly chooseSession?: (choice: SessionChoice) => void;
  /** Told when something arrived outside of a key or sample, so that the frame is drawn anew. */
  readonly onChange?: () => void;
}

/** Least time between two samples that the detector is given: finer ones tell it nothing more. */
const DETECT_EVERY_MS = 2_000;
/** The same on a machine with very many rows. */
const DETECT_MANY_EVERY_MS = 5_000;
/** Rows change places at most this often, in recorded time. */
const ORDER_EVERY_MS = 1_000;
/** The same on a machine with very many rows, where putting them in order is an eighth of all that the view does. */
const ORDER_MANY_EVERY_MS = 2_000;
/** A diagnosis may take at most this share of the time. */
const DIAGNOSE_SHARE = 1 / 1_000;
const DIAGNOSE_SHARE_REPLAY = 1 / 10;

export class Monitor {
  #offers: Offers;
  #state: State;
  #detector: Detector;
  #last: Snapshot | undefined;
  #gate = new Gate();
  #lastDetected = Number.NEGATIVE_INFINITY;
  #orderedAt = Number.NEGATIVE_INFINITY;
  #orderedCount = 0;
  #news = false;
  #diagnoseAt = Number.NEGATIVE_INFINITY;
  #recorder: Recorder | undefined;

  constructor(offers: Offers, look: Look, size: Size, feed: Feed) {
    this.#offers = offers;
    this.#detector = offers.makeDetector();
    this.#state = initialState(look, size, feed);
    this.offer(offers);
  }

  /** Adds to what the outside offers: what takes time to load comes after the first frame. */
  offer(more: Partial<Offers>): void {
    this.#offers = { ...this.#offers, ...more };
    const { ownerOf = () => undefined, isKnown = (tag) => ownerOf(tag) !== undefined } = this.#offers;
    this.#state = settle({ ...this.#state, ownerOf: remembered(ownerOf), isKnown: remembered(isKnown) });
    this.#news = this.#last !== undefined;
  }

  get state(): State {
    return this.#state;
  }

  /** Takes the next sample. `quiet` ones are passed on the way to another and are not shown. */
  takeSample(snapshot: Snapshot, quiet = false): void {
    this.#last = snapshot;
    this.#append(snapshot);
    const isReplay = this.#state.feed.kind === "replay";
    const isHeld = this.#state.paused && !isReplay && this.#state.board.snapshot !== undefined;
    if (!isHeld) {
      const newBoot = this.#state.board.update(snapshot);
      this.#state = { ...this.#state, failure: undefined };
      if (newBoot) this.#say("The machine was restarted: counters and trends begin anew.");
      if (!quiet) this.#show(snapshot.time);
    }
    if (isReplay) this.#detect(snapshot);
    // A clock set back must not stop the detector from being asked: it says itself what it leaves out.
    else if (Math.abs(snapshot.time - this.#lastDetected) >= this.#detectEvery(snapshot) - 50) {
      this.#detect(this.#gate.pass(snapshot, this.#state.board));
    }
  }

  #detectEvery(snapshot: Snapshot): number {
    return snapshot.columns.length <= FEW_ROWS ? DETECT_EVERY_MS : DETECT_MANY_EVERY_MS;
  }

  /** Puts rows in order, but not more often than the eye can follow rows that change places. */
  #show(time: number): void {
    const { board } = this.#state;
    const every = board.count <= FEW_ROWS ? ORDER_EVERY_MS : ORDER_MANY_EVERY_MS;
    const isOrderGood = board.count === this.#orderedCount && Math.abs(time - this.#orderedAt) < every - 50;
    this.#state = isOrderGood ? { ...this.#state, revision: board.revision } : settle(this.#state);
    if (isOrderGood) return;
    this.#orderedAt = time;
    this.#orderedCount = board.count;
  }

  #detect(snapshot: Snapshot): void {
    this.#detector.push(snapshot);
    this.#lastDetected = snapshot.time;
    this.#news = true;
  }

  /** Shows that a sample could not be taken; the last one stays. */
  fail(problem: string): void {
    this.#state = { ...this.#state, failure: problem };
  }

  /** Forgets all samples: what comes next is another stretch of the recording. */
  reset(): void {
    this.#detector = this.#offers.makeDetector();
    this.#gate = new Gate();
    this.#orderedCount = 0;
    this.#lastDetected = Number.NEGATIVE_INFINITY;
    this.#state = {
      ...this.#state,
      board: new Board(),
      order: new Int32Array(0),
      diagnosis: undefined,
      verdicts: new Map(),
      failure: undefined,
    };
  }

  setFeed(feed: Feed): void {
    this.#state = { ...this.#state, feed };
  }

  /** Sets parts of the state from outside of keys: what the command line asked for. */
  adjust(parts: Partial<State>): void {
    this.#state = settle({ ...this.#state, ...parts });
  }

  resize(size: Size): void {
    this.#state = onResize(this.#state, size);
  }

  /** Milliseconds until {@link diagnose} may be called, at a time of the caller's clock; undefined where nothing is new. */
  diagnosisDueIn(now: number): number | undefined {
    return this.#news ? Math.max(0, this.#diagnoseAt - now) : undefined;
  }

  /** Asks the detector. `now` is called before and after, so that a costly diagnosis is made less often. */
  diagnose(now: () => number): void {
    const begun = now();
    const found = this.#detector.diagnose();
    this.#news = false;
    if (found !== undefined) {
      const diagnosis = this.#offers.enrich?.(found) ?? found;
      this.#state = settle({ ...this.#state, diagnosis, verdicts: verdictsByKey(diagnosis.verdicts) });
    }
    const ended = now();
    const share = this.#state.feed.kind === "replay" ? DIAGNOSE_SHARE_REPLAY : DIAGNOSE_SHARE;
    this.#diagnoseAt = ended + (ended - begun) / share;
  }

  /** Lets a key act; answers what only the feed or the terminal can do. */
  key(key: Key): Effect | undefined {
    const { state, effect } = onKey(this.#state, key);
    this.#state = state;
    switch (effect?.type) {
      case "baseline":
        this.#state.board.setBaseline(this.#state.board.baseTime === undefined);
        this.#state = settle(this.#state);
        return undefined;
      case "facts":
        // Who asks why wants to hear what is known now.
        this.#diagnoseAt = Number.NEGATIVE_INFINITY;
        void this.#lookUp(effect.tag);
        return undefined;
      case "save":
        void this.#save();
        return undefined;
      case "record":
        void this.#toggleRecording();
        return undefined;
      case "zone":
        this.#say(`Times are ${this.#offers.turnZone?.() ?? "UTC"}.`);
        return undefined;
      case "session":
        return this.#chooseSession(effect.session) ? { type: "sample-now" } : undefined;
      default:
        return effect;
    }
  }

  /** The state to draw: with the history of the tag in view, which only the detector has. */
  stateToDraw(): State {
    const { detail, board, screen } = this.#state;
    if (screen === "drivers" || screen === "programs") {
      const beside = this.#offers.beside?.();
      // Kept in the state: a key scrolls what is shown. A view that is held keeps what it shows.
      if (!this.#state.paused || this.#state.beside === undefined) this.#state = { ...this.#state, beside };
      return this.#state;
    }
    if (detail === undefined) return this.#state;
    const series = this.#detector.series(detail.ref);
    if (series === undefined || series.times.length < 8) return this.#state;
    const slot = board.slotOf(keyOf(detail.ref));
    // The detector sees fewer samples than the board: the newest value is put behind its last.
    const newest = board.snapshot?.time ?? Number.NEGATIVE_INFINITY;
    const isBehind = slot !== undefined && newest > (series.times.at(-1) ?? newest);
    const extended = isBehind
      ? {
          times: [...series.times, newest],
          bytes: [...series.bytes, board.value(slot, "bytes")],
          outstanding: [...series.outstanding, board.value(slot, "outstanding")],
        }
      : series;
    return { ...this.#state, detail: { ...detail, series: extended } };
  }

  /** Ends what must not be left open. */
  close(): void {
    this.#recorder?.close();
    this.#recorder = undefined;
  }

  #say(message: string): void {
    this.#state = { ...this.#state, message };
    this.#offers.onChange?.();
  }

  #append(snapshot: Snapshot): void {
    if (this.#recorder === undefined) return;
    try {
      this.#recorder.append(snapshot);
    } catch (error) {
      this.#stopRecording(`Recording stopped: ${textOf(error)}`);
    }
  }

  #stopRecording(message: string): void {
    try {
      this.close();
    } catch (error) {
      this.#say(`${message}; closing it failed: ${textOf(error)}`);
      this.#recorder = undefined;
    }
    this.#state = { ...this.#state, recording: undefined };
    this.#say(message);
  }

  async #toggleRecording(): Promise<void> {
    if (this.#recorder !== undefined) return this.#stopRecording(`Recorded to ${this.#recorder.file}`);
    if (this.#offers.startRecording === undefined) return this.#say("There is nothing to record in a replay.");
    try {
      this.#recorder = await this.#offers.startRecording();
      this.#state = { ...this.#state, recording: this.#recorder.file };
      this.#say(`Recording to ${this.#recorder.file}; r stops it.`);
    } catch (error) {
      this.#say(`Not recording: ${textOf(error)}`);
    }
  }

  async #save(): Promise<void> {
    if (this.#last === undefined) return this.#say("There is no sample to save yet.");
    if (this.#offers.save === undefined) return this.#say("Saving is not offered here.");
    try {
      this.#say(`Saved to ${await this.#offers.save(this.#last)}`);
    } catch (error) {
      this.#say(`Not saved: ${textOf(error)}`);
    }
  }

  #chooseSession(choice: SessionChoice): boolean {
    try {
      if (this.#offers.chooseSession === undefined) throw new Error("this source has no session pools");
      this.#offers.chooseSession(choice);
    } catch (error) {
      this.#say(`Still showing the same pools: ${textOf(error)}.`);
      return false;
    }
    this.reset();
    this.#state = { ...this.#state, session: choice };
    return true;
  }

  async #lookUp(tag: Tag): Promise<void> {
    let facts: TagFacts = { drivers: [], knownLeaks: [], next: [], remarks: [] };
    try {
      facts = (await this.#offers.factsOf?.(tag)) ?? facts;
    } catch (error) {
      facts = { ...facts, remarks: [`Look-up failed: ${textOf(error)}`] };
    }
    const { detail } = this.#state;
    if (detail?.ref.tag !== tag) return;
    this.#state = { ...this.#state, detail: { ...detail, facts } };
    this.#offers.onChange?.();
  }
}

/** A look-up that is made once per tag: rows are drawn again and again. */
function remembered<T>(lookUp: (tag: Tag) => T): (tag: Tag) => T {
  const known = new Map<Tag, T>();
  return (tag) => {
    const found = known.get(tag);
    if (found !== undefined || known.has(tag)) return found as T;
    const fresh = lookUp(tag);
    known.set(tag, fresh);
    return fresh;
  };
}

/** The message of what was thrown, in one line. */
export function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
}

function codeOf(kind: PoolKind): number {
  return kind === "paged" ? PAGED : NONPAGED;
}

function keyOf(ref: TagRef): number {
  return rowKey(ref.tag, codeOf(ref.kind));
}

/** Verdicts by row key in their order; members of a group get their lead's unless they have one of their own. */
function verdictsByKey(verdicts: readonly Verdict[]): Map<number, Verdict> {
  const own = new Map(verdicts.map((verdict) => [keyOf(verdict), verdict]));
  const all = new Map<number, Verdict>();
  for (const verdict of verdicts) {
    all.set(keyOf(verdict), verdict);
    for (const member of verdict.group) {
      const key = keyOf(member);
      if (!all.has(key)) all.set(key, own.get(key) ?? verdict);
    }
  }
  return all;
}
