// Appends snapshots to a recording: one transaction a call, delta blobs with keyframes in between, one writer at a time.

import { basename } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { AccessError, FormatError, UsageError } from "../model/errors.ts";
import type { Milliseconds, Snapshot, SystemTotals } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import { formatTime } from "../model/time.ts";
import { BesideChain, countsIn, programsIn } from "./beside.ts";
import { explained, explaining, openToWrite, usedBytes } from "./database.ts";
import { Dictionary, numberIn } from "./dictionary.ts";
import { recordHolders } from "./holder-table.ts";
import { recordJudgement, type Judgement } from "./judgements.ts";
import { inodeOf, WriterLock } from "./lock.ts";
import { noRows, RowsEncoder } from "./rows.ts";
import { TOTALS } from "./schema.ts";
import { RunDigest } from "./seals.ts";
import { StandingOut } from "./standing-out.ts";
import { blocksOf, toSnapshot, Walk, type Step } from "./walk.ts";

export interface WriterOptions {
  /** Whether a snapshot belongs to a later boot than the one before it: the rule that the whole program uses. */
  readonly isNewBoot: (before: Snapshot, after: Snapshot) => boolean;
  readonly now: Milliseconds;
  /** Waits for the disk at every commit: for a recorder, whose snapshots cannot be had again. */
  readonly durable?: boolean;
  /** Interval of a recorder, for `info`. */
  readonly every?: Milliseconds;
  readonly program?: string;
  /** At most this many snapshots from one keyframe to the next; a range read starts at a keyframe. */
  readonly keyframeEvery?: number;
}

/** How the writer before this one ended. */
export interface PreviousSession {
  readonly started: Milliseconds;
  readonly pid?: number;
  /** Absent where it did not end by itself: it was killed, or the machine went down. */
  readonly ended?: Milliseconds;
  readonly outcome?: string;
}

export const KEYFRAME_EVERY = 256;

/** The columns of a snapshot, in the order of table `snapshot`. */
const COLUMNS = [
  "id",
  "time",
  "boot",
  "origin",
  "base",
  "boot_shift",
  ...TOTALS.map(([, column]) => column),
  "other_totals",
  "gaps",
  "rows",
] as const;

const INSERT = `INSERT INTO snapshot (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map((column) => `:${column}`).join(", ")})`;

const INSERT_BESIDE = "INSERT INTO beside (id, counts, programs) VALUES (?, ?, ?)";

/** The one writer of a recording. Close it, or the next one reports a crash. */
export class RecordingWriter {
  readonly file: string;
  readonly db: DatabaseSync;
  readonly #options: WriterOptions;
  readonly #lock: WriterLock;
  readonly #encoder = new RowsEncoder();
  readonly #beside = new BesideChain();
  readonly #standingOut = new StandingOut();
  readonly #run = new RunDigest();
  readonly #session: number;
  #insert: StatementSync;
  readonly #insertBeside: StatementSync;
  readonly #select: StatementSync;
  /** The blob of the last snapshot, as it must be found in the file. */
  #written: Uint8Array | undefined;
  #dictionary: Dictionary;
  #last: Snapshot | undefined;
  #lastId = 0;
  #boot = 0;
  #sinceKeyframe = 0;
  #count = 0;
  readonly #inode: bigint | undefined;
  /** The end of the chain in the file is not what the encoder holds: the next snapshot is a keyframe. */
  #broken = true;
  readonly previous: PreviousSession | undefined;

  private constructor(file: string, db: DatabaseSync, lock: WriterLock, options: WriterOptions) {
    this.file = file;
    this.db = db;
    this.#lock = lock;
    this.#options = options;
    this.#dictionary = new Dictionary(db);
    this.#insert = db.prepare(INSERT);
    this.#insertBeside = db.prepare(INSERT_BESIDE);
    this.#select = db.prepare("SELECT rows FROM snapshot WHERE id = ?");
    this.previous = previousSession(db);
    this.#load();
    this.#inode = inodeOf(file);
    db.prepare("INSERT INTO session (started, pid, every, program) VALUES (?, ?, ?, ?)").run(
      options.now,
      process.pid,
      options.every ?? null,
      options.program ?? null,
    );
    this.#session = Number(db.prepare("SELECT max(id) AS id FROM session").get()?.["id"] ?? 0);
  }

  /**
   * Opens a recording to append to it, making it where there is none. Throws AccessError where another writer is at work
   * or the file cannot be written, FormatError where it is no recording.
   */
  static open(file: string, options: WriterOptions): RecordingWriter {
    if (file === "-") throw new UsageError("a recording is a file that is written at any place: name one, not -");
    const lock = explaining(file, () => WriterLock.take(file));
    if (lock === undefined)
      throw new AccessError(
        `${file} is being written by another poolscope`,
        "stop that one, or record into another file",
      );
    let db: DatabaseSync | undefined;
    try {
      db = openToWrite(file, options.durable ?? false);
      return new RecordingWriter(file, db, lock, options);
    } catch (error) {
      if (db?.isOpen === true) db.close();
      lock.release();
      throw explained(error, file);
    }
  }

