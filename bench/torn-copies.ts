// `npm run soak:torn -- 500`: copies of recordings that were cut, zeroed, spliced or flipped, with and without their log, are
// read. What is intact is worked out from the pages themselves, so that a snapshot that was lost without need is found.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { isKnownError } from "../src/model/errors.ts";
import { renderSnapshotLine } from "../src/formats/snapshot-lines.ts";
import { toSnapshot } from "../src/store/walk.ts";
import { RecordingReader } from "../src/store/reader.ts";
import { RecordingWriter } from "../src/store/writer.ts";
import { DAY, random, workload } from "./pool-workload.ts";

export interface TornResult {
  readonly copies: number;
  /** Copies that were refused in words. */
  readonly refused: number;
  /** Snapshots on intact pages behind an intact chain, over all copies. */
  readonly intact: number;
  /** Of these, those that were not read. */
  readonly lost: number;
  /** Snapshots that came twice, or out of order. */
  readonly repeated: number;
  /** Snapshots read with another time, total or tag than was written: what lies outside the checksum of the rows. */
  readonly altered: number;
  readonly slowestMs: number;
  readonly failures: readonly string[];
}

/** Tears one copy; the same for the same numbers. */
type Tear = (original: Original, next: () => number) => Torn;

/** A recording as it was written, and where each of its snapshots lies. */
interface Original {
  readonly bytes: Buffer;
  readonly log: Buffer | undefined;
  readonly lines: ReadonlyMap<number, string>;
  /** Pages (from 1) that a snapshot needs to be reached and read; the same for all: the tables it refers to. */
  readonly pages: ReadonlyMap<number, ReadonlySet<number>>;
  readonly common: ReadonlySet<number>;
  readonly bases: ReadonlyMap<number, number | null>;
}

const PAGE = 4096;

/** Writes a recording with keyframes every `keyframeEvery` snapshots; `live` leaves its log beside it, as a copy made while recording. */
function original(folder: string, name: string, live: boolean, keyframeEvery: number): Original {
  const file = join(folder, name);
  const writer = RecordingWriter.open(file, { isNewBoot, now: DAY.start, keyframeEvery });
  let n = 0;
  for (const snapshot of workload({ ...DAY, tags: 200 })) {
    writer.append(snapshot);
    if (++n === 150) break;
  }
  if (live) {
    copyFileSync(file, `${file}-copy`);
    copyFileSync(`${file}-wal`, `${file}-copy-wal`);
  }
  writer.close(DAY.start);
  const lines = new Map<number, string>();
  const bases = new Map<number, number | null>();
  const reader = RecordingReader.open(file);
  for (const step of reader.steps()) {
    lines.set(step.id, renderSnapshotLine(toSnapshot(step, reader.dictionary)));
    const base = step.row["base"];
    bases.set(step.id, typeof base === "number" ? base : null);
  }
  reader.close();
  const bytes = readFileSync(live ? `${file}-copy` : file);
  return {
    bytes,
    log: live ? readFileSync(`${file}-copy-wal`) : undefined,
    lines,
    bases,
    ...pagesOf(file),
  };
}

/** Which pages each snapshot needs, from SQLite's own table of pages and the cells of the leaves. */
function pagesOf(file: string): Pick<Original, "pages" | "common"> {
  const bytes = readFileSync(file);
  const db = new DatabaseSync(file, { readOnly: true });
  const entries = db
    .prepare("SELECT name, path, pageno, pagetype FROM dbstat")
    .all()
    .map((row) => ({
      name: String(row["name"]),
      path: String(row["path"]),
      page: Number(row["pageno"]),
      type: String(row["pagetype"]),
    }));
  db.close();
  const common = new Set<number>([1]);
  const pages = new Map<number, Set<number>>();
  const leaves = entries.filter(({ name, type }) => name === "snapshot" && type === "leaf");
  const inner = entries.filter(({ name, type }) => name === "snapshot" && type === "internal");
  for (const { name, page } of entries)
    if (["tag", "host", "boot", "origin", "sqlite_schema"].includes(name)) common.add(page);
  for (const leaf of leaves) {
    const above = inner.filter(({ path }) => leaf.path.startsWith(path)).map(({ page }) => page);
    for (const [cell, id] of rowIdsOf(bytes, leaf.page).entries()) {
      const overflow = entries.filter(
        ({ name, path }) =>
          name === "snapshot" && path.startsWith(`${leaf.path}${cell.toString(16).padStart(3, "0")}+`),
      );
      pages.set(id, new Set([leaf.page, ...above, ...overflow.map(({ page }) => page)]));
    }
  }
  return { pages, common };
}

function rowIdsOf(bytes: Buffer, page: number): number[] {
  const start = (page - 1) * PAGE;
  const head = page === 1 ? 100 : 0;
  const cells = bytes.readUInt16BE(start + head + 3);
  return Array.from({ length: cells }, (_, i) => {
    let at = start + bytes.readUInt16BE(start + head + 8 + 2 * i);
    while (((bytes[at++] ?? 0) & 0x80) !== 0);
    let id = 0;
    for (;;) {
      const byte = bytes[at++] ?? 0;
      id = id * 128 + (byte & 0x7f);
      if ((byte & 0x80) === 0) return id;
    }
  });
}

interface Torn {
  readonly what: string;
  readonly bytes: Buffer;
  readonly log: Buffer | undefined;
}

