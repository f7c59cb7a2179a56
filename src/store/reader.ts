// Reads a recording, also while it is being written: snapshots as a stream, or series as typed arrays.

import type { Gap, Milliseconds, PoolKind, Snapshot } from "../model/snapshot.ts";
import { kindCode, rowKey } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import { plural } from "../model/units.ts";
import { choose, type ReadRange } from "./choose.ts";
import { explained, explaining, isDamage, openToRead, type OpenRecording } from "./database.ts";
import { ascending, Dictionary, numberIn } from "./dictionary.ts";
import { gapsOf, toSnapshot, Walk, WHOLE, type Step } from "./walk.ts";

/** One (tag, kind) over time. NaN where a snapshot did not list it. `boots` numbers the boot of each point. */
export interface StoredSeries {
  readonly tag: Tag;
  readonly kind: PoolKind;
  readonly times: Float64Array;
  readonly boots: Float64Array;
  readonly allocs: Float64Array;
  readonly frees: Float64Array;
  readonly outstanding: Float64Array;
  readonly bytes: Float64Array;
}

/** A recording open to read. All reads of one reader see the file as it was at the first of them. */
export class RecordingReader {
  readonly file: string;
  readonly #open: OpenRecording;
  readonly #dictionary: Dictionary;
  /** What could not be read; complete once a read has ended. */
  readonly gaps: Gap[] = [];

  private constructor(file: string, open: OpenRecording) {
    this.file = file;
    this.#open = open;
    open.db.exec("BEGIN");
    this.#dictionary = new Dictionary(open.db);
  }

  /** Throws AccessError where the file cannot be reached, FormatError where it is no recording. */
  static open(file: string): RecordingReader {
    const open = openToRead(file);
    try {
      return new RecordingReader(file, open);
    } catch (error) {
      open.close();
      throw explained(error, file);
    }
  }

  get db(): OpenRecording["db"] {
    return this.#open.db;
  }

  /** Whether the trees of the file are whole; in one that is not, no statement may be left to walk them by itself. */
  get sound(): boolean {
    return this.#open.sound;
  }

  /** Schema version of the file. */
  get version(): number {
    return this.#open.version;
  }

  get dictionary(): Dictionary {
    return this.#dictionary;
  }

