// Thins old history of a recording into coarser intervals. What stays is what was measured, unchanged: the first and last
// snapshot of every boot, those in which a tag or a total stood at its highest of that boot, and some of the others by age.

import type { DatabaseSync } from "node:sqlite";
import type { Gap, Milliseconds } from "../model/snapshot.ts";
import { listSnapshots } from "./choose.ts";
import { usedBytes } from "./database.ts";
import { Dictionary, numberIn } from "./dictionary.ts";
import { BesideChain, type ProgramsAt } from "./beside.ts";
import { columnsOf, RowsEncoder } from "./rows.ts";
import { TOTALS } from "./schema.ts";
import { reseal } from "./seals.ts";
import { keptByAge, ladderFor } from "./thin-plan.ts";
import { blocksOf, gapsOf, Walk, type Block, type Step } from "./walk.ts";
import { KEYFRAME_EVERY } from "./writer.ts";

export interface ThinOptions {
  /** Beyond this age only first, last and highest of every boot stay. */
  readonly keep?: Milliseconds | undefined;
  /** Bytes that the file should not exceed, its write-ahead log left aside. */
  readonly maxBytes?: number | undefined;
  /** Fewer than this to drop are not worth the work. */
  readonly least?: number;
}

export interface Thinned {
  readonly dropped: number;
  readonly bytes: number;
  /** The file is larger than asked for, and what it holds must not go. */
  readonly tooLarge: boolean;
}

/** Blocks that one transaction rewrites at most, so that a recorder is never held up for long. */
const BLOCKS_AT_ONCE = 16;

/** Every factor up to this is tried before a file is declared too large. */
const MOST_SQUEEZE = 64;

/** Thins a recording that nobody else writes. Throws SQLite's errors. */
export function thin(db: DatabaseSync, file: string, now: Milliseconds, options: ThinOptions): Thinned {
  const { keep, maxBytes } = options;
  let dropped = thinOnce(db, file, now, 1, options);
  // Aims below the limit, so that the next snapshots do not ask for it again at once.
  const isTooLarge = (): boolean => maxBytes !== undefined && usedBytes(db) > maxBytes;
  if (maxBytes !== undefined && isTooLarge()) {
    for (let squeeze = 2; squeeze <= MOST_SQUEEZE && usedBytes(db) > maxBytes * 0.9; squeeze *= 2) {
      dropped += thinOnce(db, file, now, squeeze, { keep, least: 1 });
    }
  }
  if (dropped > 0) db.exec("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(PASSIVE)");
  return { dropped, bytes: usedBytes(db), tooLarge: isTooLarge() };
}

function thinOnce(db: DatabaseSync, file: string, now: Milliseconds, squeeze: number, options: ThinOptions): number {
  const listed = listSnapshots(db);
  const kept = keptByAge(listed, now, ladderFor(squeeze, options.keep));
  const leaving = listed.filter(({ id }) => !kept.has(id));
  if (leaving.length < (options.least ?? 32)) return 0;
  const dictionary = new Dictionary(db);
  const blocks = blocksOf(db);
  const boots = new Set(leaving.map(({ boot }) => boot));
  const ids = listed.filter(({ boot }) => boots.has(boot)).map(({ id }) => id);
  for (const id of highest(db, dictionary, file, blocksWith(blocks, ids), kept)) kept.add(id);
  const gone = leaving.map(({ id }) => id).filter((id) => !kept.has(id));
  if (gone.length === 0) return 0;
  let dropped = 0;
  for (const run of runsToRewrite(
    blocks,
    gone,
    listed.map(({ id }) => id),
  ))
    dropped += rewrite(db, dictionary, file, run, kept);
  return dropped;
}

