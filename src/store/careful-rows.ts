// The rows of table `snapshot` in a file whose trees are damaged: pages cut off, zeroed, in the wrong place, leading back into
// themselves. Every row that SQLite can still reach by its id is found, once, in ascending order; the measure only grows.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { FormatError } from "../model/errors.ts";
import { isDamage } from "./database.ts";
import { numberIn } from "./dictionary.ts";

export const SELECT = "SELECT * FROM snapshot WHERE id BETWEEN ? AND ? ORDER BY id";
const SELECT_ONE = "SELECT * FROM snapshot WHERE id = ?";

/** Ids that are tried one by one where some are missing: several pages of usual rows, and any hole that thinning leaves. */
const TRIES_IN_A_ROW = 4096;
/** The same where each try fails with an error, as behind an unreadable page. */
const FAILURES_IN_A_ROW = 1024;
/** And over a whole file: 6,000 take about half a second. */
const MOST_FAILURES = 6000;
/** Look-ups of ids in holes over a whole file; half a million take about two seconds. */
const MOST_LOOK_UPS = 500_000;
/** Beyond any id of ours: no recorder writes a snapshot a millisecond for thirty years. */
const WIDEST_JUMP = 2 ** 40;

type Row = Readonly<Record<string, unknown>>;

export function outOfOrder(): FormatError {
  return new FormatError("recording", "snapshots are out of order in the file");
}

/** One pass over a damaged table. `onDamage` is told each time that something could not be read. */
export class CarefulRows {
  readonly #db: DatabaseSync;
  #scan: StatementSync;
  #one: StatementSync;
  readonly #onDamage: (error: unknown) => void;
  #failures = 0;
  #lookUps = 0;

  constructor(db: DatabaseSync, onDamage: (error: unknown) => void) {
    this.#db = db;
    this.#scan = db.prepare(SELECT);
    this.#one = db.prepare(SELECT_ONE);
    this.#onDamage = onDamage;
  }

  /** The rows with ids in a range. Those up to the last id of the tree come first: a forged id must not hide them. */
  *rows(first: number, last: number): Generator<Row> {
    const newest = this.#newest();
    if (newest === undefined || newest < first || newest >= last) {
      yield* this.#between(first, last);
      return;
    }
    yield* this.#between(first, newest);
    yield* this.#between(newest + 1, last);
  }

  #newest(): number | undefined {
    try {
      const id = this.#db.prepare("SELECT max(id) AS id FROM snapshot").get()?.["id"];
      return typeof id === "number" ? id : undefined;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  *#between(first: number, last: number): Generator<Row> {
    let next = first;
    let jump = 1;
    let tries = 0;
    while (next <= last && jump <= WIDEST_JUMP) {
      const before = next;
      let ended = false;
      try {
        for (const row of this.#scan.iterate(next, last)) {
          const id = numberIn(row, "id");
          if (id < next) throw outOfOrder();
          // A page in the wrong place shows ids that come later. Those before them are looked for by their own way down the tree.
          const passed = id === next ? undefined : this.#firstIn(next, id - 1);
          // A page of another table shows its own ids, which may be those of snapshots that stand elsewhere.
          const found = passed ?? this.#byItself(id) ?? row;
          next = numberIn(found, "id") + 1;
          yield found;
          if (passed !== undefined) break;
        }
        ended = next === before;
      } catch (error) {
        this.#failed(error);
      }
      if (ended) {
        // A forged id ends a scan early as well.
        const passed = this.#firstIn(next, last);
        if (passed === undefined) return;
        next = numberIn(passed, "id") + 1;
        yield passed;
      }
      if (next > before) {
        jump = 1;
        tries = 0;
        continue;
      }
      next += jump;
      tries += 1;
      if (tries > FAILURES_IN_A_ROW || this.#failures > MOST_FAILURES) jump *= 2;
    }
  }

  /** The first row with one of these ids that can be reached by itself. */
  #firstIn(from: number, to: number): Row | undefined {
    for (let id = from; id <= to && id < from + TRIES_IN_A_ROW && this.#lookUps < MOST_LOOK_UPS; id++) {
      this.#lookUps += 1;
      const row = this.#byItself(id);
      if (row !== undefined) return row;
      if (this.#failures > MOST_FAILURES) return undefined;
    }
    return undefined;
  }

  /** The row of one id, by its own way down the tree. */
  #byItself(id: number): Row | undefined {
    try {
      const row = this.#one.get(id);
      return row?.["id"] === id ? row : undefined;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** Statements are made anew: one that has failed tells of it again when it is next run. */
  #failed(error: unknown): void {
    if (!isDamage(error)) throw error;
    this.#onDamage(error);
    this.#failures += 1;
    this.#scan = this.#db.prepare(SELECT);
    this.#one = this.#db.prepare(SELECT_ONE);
  }
}
