// Seals: a digest of each run of snapshots from one keyframe to the next, and a chain over the digests, so that a recording
// that was cut, spliced or changed is known to be. They hold against accidents and casual edits, not against somebody who
// makes new seals. Described in docs/recording-format.md.

import { createHash, type Hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { isDamage } from "./database.ts";
import { TOTALS } from "./schema.ts";
import { SELECT_BESIDE, type Block } from "./walk.ts";

type Row = Readonly<Record<string, unknown>>;

const PLAIN = [
  "id",
  "time",
  "boot",
  "origin",
  "base",
  "boot_shift",
  ...TOTALS.map(([, column]) => column),
  "other_totals",
  "gaps",
] as const;

const BLOBS = ["rows", "counts", "programs"] as const;

const NO_BLOB = 0xffffffff;

/** The end of the last block: it may still grow. */
const OPEN_END = Number.MAX_SAFE_INTEGER - 1;

/** What of a seal is known of a run of snapshots. */
interface Run {
  readonly keyframe: number;
  readonly last: number;
  readonly snapshots: number;
}

/** Takes in the snapshots of one run as they are written. */
export class RunDigest {
  #hash: Hash = createHash("sha256");
  #keyframe: number | undefined;
  #last = 0;
  #snapshots = 0;

  /** Starts with a keyframe, or with nothing to seal. */
  restart(): void {
    this.#hash = createHash("sha256");
    this.#keyframe = undefined;
    this.#snapshots = 0;
  }

  add(row: Row): void {
    const id = Number(row["id"]);
    this.#keyframe ??= id;
    this.#last = id;
    this.#snapshots += 1;
    this.#hash.update(`${JSON.stringify(PLAIN.map((column) => row[column] ?? null))}\n`);
    for (const name of BLOBS) {
      const blob = row[name];
      const length = new DataView(new ArrayBuffer(4));
      length.setUint32(0, blob instanceof Uint8Array ? blob.length : NO_BLOB, true);
      this.#hash.update(new Uint8Array(length.buffer));
      if (blob instanceof Uint8Array) this.#hash.update(blob);
    }
  }

  /** The digest of what was taken in so far, closed by the first `tags` rows of the tag table. */
  digest(db: DatabaseSync, tags: number): Uint8Array {
    return withTags(this.#hash.copy(), db, tags);
  }

  /** Writes the seal of what was taken in so far; the run may go on, and be sealed again. */
  seal(db: DatabaseSync): void {
    if (this.#keyframe === undefined) return;
    const run: Run = { keyframe: this.#keyframe, last: this.#last, snapshots: this.#snapshots };
    const tags = Number(db.prepare("SELECT count(*) AS n FROM tag").get()?.["n"] ?? 0);
    const digest = this.digest(db, tags);
    const before = db.prepare("SELECT chain FROM seal WHERE keyframe < ? ORDER BY keyframe DESC LIMIT 1");
    const chain = chained(bytesOf(before.get(run.keyframe)?.["chain"]), digest);
    db.prepare(
      "INSERT OR REPLACE INTO seal (keyframe, last, snapshots, tags, digest, chain) VALUES (?, ?, ?, ?, ?, ?)",
    ).run(run.keyframe, run.last, run.snapshots, tags, digest, chain);
  }
}

/** The tag table closes a digest: without it the rows say nothing. */
function withTags(hash: Hash, db: DatabaseSync, tags: number): Uint8Array {
  for (const { id, tag, kind } of db.prepare("SELECT id, tag, kind FROM tag WHERE id < ? ORDER BY id").iterate(tags))
    hash.update(`${String(id)} ${String(tag)} ${String(kind)}\n`);
  return new Uint8Array(hash.digest());
}

function chained(before: Uint8Array, digest: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(before).update(digest).digest());
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Makes the seals of runs anew after thinning has rewritten them, and the chain of all that follow. Only what had a seal
 * gets one again; the run that is being written has none yet. `after` are the keyframes of the runs as they are now.
 */
export function reseal(db: DatabaseSync, runs: readonly Block[], after: readonly number[]): void {
  const find = db.prepare("SELECT keyframe FROM seal WHERE keyframe = ?");
  const before = runs.map(({ first }) => first);
  const isSealed = runs.every(({ first, last }) => last >= OPEN_END || find.get(first) !== undefined);
  const remove = db.prepare("DELETE FROM seal WHERE keyframe = ?");
  for (const keyframe of before) remove.run(keyframe);
  if (isSealed) for (const keyframe of after) sealRun(db, keyframe);
  const from = Math.min(...before, ...after);
  let chain = bytesOf(
    db.prepare("SELECT chain FROM seal WHERE keyframe < ? ORDER BY keyframe DESC LIMIT 1").get(from)?.["chain"],
  );
  const update = db.prepare("UPDATE seal SET chain = ? WHERE keyframe = ?");
  for (const { keyframe, digest } of db
    .prepare("SELECT keyframe, digest FROM seal WHERE keyframe >= ? ORDER BY keyframe")
    .all(from)) {
    chain = chained(chain, bytesOf(digest));
    update.run(chain, Number(keyframe));
  }
}

function sealRun(db: DatabaseSync, keyframe: number): void {
  const end = Number(
    db.prepare("SELECT min(id) AS id FROM snapshot WHERE id > ? AND base IS NULL").get(keyframe)?.["id"] ??
      Number.MAX_SAFE_INTEGER,
  );
  const run = new RunDigest();
  const beside = db.prepare(SELECT_BESIDE);
  for (const row of db.prepare("SELECT * FROM snapshot WHERE id >= ? AND id < ? ORDER BY id").iterate(keyframe, end))
    run.add({ ...row, ...beside.get(Number(row["id"])) });
  run.seal(db);
}

/** What the seals of a recording prove. */
export interface SealCheck {
  /** Snapshots inside runs whose seal holds, and all there are. */
  readonly sealed: number;
  readonly snapshots: number;
  /** Keyframes of runs whose snapshots are not those that were sealed, or that are gone. */
  readonly broken: readonly number[];
  /** Whether every seal follows from the one before it: no run was taken out or put in. */
  readonly isChainWhole: boolean;
  /** The end of the chain in hexadecimal: equal for equal recordings, to be compared with what the sender reads out. */
  readonly chain: string | undefined;
}

/** Checks every seal against the snapshots; reads the file once. */
export function checkSeals(db: DatabaseSync): SealCheck {
  const snapshots = Number(db.prepare("SELECT count(*) AS n FROM snapshot").get()?.["n"] ?? 0);
  const broken: number[] = [];
  let sealed = 0;
  let isChainWhole = true;
  let chain: Uint8Array = new Uint8Array(0);
  for (const row of db.prepare("SELECT * FROM seal ORDER BY keyframe").all()) {
    const run: Run = {
      keyframe: Number(row["keyframe"]),
      last: Number(row["last"]),
      snapshots: Number(row["snapshots"]),
    };
    const digest = bytesOf(row["digest"]);
    if (holds(db, run, Number(row["tags"]), digest)) sealed += run.snapshots;
    else broken.push(run.keyframe);
    chain = chained(chain, digest);
    if (!sameBytes(chain, bytesOf(row["chain"]))) isChainWhole = false;
    chain = bytesOf(row["chain"]);
  }
  return {
    sealed,
    snapshots,
    broken,
    isChainWhole,
    chain: chain.length === 0 ? undefined : Buffer.from(chain).toString("hex"),
  };
}

function holds(db: DatabaseSync, run: Run, tags: number, digest: Uint8Array): boolean {
  const found = new RunDigest();
  let snapshots = 0;
  try {
    const beside = db.prepare(SELECT_BESIDE);
    const rows = db.prepare("SELECT * FROM snapshot WHERE id BETWEEN ? AND ? ORDER BY id");
    for (const row of rows.iterate(run.keyframe, run.last)) {
      found.add({ ...row, ...beside.get(Number(row["id"])) });
      snapshots += 1;
      if (snapshots > run.snapshots) return false;
    }
    return snapshots === run.snapshots && sameBytes(found.digest(db, tags), digest);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}