/** The ids in which a row or a total is at its highest of its boot; one that stays anyway is preferred among equals. */
function highest(
  db: DatabaseSync,
  dictionary: Dictionary,
  file: string,
  blocks: readonly Block[],
  kept: ReadonlySet<number>,
): Set<number> {
  const found = new Set<number>();
  const slots = dictionary.tags.tag.length;
  let boot: number | undefined;
  let peaks: Peaks[] = [];
  let totals = new Peaks(0, kept);
  const finish = (): void => {
    for (const peak of [...peaks, totals]) for (const id of peak.ids) if (id > 0) found.add(id);
  };
  for (const step of new Walk(db, dictionary, file).steps(blocks)) {
    if (step.boot !== boot) {
      finish();
      boot = step.boot;
      peaks = [new Peaks(slots, kept), new Peaks(slots, kept)];
      totals = new Peaks(TOTALS.length, kept);
    }
    const { rows, id } = step;
    for (const [peak, values] of [
      [peaks[0], rows.bytes],
      [peaks[1], rows.outstanding],
    ] as const) {
      for (let i = 0; i < rows.length; i++) peak?.see(rows.slots[i] ?? 0, values[i] ?? 0, id);
    }
    for (const [i, [, column]] of TOTALS.entries()) {
      const value = step.row[column];
      if (typeof value === "number") totals.see(i, value, id);
    }
  }
  finish();
  return found;
}

/** The highest value of each of some series, and the id of the snapshot that has it (0 for none). */
class Peaks {
  readonly ids: Float64Array;
  readonly #values: Float64Array;
  readonly #kept: ReadonlySet<number>;

  constructor(length: number, kept: ReadonlySet<number>) {
    this.ids = new Float64Array(length);
    this.#values = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    this.#kept = kept;
  }