  /** Snapshots in the order in which they were written, one in memory at a time. */
  *snapshots(range: ReadRange = {}): Generator<Snapshot> {
    for (const step of this.steps(range)) yield toSnapshot(step, this.#dictionary);
  }

  /** Like {@link snapshots}, but each with the rows of the chain itself, which the next step overwrites. */
  *steps(range: ReadRange = {}): Generator<Step> {
    try {
      const { blocks, ids } = choose(this.db, range, this.sound);
      const walk = new Walk(this.db, this.#dictionary, this.file, this.sound);
      const { from = -Infinity, to = Infinity } = range;
      for (const step of walk.steps(blocks))
        if (ids?.has(step.id) ?? (step.time >= from && step.time <= to)) yield step;
      this.gaps.push(...walk.gaps, ...(this.sound ? [] : [this.#damaged(walk.whole)]));
      if (ids !== undefined && range.maxSnapshots !== undefined) this.#notesBetween(range, ids);
    } catch (error) {
      throw explained(error, this.file);
    }
  }

  #damaged(whole: number): Gap {
    return {
      where: this.file,
      problem:
        `the file is damaged; ${plural(whole, "snapshot")} could be read, each whole by its checksum; ` +
        "how many are lost cannot be told",
    };
  }

  /** How many snapshots can be counted: those of the index, or in a damaged file those that can be read. */
  count(): number {
    if (this.sound)
      return explaining(this.file, () => Number(this.db.prepare("SELECT count(*) AS n FROM snapshot").get()?.["n"]));
    let count = 0;
    for (const _ of this.#intact()) count += 1;
    return count;
  }

  /** All that can be read of a damaged file, without noting again what cannot. */
  *#intact(): Generator<Step> {
    try {
      yield* new Walk(this.db, this.#dictionary, this.file, this.sound).steps([WHOLE]);
    } catch (error) {
      throw explained(error, this.file);
    }
  }

  #intactTimes({ from = -Infinity, to = Infinity }: ReadRange): Milliseconds[] {
    return Array.from(this.#intact(), ({ time }) => time).filter((time) => time >= from && time <= to);
  }

  /** What snapshots that a coarse read left out say of gaps, each once. */
  #notesBetween({ from = -Infinity, to = Infinity }: ReadRange, taken: ReadonlySet<number>): void {
    const notes = new Map<string, Gap>();
    const sql = "SELECT id, gaps FROM snapshot WHERE gaps IS NOT NULL AND time BETWEEN ? AND ?";
    try {
      for (const row of this.db.prepare(sql).iterate(from, to)) {
        if (taken.has(numberIn(row, "id"))) continue;
        for (const gap of gapsOf(row["gaps"])) notes.set(`${gap.where}\n${gap.problem}`, gap);
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    this.gaps.push(...notes.values());
  }

  /** Some series over a range of time; memory is 48 bytes a point and series. */
  series(refs: readonly { readonly tag: Tag; readonly kind: PoolKind }[], range: ReadRange = {}): StoredSeries[] {
    const points = this.count();
    const times = new Float64Array(points);
    const boots = new Float64Array(points);
    const columns = refs.map(() => ({
      allocs: new Float64Array(points).fill(Number.NaN),
      frees: new Float64Array(points).fill(Number.NaN),
      outstanding: new Float64Array(points).fill(Number.NaN),
      bytes: new Float64Array(points).fill(Number.NaN),
    }));
    const keys = refs.map(({ tag, kind }) => rowKey(tag, kindCode(kind)));
    let positions = new Int32Array(0);
    let slots: Int32Array | undefined;
    let n = 0;
    for (const { time, boot, rows } of this.steps(range)) {
      if (rows.slots !== slots) {
        slots = rows.slots;
        const index = new Map<number, number>();
        for (let i = 0; i < rows.length; i++) index.set(rowKey(rows.tag[i] ?? 0, rows.kind[i] ?? 0), i);
        positions = Int32Array.from(keys, (key) => index.get(key) ?? -1);
      }
      times[n] = time;
      boots[n] = boot;
      for (const [i, column] of columns.entries()) {
        const at = positions[i] ?? -1;
        if (at < 0) continue;
        column.allocs[n] = rows.allocs[at] ?? Number.NaN;
        column.frees[n] = rows.frees[at] ?? Number.NaN;
        column.outstanding[n] = rows.outstanding[at] ?? Number.NaN;
        column.bytes[n] = rows.bytes[at] ?? Number.NaN;
      }
      n += 1;
    }
    return columns.map((column, i) => ({
      tag: refs[i]?.tag ?? 0,
      kind: refs[i]?.kind ?? "nonpaged",
      times: times.subarray(0, n),
      boots: boots.subarray(0, n),
      allocs: column.allocs.subarray(0, n),
      frees: column.frees.subarray(0, n),
      outstanding: column.outstanding.subarray(0, n),
      bytes: column.bytes.subarray(0, n),
    }));
  }

  /** Earliest and latest time of all snapshots; undefined where there is none, or the index is damaged. */
  span(): { readonly from: Milliseconds; readonly to: Milliseconds } | undefined {
    if (!this.sound) return bounds(this.#intactTimes({}));
    try {
      const { a, b } = this.db.prepare("SELECT min(time) AS a, max(time) AS b FROM snapshot").get() ?? {};
      return typeof a === "number" && typeof b === "number" ? { from: a, to: b } : undefined;
    } catch (error) {
      if (!isDamage(error)) throw explained(error, this.file);
      return undefined;
    }
  }

  /** Times of the snapshots next to a time, at or before and at or after it, of those in a range; both the same at one of them. */
  around(
    near: Milliseconds,
    range: ReadRange = {},
  ): { readonly from: Milliseconds; readonly to: Milliseconds } | undefined {
    const { from = -Infinity, to = Infinity } = range;
    if (!this.sound) {
      const times = this.#intactTimes(range);
      const before = bounds(times.filter((time) => time <= near))?.to;
      const after = bounds(times.filter((time) => time >= near))?.from;
      return bounds([before, after].filter((time) => time !== undefined));
    }
    const sql =
      "SELECT (SELECT max(time) FROM snapshot WHERE time <= ?1 AND time BETWEEN ?2 AND ?3) AS a, (SELECT min(time) FROM snapshot WHERE time >= ?1 AND time BETWEEN ?2 AND ?3) AS b";
    try {
      const { a, b } = this.db.prepare(sql).get(near, from, to) ?? {};
      const times = [a, b].filter((time) => typeof time === "number");
      return times.length === 0 ? undefined : { from: Math.min(...times), to: Math.max(...times) };
    } catch (error) {
      if (!isDamage(error)) throw explained(error, this.file);
      return undefined;
    }
  }

  /** What the sources of the recording themselves said of the drivers of tags. */
  mappedDrivers(): Map<Tag, string> {
    const drivers = new Map<Tag, string>();
    try {
      for (const row of ascending(this.db, "SELECT tag, text FROM mapped_driver ORDER BY tag", "tag"))
        if (typeof row["text"] === "string") drivers.set(numberIn(row, "tag") >>> 0, row["text"]);
    } catch (error) {
      if (!isDamage(error)) throw explained(error, this.file);
    }
    return drivers;
  }

  close(): void {
    this.#open.close();
  }
}

/** The earliest and latest of some times; undefined where there is none. */
function bounds(
  times: readonly Milliseconds[],
): { readonly from: Milliseconds; readonly to: Milliseconds } | undefined {
  const [first] = times;
  if (first === undefined) return undefined;
  return {
    from: times.reduce((a, b) => Math.min(a, b), first),
    to: times.reduce((a, b) => Math.max(a, b), first),
  };
}