  /** The newest snapshot of the recording. */
  get last(): Snapshot | undefined {
    return this.#last;
  }

  /** How many snapshots the recording holds. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the file's pages in use. */
  bytes(): number {
    return usedBytes(this.db);
  }

  /** Whether the path still names the file that is being written; a file that was moved or deleted keeps taking writes. */
  isInPlace(): boolean {
    return inodeOf(this.file) === this.#inode;
  }

  /** Adds snapshots, all or none. When this returns they are in the file. Throws AccessError where the disk does not take them. */
  append(...snapshots: readonly Snapshot[]): void {
    if (!this.isInPlace())
      throw new AccessError(
        `${this.file} was moved or deleted while it was being written`,
        `put it back beside ${basename(this.file)}-wal, which holds its end, and start again`,
      );
    try {
      if (this.#broken) this.#load();
      this.db.exec("BEGIN IMMEDIATE");
      for (const snapshot of snapshots) this.#append(snapshot);
      this.db.exec("COMMIT");
      if (snapshots.length > 0) this.#readBack();
    } catch (error) {
      this.#broken = true;
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      throw explained(error, this.file);
    }
  }

  /** Throws AccessError where the last row is not in the file as it was written: what is reported as written must be there. */
  #readBack(): void {
    const row = this.#select.get(this.#lastId);
    const rows = row?.["rows"];
    if (rows instanceof Uint8Array && this.#written !== undefined && Buffer.compare(rows, this.#written) === 0) return;
    throw new AccessError(
      `${this.file} does not hold the snapshot that was just written (id ${this.#lastId})`,
      "record into a new file, and see whether another program changes this one",
    );
  }

  /** Throws AccessError where the file holds fewer or more snapshots than were written. */
  #recount(): void {
    const found = Number(this.db.prepare("SELECT count(*) AS n FROM snapshot").get()?.["n"]);
    if (this.#broken || found === this.#count) return;
    throw new AccessError(
      `${this.file} holds ${found} snapshots where ${this.#count} were written`,
      "see whether another program changes this file, and record into a new one",
    );
  }

  /** Keeps what a source itself says of the drivers of tags; what is known already stays. */
  addMappedDrivers(drivers: ReadonlyMap<Tag, string>): void {
    explaining(this.file, () => {
      const insert = this.db.prepare("INSERT OR IGNORE INTO mapped_driver (tag, text) VALUES (?, ?)");
      for (const [tag, text] of drivers) insert.run(tag, text);
    });
  }

  /** Keeps what was said of the recording so far, as it was said. */
  addJudgement(judgement: Judgement): void {
    explaining(this.file, () => recordJudgement(this.db, this.#boot, judgement));
  }

  /** After something else (thinning) has changed the file. */
  reload(): void {
    this.#broken = true;
  }

  /** Ends the session with a reason, and lets the next writer in. */
  close(now: Milliseconds, outcome = "ended"): void {
    try {
      if (!this.#broken) this.#run.seal(this.db);
      this.#recount();
      this.db.prepare("UPDATE session SET ended = ?, outcome = ? WHERE id = ?").run(now, outcome, this.#session);
    } catch (error) {
      throw explained(error, this.file);
    } finally {
      this.db.close();
      this.#lock.release();
    }
  }

  #append(snapshot: Snapshot): void {
    if (!Number.isFinite(snapshot.time))
      throw new FormatError("recording", "a snapshot without a time cannot be recorded", { found: `${snapshot.time}` });
    const dictionary = this.#dictionary;
    const last = this.#last;
    const newBoot = last === undefined || isOtherHost(last, snapshot) || this.#options.isNewBoot(last, snapshot);
    if (newBoot) this.#boot = dictionary.addBoot(snapshot.origin);
    const every = this.#options.keyframeEvery ?? KEYFRAME_EVERY;
    const keyframe =
      newBoot || this.#broken || this.#sinceKeyframe >= every || (last !== undefined && snapshot.time < last.time);
    if (keyframe) {
      this.#run.seal(this.db);
      this.#run.restart();
      this.#encoder.restart();
      this.#beside.restart();
      this.#sinceKeyframe = 0;
    }
    const rows = this.#encoder.encode(snapshot.columns, snapshot.counterBits, dictionary.tagTable, (tag, kind) =>
      dictionary.slotOf(tag, kind),
    );
    const id = this.#lastId + 1;
    this.#written = rows;
    const row = {
      id,
      time: snapshot.time,
      boot: this.#boot,
      origin: dictionary.originOf(snapshot.origin, snapshot.counterBits),
      base: keyframe ? null : this.#lastId,
      boot_shift: dictionary.bootShift(this.#boot, snapshot.origin.bootTime),
      ...Object.fromEntries(TOTALS.map(([name, column]) => [column, snapshot.totals[name] ?? null])),
      other_totals: otherTotals(snapshot.totals),
      gaps: snapshot.gaps.length === 0 ? null : JSON.stringify(snapshot.gaps),
      rows,
    };
    const beside = this.#besideBlobs(snapshot);
    this.#insert.run(row);
    if (beside.counts !== null || beside.programs !== null) this.#insertBeside.run(id, beside.counts, beside.programs);
    this.#run.add({ ...row, ...beside });
    this.#sinceKeyframe += 1;
    this.#broken = false;
    this.#lastId = id;
    this.#last = snapshot;
    this.#count += 1;
  }

  /** Takes a snapshot of the file into the seal of its run, and into the chain of what stands beside the counters. */
  #takeUp(step: Step): void {
    if (step.row["base"] === null) {
      this.#run.restart();
      this.#beside.restart();
    }
    this.#run.add(step.row);
    if (step.counts !== undefined) this.#beside.encodeCounts(step.counts);
    if (step.programs !== undefined) this.#beside.encodePrograms(step.programs);
  }

  /** The blobs of what stands beside the counters; drivers and holders go into tables of their own. */
  #besideBlobs({ surroundings, time }: Snapshot): { counts: Uint8Array | null; programs: Uint8Array | null } {
    if (surroundings === undefined) return { counts: null, programs: null };
    const { names, drivers } = this.#dictionary;
    if (surroundings.drivers !== undefined) drivers.record(this.#boot, time, surroundings.drivers);
    if (surroundings.holders !== undefined) recordHolders(this.db, time, surroundings.holders);
    const counts = countsIn(surroundings.objects, surroundings.live, names);
    const programs = surroundings.programs && this.#standingOut.choose(surroundings.programs);
    return {
      counts: counts === undefined ? null : this.#beside.encodeCounts(counts),
      programs: programs === undefined ? null : this.#beside.encodePrograms(programsIn(programs, time, names)),
    };
  }

  /** Takes up the chain where the file ends. */
  #load(): void {
    this.#dictionary = new Dictionary(this.db);
    this.#count = Number(this.db.prepare("SELECT count(*) AS n FROM snapshot").get()?.["n"] ?? 0);
    this.#lastId = Number(this.db.prepare("SELECT max(id) AS id FROM snapshot").get()?.["id"] ?? 0);
    this.#last = undefined;
    this.#encoder.restart(noRows());
    this.#beside.restart();
    this.#run.restart();
    const block = blocksOf(this.db).at(-1);
    if (block === undefined) return;
    const walk = new Walk(this.db, this.#dictionary, this.file);
    for (const step of walk.steps([block])) {
      this.#broken = step.id !== this.#lastId;
      this.#boot = step.boot;
      this.#sinceKeyframe = step.row["base"] === null ? 1 : this.#sinceKeyframe + 1;
      this.#last = toSnapshot(step, this.#dictionary);
      if (!this.#broken) this.#encoder.restart(step.rows);
      this.#takeUp(step);
    }
    // A run that is damaged is not sealed: its seal would say that it is whole.
    if (walk.gaps.length > 0) this.#run.restart();
  }
}

const NAMED_TOTALS: ReadonlySet<string> = new Set(TOTALS.map(([name]) => name));

/** The figures that have no column, as JSON. */
function otherTotals(totals: SystemTotals): string | null {
  const others = Object.entries(totals).filter(([name, value]) => !NAMED_TOTALS.has(name) && value !== undefined);
  return others.length === 0 ? null : JSON.stringify(Object.fromEntries(others));
}

function isOtherHost(before: Snapshot, after: Snapshot): boolean {
  const a = before.origin.host;
  const b = after.origin.host;
  return a !== undefined && b !== undefined && a !== b;
}

function previousSession(db: DatabaseSync): PreviousSession | undefined {
  const row = db.prepare("SELECT * FROM session ORDER BY id DESC LIMIT 1").get();
  if (row === undefined) return undefined;
  const { pid, ended, outcome } = row;
  return {
    started: numberIn(row, "started"),
    ...(typeof pid === "number" && { pid }),
    ...(typeof ended === "number" && { ended }),
    ...(typeof outcome === "string" && { outcome }),
  };
}

/** What the end of the previous writer means for the one that starts now, in a sentence; undefined after a clean end. */
export function crashNotice(previous: PreviousSession | undefined, last: Snapshot | undefined): string | undefined {
  if (previous === undefined || previous.ended !== undefined) return undefined;
  const who = previous.pid === undefined ? "the writer before" : `the writer before (process ${previous.pid})`;
  const end =
    last === undefined ? "it had written nothing" : `the last snapshot it wrote is of ${formatTime(last.time)}`;
  return `${who}, started ${formatTime(previous.started)}, did not end by itself: killed, or the machine went down; ${end}`;
}