  see(at: number, value: number, id: number): void {
    const best = this.#values[at] ?? 0;
    if (value < best) return;
    if (value === best && (this.#kept.has(this.ids[at] ?? 0) || !this.#kept.has(id))) return;
    this.#values[at] = value;
    this.ids[at] = id;
  }
}

/** The blocks that hold any of some ids, which are in order. */
function blocksWith(blocks: readonly Block[], ids: readonly number[]): Block[] {
  let at = 0;
  return blocks.filter(({ last }) => {
    const start = at;
    while ((ids[at] ?? Number.POSITIVE_INFINITY) <= last) at += 1;
    return at > start;
  });
}

/**
 * Runs of blocks to write anew: those that lose something, and before each run the block there if it is not full, so that
 * repeated thinning does not leave ever more keyframes.
 */
function runsToRewrite(blocks: readonly Block[], gone: readonly number[], all: readonly number[]): Block[][] {
  const losing = new Set(blocksWith(blocks, gone));
  const runs: Block[][] = [];
  let at = 0;
  let run: Block[] | undefined;
  let before: Block | undefined;
  for (const block of blocks) {
    const start = at;
    while ((all[at] ?? Number.POSITIVE_INFINITY) <= block.last) at += 1;
    if (!losing.has(block)) {
      run = undefined;
      before = at - start < KEYFRAME_EVERY ? block : undefined;
      continue;
    }
    if (run === undefined || run.length >= BLOCKS_AT_ONCE) {
      run = before === undefined ? [] : [before];
      runs.push(run);
    }
    run.push(block);
    before = undefined;
  }
  return runs;
}

/** Writes the snapshots of a run that stay as a new chain, in one transaction. Answers how many are gone. */
function rewrite(
  db: DatabaseSync,
  dictionary: Dictionary,
  file: string,
  run: readonly Block[],
  kept: ReadonlySet<number>,
): number {
  const chain = new Chain(dictionary);
  const gone: number[] = [];
  const walk = new Walk(db, dictionary, file);
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const step of walk.steps(run)) {
      if (kept.has(step.id)) {
        chain.add(step);
      } else {
        chain.carry(gapsOf(step.row["gaps"]), step);
        gone.push(step.id);
      }
    }
    // What is damaged stays as it is: thinning would lose what another tool might still save.
    if (walk.gaps.length > 0 || chain.links.length === 0) {
      db.exec("ROLLBACK");
      return 0;
    }
    const remove = db.prepare("DELETE FROM snapshot WHERE id = ?");
    const removeBeside = db.prepare("DELETE FROM beside WHERE id = ?");
    for (const id of gone) {
      remove.run(id);
      removeBeside.run(id);
    }
    const replace = db.prepare("INSERT OR REPLACE INTO beside (id, counts, programs) VALUES (?, ?, ?)");
    const update = db.prepare("UPDATE snapshot SET base = ?, rows = ?, gaps = ? WHERE id = ?");
    chain.finish();
    for (const { id, base, rows, gaps, counts, programs } of chain.links) {
      update.run(base, rows, gaps.length === 0 ? null : JSON.stringify(gaps), id);
      if (counts !== null || programs !== null) replace.run(id, counts, programs);
    }
    reseal(
      db,
      run,
      chain.links.filter(({ base }) => base === null).map(({ id }) => id),
    );
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
  return gone.length;
}

interface Link {
  readonly id: number;
  readonly base: number | null;
  readonly rows: Uint8Array;
  readonly counts: Uint8Array | null;
  readonly programs: Uint8Array | null;
  gaps: Gap[];
}

/**
 * Snapshots that follow each other, encoded anew; gaps of those between them move to the next one, and so does the newest
 * list of programs, which says how old it is.
 */
class Chain {
  readonly links: Link[] = [];
  readonly #dictionary: Dictionary;
  readonly #encoder = new RowsEncoder();
  readonly #beside = new BesideChain();
  #carried: Gap[] = [];
  #programs: { readonly at: ProgramsAt; readonly time: number } | undefined;
  #boot: number | undefined;
  #time = 0;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  add(step: Step): void {
    const before = this.links.at(-1);
    const isKeyframe = this.links.length % KEYFRAME_EVERY === 0 || step.boot !== this.#boot || step.time < this.#time;
    if (isKeyframe) {
      this.#encoder.restart();
      this.#beside.restart();
    }
    if (step.boot !== this.#boot) this.#programs = undefined;
    this.#boot = step.boot;
    this.#time = step.time;
    const dictionary = this.#dictionary;
    const { counterBits } = dictionary.origin(numberIn(step.row, "origin"), step.boot, undefined);
    const rows = this.#encoder.encode(columnsOf(step.rows), counterBits, dictionary.tagTable, (tag, kind) =>
      dictionary.slotOf(tag, kind),
    );
    const gaps = merged(this.#carried, gapsOf(step.row["gaps"]));
    const base = isKeyframe ? null : (before?.id ?? null);
    this.links.push({ id: step.id, base, rows, gaps, counts: this.#countsOf(step), programs: this.#programsOf(step) });
    this.#carried = [];
  }

  carry(gaps: readonly Gap[], { boot, time, programs }: Step): void {
    this.#carried = merged(this.#carried, gaps);
    if (boot !== this.#boot) this.#programs = undefined;
    if (programs !== undefined && (boot === this.#boot || this.links.length === 0))
      this.#programs = { at: programs, time };
  }

  #countsOf({ counts }: Step): Uint8Array | null {
    return counts === undefined ? null : this.#beside.encodeCounts(counts);
  }

  #programsOf({ programs, time }: Step): Uint8Array | null {
    const carried = this.#programs;
    this.#programs = undefined;
    if (programs !== undefined) return this.#beside.encodePrograms(programs);
    if (carried === undefined) return null;
    const age = carried.at.age + Math.max(0, time - carried.time);
    return this.#beside.encodePrograms({ ...carried.at, age });
  }

  /** Gaps behind the last snapshot that stays go to that one. */
  finish(): void {
    const last = this.links.at(-1);
    if (last !== undefined) last.gaps = merged(last.gaps, this.#carried);
  }
}

function merged(a: readonly Gap[], b: readonly Gap[]): Gap[] {
  const all = new Map([...a, ...b].map((gap) => [`${gap.where}\n${gap.problem}`, gap]));
  return [...all.values()];
}