/** One way to tear a file: where a copy or a disk really does it, or somebody forges it. */
function tear({ bytes, log }: Original, next: () => number): Torn {
  const at = Math.floor(next() * bytes.length);
  const length = 1 + Math.floor(next() * 3 * PAGE);
  const copy = Buffer.from(bytes);
  const kind = Math.floor(next() * 6);
  if (kind === 0) return { what: `cut at ${at}`, bytes: copy.subarray(0, at), log };
  if (kind === 1)
    return { what: `zeros at ${at}+${length}`, bytes: copy.fill(0, at, Math.min(bytes.length, at + length)), log };
  if (kind === 2) {
    const from = Math.floor(next() * bytes.length);
    bytes.copy(copy, at, from, Math.min(bytes.length, from + length));
    return { what: `${from}+${length} spliced to ${at}`, bytes: copy, log };
  }
  if (kind === 3) {
    const pages = Math.floor(bytes.length / PAGE);
    const from = 1 + Math.floor(next() * pages);
    return misplaced({ bytes, log }, from, 1 + Math.floor(next() * pages));
  }
  if (kind === 4 && log !== undefined) {
    const cut = Math.floor(next() * log.length);
    return { what: `log cut at ${cut}`, bytes: copy, log: log.subarray(0, cut) };
  }
  for (let i = 0; i < 8; i++) {
    const flip = Math.floor(next() * bytes.length);
    copy[flip] = (copy[flip] ?? 0) ^ (1 << Math.floor(next() * 8));
  }
  return { what: "8 bits flipped", bytes: copy, log };
}

function misplaced({ bytes, log }: Pick<Original, "bytes" | "log">, from: number, to: number): Torn {
  const copy = Buffer.from(bytes);
  bytes.copy(copy, (to - 1) * PAGE, (from - 1) * PAGE, from * PAGE);
  return { what: `page ${from} over page ${to}`, bytes: copy, log };
}

/** A page of the tables that snapshots refer to over one of snapshots: those rows count from small numbers too. */
export const foreignPage: Tear = (original, next) => {
  const pick = (pages: Iterable<number>): number => {
    const all = [...pages];
    return all[Math.floor(next() * all.length)] ?? 1;
  };
  const leaves = new Set([...original.pages.values()].flatMap(([leaf = 1]) => leaf));
  return misplaced(original, pick(original.common), pick(leaves));
};

/** Ids that must be read: every page they need is as it was. Only for files without a log, whose pages are all there is. */
function intactIn(original: Original, torn: Torn): Set<number> {
  const same = (page: number): boolean => {
    const [from, to] = [(page - 1) * PAGE, page * PAGE];
    return torn.bytes.length >= to && torn.bytes.subarray(from, to).equals(original.bytes.subarray(from, to));
  };
  const intact = new Set<number>();
  if (torn.log !== undefined || ![...original.common].every(same)) return intact;
  for (const [id, pages] of original.pages) {
    const base = original.bases.get(id) ?? null;
    if ([...pages].every(same) && (base === null || intact.has(base))) intact.add(id);
  }
  return intact;
}

/** Tears `copies` copies of four recordings, in every way or in one, and reads them all. */
export function readTornCopies(copies: number, seed: number, tearOne: Tear = tear): TornResult {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-torn-"));
  const next = random(seed);
  const sum = { copies, refused: 0, intact: 0, lost: 0, repeated: 0, altered: 0, slowestMs: 0 };
  const failures: string[] = [];
  try {
    const originals = [false, true].flatMap((live) =>
      [1, 16].map((every) => original(folder, `o-${live}-${every}`, live, every)),
    );
    for (let n = 0; n < copies; n++) {
      const source = originals[n % originals.length];
      if (source === undefined) break;
      const torn = tearOne(source, next);
      const file = join(folder, `torn-${n}`);
      writeFileSync(file, torn.bytes);
      if (torn.log !== undefined) writeFileSync(`${file}-wal`, torn.log);
      const started = performance.now();
      const ids: number[] = [];
      try {
        const reader = RecordingReader.open(file);
        try {
          for (const step of reader.steps()) {
            if (step.id <= (ids.at(-1) ?? 0)) sum.repeated += 1;
            ids.push(step.id);
            if (source.lines.get(step.id) !== renderSnapshotLine(toSnapshot(step, reader.dictionary))) sum.altered += 1;
            if (ids.length > 10 * source.lines.size) throw new Error("no end");
          }
        } finally {
          reader.close();
        }
      } catch (error) {
        if (isKnownError(error)) sum.refused += 1;
        else failures.push(`${torn.what}: ${String(error)}`);
      }
      sum.slowestMs = Math.max(sum.slowestMs, performance.now() - started);
      const intact = intactIn(source, torn);
      const read = new Set(ids);
      const lost = [...intact].filter((id) => !read.has(id)).length;
      if (lost > 0) failures.push(`copy ${n}, ${torn.what}: ${lost} of ${intact.size} lost`);
      sum.intact += intact.size;
      sum.lost += lost;
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { ...sum, slowestMs: Math.round(sum.slowestMs), failures };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const seed = Number(process.argv[3] ?? Date.now() % 1e6);
  const result = readTornCopies(Number(process.argv[2] ?? 500), seed);
  console.log(JSON.stringify({ seed, ...result }, null, 2));
  process.exitCode = result.lost + result.repeated + result.failures.length === 0 ? 0 : 1;
}
