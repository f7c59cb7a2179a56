// Walks the chain of snapshots of an open recording: blocks that start with a keyframe, decoded one after another. What is
// damaged is left out with a Gap; reading goes on at the next keyframe.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { FormatError } from "../model/errors.ts";
import type { Gap, Milliseconds, Snapshot, SystemTotals } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import type { Surroundings } from "../model/surroundings.ts";
import { BesideChain, countsAsValues, programsAsValues, type CountsAt, type ProgramsAt } from "./beside.ts";
import { CarefulRows, outOfOrder, SELECT } from "./careful-rows.ts";
import { damageOf, isDamage } from "./database.ts";
import { numberIn, type Dictionary } from "./dictionary.ts";
import { columnsOf, decodeRows, noRows, type Rows } from "./rows.ts";
import { TOTALS } from "./schema.ts";

/** A run of snapshots from a keyframe up to the next one, by id. */
export interface Block {
  readonly first: number;
  /** The last id that may belong to it. */
  readonly last: number;
  readonly time: Milliseconds;
}

/** A snapshot whose rows are still those of the chain: valid until the walk goes on. */
export interface Step {
  readonly id: number;
  readonly time: Milliseconds;
  readonly boot: number;
  readonly rows: Rows;
  /** What was measured beside the counters with this snapshot. */
  readonly counts: CountsAt | undefined;
  readonly programs: ProgramsAt | undefined;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Gaps listed one by one; a file that is damaged in more places is described by their number. */
const MOST_GAPS = 100;
/**
 * Rows decoded for each byte of the file, and at least. An idle machine with 3,000 rows a snapshot needs 10 a byte; a forged
 * file could ask for a million rows with ten bytes.
 */
const ROWS_PER_BYTE = 200;
const LEAST_ROWS = 100_000_000;

/** The whole table as one block: keyframes in it are recognised as they come. For a file whose index cannot be trusted. */
export const WHOLE: Block = { first: 0, last: Number.MAX_SAFE_INTEGER, time: Number.NEGATIVE_INFINITY };

/** What stands beside the counters of a snapshot. */
export const SELECT_BESIDE = "SELECT counts, programs FROM beside WHERE id = ?";

/** All blocks in the order in which they were written. */
export function blocksOf(db: DatabaseSync): Block[] {
  let keyframes: { id: number; time: number }[];
  try {
    keyframes = db
      .prepare("SELECT id, time FROM snapshot INDEXED BY keyframe WHERE base IS NULL")
      .all()
      .map((row) => ({ id: numberIn(row, "id"), time: numberIn(row, "time") }))
      .sort((a, b) => a.id - b.id);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [WHOLE];
  }
  return keyframes.map(({ id, time }, i) => ({
    first: id,
    last: (keyframes[i + 1]?.id ?? Number.MAX_SAFE_INTEGER) - 1,
    time,
  }));
}

/** Walks snapshots and collects what could not be read. */
export class Walk {
  readonly gaps: Gap[] = [];
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #file: string;
  readonly #sound: boolean;
  /** The damage that is going on, and the last good time before it. */
  #damage: { problem: string; from: Milliseconds | undefined } | undefined;
  #lastGood: Milliseconds | undefined;
  readonly #beside = new BesideChain();
  /** What is beside the counters cannot be read until the next keyframe. */
  #besideLost = false;
  #selectBeside: StatementSync | undefined;
  /** Rows that may still be decoded. */
  #budget: number;
  #unlisted = 0;
  /** Snapshots that were read whole: the blob matches its checksum and its chain goes back to a keyframe. */
  whole = 0;

  /** `sound` is false where the trees of the file are not whole: rows are then looked for one by one. */
  constructor(db: DatabaseSync, dictionary: Dictionary, file: string, sound = true) {
    this.#db = db;
    this.#dictionary = dictionary;
    this.#file = file;
    this.#sound = sound;
    this.#budget = Math.max(LEAST_ROWS, ROWS_PER_BYTE * fileBytes(db));
  }

  /** Every readable snapshot of some blocks; `until` ends a block early, after the snapshot of that id. */
  *steps(blocks: Iterable<Block & { readonly until?: number }>): Generator<Step> {
    for (const block of blocks) {
      if (this.#budget < 0) break;
      yield* this.#block(block.first, Math.min(block.last, block.until ?? block.last));
    }
    this.#endDamage(undefined);
    if (this.#unlisted > 0)
      this.gaps.push({ where: this.#file, problem: `snapshots cannot be read in ${this.#unlisted} more places` });
  }

  *#block(first: number, last: number): Generator<Step> {
    let rows: Rows | undefined;
    let previous: number | undefined;
    for (const row of this.#rowsOf(first, last)) {
      let step: Step;
      try {
        const base = row["base"];
        if (base !== null && (rows === undefined || base !== previous)) {
          rows = undefined;
          throw new FormatError("recording", "the snapshot that others build on is missing");
        }
        const id = numberIn(row, "id");
        const boot = numberIn(row, "boot");
        const time = numberIn(row, "time");
        const blob = row["rows"];
        if (!(blob instanceof Uint8Array)) throw new FormatError("recording", "a snapshot has no rows");
        const { counterBits } = this.#dictionary.origin(numberIn(row, "origin"), boot, undefined);
        const start = base === null ? noRows() : (rows ?? noRows());
        rows = undefined;
        rows = decodeRows(blob, start, counterBits, this.#dictionary.tagTable);
        previous = id;
        this.#budget -= rows.length;
        step = { id, time, boot, rows, ...this.#besideOf(row) };
      } catch (error) {
        this.#startDamage(error);
        continue;
      }
      this.#endDamage(step.time);
      this.#lastGood = step.time;
      this.whole += 1;
      yield step;
      if (this.#budget < 0) {
        const most = `more than ${ROWS_PER_BYTE} rows for each byte of the file`;
        this.#startDamage(new FormatError("recording", `damaged or hostile: ${most}`));
        return;
      }
    }
  }

  /** What stands beside the counters; damage there costs no counters, and is told once for each keyframe. */
  #besideOf(row: Readonly<Record<string, unknown>>): Pick<Step, "row" | "counts" | "programs"> {
    if (row["base"] === null) {
      this.#beside.restart();
      this.#besideLost = false;
    }
    const nothing = { row, counts: undefined, programs: undefined };
    if (this.#besideLost) return nothing;
    try {
      this.#selectBeside ??= this.#db.prepare(SELECT_BESIDE);
      const beside = this.#selectBeside.get(numberIn(row, "id"));
      if (beside === undefined) return nothing;
      const { counts, programs } = beside;
      return {
        row: { ...row, ...beside },
        counts: counts instanceof Uint8Array ? this.#beside.decodeCounts(counts, this.#dictionary.names) : undefined,
        programs:
          programs instanceof Uint8Array ? this.#beside.decodePrograms(programs, this.#dictionary.names) : undefined,
      };
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#besideLost = true;
      const from = numberIn(row, "time");
      this.gaps.push({
        where: this.#file,
        problem: `object counts and programs from ${formatTime(from)} on cannot be read for a while: ${damageOf(error)}`,
        from,
      });
      return nothing;
    }
  }

  /** Rows by id, each id once and in ascending order whatever the pages say. */
  *#rowsOf(first: number, last: number): Generator<Readonly<Record<string, unknown>>> {
    if (!this.#sound) {
      const careful = new CarefulRows(this.#db, (error) => this.#startDamage(error));
      yield* careful.rows(first, last);
      return;
    }
    let next = first;
    try {
      for (const row of this.#db.prepare(SELECT).iterate(first, last)) {
        const id = numberIn(row, "id");
        if (id < next) throw outOfOrder();
        next = id + 1;
        yield row;
      }
    } catch (error) {
      this.#startDamage(error);
    }
  }

  #startDamage(error: unknown): void {
    if (!isDamage(error)) throw error;
    this.#damage ??= { problem: damageOf(error), from: this.#lastGood };
  }

  #endDamage(to: Milliseconds | undefined): void {
    if (this.#damage === undefined) return;
    const { problem, from } = this.#damage;
    this.#damage = undefined;
    if (this.gaps.length >= MOST_GAPS) {
      this.#unlisted += 1;
      return;
    }
    const span = `${from === undefined ? "" : ` after ${formatTime(from)}`}${to === undefined ? "" : ` before ${formatTime(to)}`}`;
    this.gaps.push({
      where: this.#file,
      problem: `snapshots${span} cannot be read: ${problem}`,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
  }
}

function fileBytes(db: DatabaseSync): number {
  const pragma = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return pragma("page_count") * pragma("page_size");
}

/** A step as a snapshot of its own. */
export function toSnapshot(step: Step, dictionary: Dictionary): Snapshot {
  const shift = step.row["boot_shift"];
  const { origin, counterBits } = dictionary.origin(
    numberIn(step.row, "origin"),
    step.boot,
    typeof shift === "number" ? shift : undefined,
  );
  return {
    time: step.time,
    origin,
    totals: totalsOf(step.row),
    columns: columnsOf(step.rows),
    counterBits,
    gaps: gapsOf(step.row["gaps"]),
    ...surroundingsOf(step, dictionary),
  };
}

function surroundingsOf(step: Step, dictionary: Dictionary): { readonly surroundings?: Surroundings } {
  const { time, counts, programs } = step;
  const drivers = dictionary.drivers.at(step.boot, time);
  const holders = dictionary.holders.get(time);
  if (counts === undefined && programs === undefined && drivers === undefined && holders === undefined) return {};
  return {
    surroundings: {
      ...(counts !== undefined && countsAsValues(counts, dictionary.names)),
      ...(programs !== undefined && { programs: programsAsValues(programs, time, dictionary.names) }),
      ...(drivers !== undefined && { drivers }),
      ...(holders !== undefined && { holders }),
    },
  };
}

function totalsOf(row: Readonly<Record<string, unknown>>): SystemTotals {
  const totals: Record<string, number> = {};
  for (const [name, value] of Object.entries(parsedObject(row["other_totals"])))
    if (typeof value === "number") totals[name] = value;
  for (const [name, column] of TOTALS) {
    const value = row[column];
    if (typeof value === "number") totals[name] = value;
  }
  return totals;
}

function parsedObject(text: unknown): object {
  if (typeof text !== "string" || text.length > MOST_GAP_TEXT) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Longer than all gaps that a recorder ever notes with one snapshot. */
const MOST_GAP_TEXT = 1024 * 1024;

/** The gaps that a snapshot carries. */
export function gapsOf(text: unknown): Gap[] {
  if (typeof text !== "string") return [];
  if (text.length > MOST_GAP_TEXT)
    return [{ where: "recording", problem: "damaged or hostile: more than 1 MiB of notes with one snapshot" }];
  try {
    const gaps: unknown = JSON.parse(text);
    return Array.isArray(gaps) ? gaps.flatMap(gapOf) : [];
  } catch {
    return [{ where: "recording", problem: "the notes on what could not be read are damaged" }];
  }
}

function gapOf(value: unknown): Gap[] {
  if (typeof value !== "object" || value === null) return [];
  const { where, problem, from, to } = value as Record<string, unknown>;
  return [
    {
      where: String(where),
      problem: String(problem),
      ...(typeof from === "number" && { from }),
      ...(typeof to === "number" && { to }),
    },
  ];
}
