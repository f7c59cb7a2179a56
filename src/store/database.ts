// Opens the SQLite file of a recording, new, to read or to write, and turns what SQLite says into our errors.

import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { AccessError, FormatError, isKnownError } from "../model/errors.ts";
import { schemaFault } from "./schema-check.ts";
import { APPLICATION_ID, CREATE, PAGE_SIZE, SCHEMA_VERSION, upgradeFrom } from "./schema.ts";

const MAGIC = "SQLite format 3\0";

/** Bytes from the start of a file that {@link isRecording} looks at. */
export const HEADER_BYTES = 100;

/** Whether a file that starts with these bytes is a recording, of whatever version. */
export function isRecording(head: Uint8Array): boolean {
  if (head.length < 72) return false;
  for (let i = 0; i < MAGIC.length; i++) if (head[i] !== MAGIC.charCodeAt(i)) return false;
  return new DataView(head.buffer, head.byteOffset).getUint32(68) === APPLICATION_ID;
}

/** SQLite's primary result codes that mean something to a user. */
const ERROR = 1;
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const TOOBIG = 18;
const NOTADB = 26;

function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** Whether an error says that a part of the file cannot be read, while others may. */
export function isDamage(error: unknown): boolean {
  if (error instanceof FormatError) return true;
  const code = codeOf(error);
  // A table or column that is not what it should be shows as ERROR, and only in a damaged or forged file.
  if (code === CORRUPT || code === NOTADB || code === IOERR || code === ERROR || code === TOOBIG) return true;
  return error instanceof Error && "code" in error && error.code === "ERR_OUT_OF_RANGE";
}

/** What was wrong, in a few words for a Gap. */
export function damageOf(error: unknown): string {
  if (error instanceof FormatError) return error.problem;
  return error instanceof Error ? error.message : String(error);
}

/** The error to show for one that came from SQLite; others stay what they are. */
export function explained(error: unknown, file: string): unknown {
  if (isKnownError(error)) return error;
  switch (codeOf(error)) {
    case BUSY:
      return new AccessError(`${file} is locked by another program`, "close it or try again", error);
    case READONLY:
      return new AccessError(`${file} cannot be written`, "it or its folder is read-only", error);
    case IOERR:
      return new AccessError(`${file}: the disk reports an error`, "check that it is still there", error);
    case FULL:
      return new AccessError(`${file}: the disk is full`, "make room or use --max-size", error);
    case CANTOPEN:
      return new AccessError(...unopened(file), error);
    case NOTADB:
      return new FormatError("recording", "this is not a recording", { file, cause: error });
    case CORRUPT:
      return new FormatError("recording", "the file is damaged or cut short", { file, cause: error });
    default:
      return isDamage(error) ? new FormatError("recording", damageOf(error), { file, cause: error }) : error;
  }
}

/** What keeps a file from being opened, and what would help: looked up, since SQLite only says that it could not. */
function unopened(file: string): [what: string, needs: string] {
  const folder = dirname(file);
  const may = (path: string, right: number): boolean => {
    try {
      accessSync(path, right);
      return true;
    } catch {
      return false;
    }
  };
  if (!existsSync(folder))
    return [`${file} cannot be opened: its folder does not exist`, "make the folder, or check the path"];
  if (existsSync(file) && !may(file, constants.R_OK))
    return [`${file}: no permission to read it`, "run as a user who may read it, or copy it"];
  if (existsSync(file) && !may(file, constants.W_OK))
    return [`${file}: no permission to write it`, "run as a user who may write it, or name another file"];
  if (!may(folder, constants.W_OK))
    return [`${file} cannot be opened: its folder may not be written`, "name a file in a folder that may be written"];
  return [`${file} cannot be opened`, "see whether the path and the disk are all right"];
}

/** Runs something against a file and turns SQLite's errors into ours. */
export function explaining<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explained(error, file);
  }
}

/**
 * What SQLite may be asked for by a file. The longest value of a recording is the blob of a snapshot: 2^20 rows at 40 bytes.
 * Nothing of ours nests, joins many tables or has triggers.
 */
const LIMITS = {
  length: 48 * 1024 * 1024,
  sqlLength: 1024 * 1024,
  column: 200,
  exprDepth: 100,
  compoundSelect: 10,
  attach: 0,
  triggerDepth: 1,
} as const;

const SAFE = { timeout: 5000, allowExtension: false, defensive: true, limits: LIMITS } as const;

/** Settings under which even a hostile file cannot run code of its own (triggers, views, expressions in the schema). */
function harden(db: DatabaseSync): void {
  db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = OFF");
}

function integer(db: DatabaseSync, pragma: string): number {
  const row: unknown = db.prepare(`PRAGMA ${pragma}`).get()?.[pragma];
  return typeof row === "number" ? row : 0;
}

/** The schema version of an open recording; throws where it is none, or a newer one than this program knows. */
function checkedVersion(db: DatabaseSync, file: string): number {
  if (integer(db, "application_id") === 0 && (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0)
    throw new FormatError("recording", "the file is empty", { file });
  if (integer(db, "application_id") !== APPLICATION_ID)
    throw new FormatError("recording", "this SQLite file is not a poolscope recording", { file });
  const version = integer(db, "user_version");
  if (version > SCHEMA_VERSION || version < 1)
    throw new FormatError(
      "recording",
      version < 1 ? "it has no schema version" : "it was written by a newer poolscope; use that one to read it",
      { file, expected: `schema version 1 to ${SCHEMA_VERSION}`, found: `version ${version}` },
    );
  const fault = schemaFault(db, version);
  if (fault !== undefined)
    throw new FormatError("recording", `its tables are not those of a recording: ${fault}`, { file });
  return version;
}

/** Only a regular file is opened: a pipe would block, and a device never end. */
function checkPath(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) throw new AccessError(`${file} is a folder`, "name a file in it");
  if (!stat.isFile()) throw new AccessError(`${file} is not a regular file`, "name a file on a disk");
}

/** A recording open to read, and what to do when done with it. */
export interface OpenRecording {
  readonly db: DatabaseSync;
  /**
   * Whether every tree of the file is one: each page in one place, keys in order. In a file that is not, a statement that
   * walks a tree by itself may never end; rows are then taken one by one, with a measure that only grows.
   */
  readonly sound: boolean;
  /** Schema version of the file itself; an older one is read through a copy that was brought up to date. */
  readonly version: number;
  close(): void;
}

/** Opens a recording to read, also while another process writes it. Throws AccessError or FormatError. */
export function openToRead(file: string): OpenRecording {
  checkPath(file);
  if (!existsSync(file)) throw new AccessError(`${file} does not exist`, "check the path");
  return explaining(file, () => {
    const log = hasLog(file) ? checkedReadOnly(file) : undefined;
    if (log?.sound === false) return log;
    log?.close();
    const open = checkedOpen(() => connectToRead(file), file);
    if (open.version === SCHEMA_VERSION) return open;
    open.close();
    return upgradedCopy(file, open.version);
  });
}

/** Connects, and looks at the version, the schema and the trees before anything else is asked of the file. */
function checkedOpen(connect: () => DatabaseSync, file: string): OpenRecording {
  const db = connect();
  try {
    harden(db);
    const version = checkedVersion(db, file);
    return { db, version, sound: isSound(db), close: () => db.close() };
  } catch (error) {
    if (db.isOpen) db.close();
    throw error;
  }
}

/**
 * A connection that may write would put the log into the file when it closes. Into a damaged file nothing is to be put: it
 * is looked at read-only first. Undefined where that alone is impossible (no shared memory, a read-only folder).
 */
function checkedReadOnly(file: string): OpenRecording | undefined {
  try {
    return checkedOpen(() => {
      const db = new DatabaseSync(file, { ...SAFE, readOnly: true });
      try {
        db.prepare("SELECT count(*) FROM sqlite_schema").get();
        return db;
      } catch (error) {
        db.close();
        if (codeOf(error) === CORRUPT) return connectToDamaged(file);
        throw error;
      }
    }, file);
  } catch (error) {
    const code = codeOf(error);
    if (code === CANTOPEN || code === READONLY) return undefined;
    throw error;
  }
}

/** Whether SQLite's own check finds every page in one place and every key in order; it visits each page once at most. */
function isSound(db: DatabaseSync): boolean {
  try {
    return db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"] === "ok";
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

/**
 * A reader of a WAL file needs to write its shared memory next to it; only a connection that may write removes that again
 * at its end, so it may, and changes nothing. Where that is impossible (read-only folder or medium) and no log is left to
 * be read with it, the file alone is the whole truth and is opened as immutable.
 */
function connectToRead(file: string): DatabaseSync {
  const db = new DatabaseSync(file, SAFE);
  try {
    db.exec("PRAGMA query_only = ON");
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return db;
  } catch (error) {
    db.close();
    const code = codeOf(error);
    if (code === CORRUPT) return connectToDamaged(file);
    if (code !== CANTOPEN && code !== READONLY) throw error;
    if (hasLog(file))
      throw new AccessError(
        `${file} was not closed cleanly and cannot be completed from ${basename(file)}-wal in a read-only folder`,
        "copy both to a folder that may be written",
        error,
      );
    return new DatabaseSync(immutable(file), { ...SAFE, readOnly: true });
  }
}

/**
 * SQLite refuses a file that is shorter than its header says, unless the schema may be written: then it reads what is
 * there. Nothing is written: the connection is read-only.
 */
function connectToDamaged(file: string): DatabaseSync {
  const db = new DatabaseSync(hasLog(file) ? file : immutable(file), { ...SAFE, readOnly: true, defensive: false });
  db.exec("PRAGMA writable_schema = ON");
  return db;
}

function hasLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function immutable(file: string): URL {
  const url = pathToFileURL(file);
  url.searchParams.set("immutable", "1");
  return url;
}

/** An older version is read through a temporary copy that was brought up to date; the file itself stays as it is. */
function upgradedCopy(file: string, version: number): OpenRecording {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-"));
  const copy = join(folder, "upgraded");
  for (const suffix of ["", "-wal"]) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const db = new DatabaseSync(copy, SAFE);
    harden(db);
    upgradeFrom(db, version);
    const close = (): void => {
      db.close();
      remove();
    };
    return { db, version, sound: isSound(db), close };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Opens a recording to write, making it where the file does not exist or is empty. `durable` waits for the disk at every
 * commit, so that even a loss of power keeps what was committed; without it only a crash of the program does.
 */
export function openToWrite(file: string, durable: boolean): DatabaseSync {
  checkPath(file);
  return explaining(file, () => {
    const isNew = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
    const db = new DatabaseSync(file, SAFE);
    try {
      harden(db);
      if (isNew) {
        // Header and tables are written before the switch to WAL, so that the file can be told by its first bytes at once.
        db.exec(
          `PRAGMA page_size = ${PAGE_SIZE}; PRAGMA auto_vacuum = INCREMENTAL; BEGIN IMMEDIATE; ` +
            `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; ${CREATE} COMMIT`,
        );
      } else {
        const version = checkedVersion(db, file);
        if (!isSound(db)) throw damagedToAppend(file);
        if (version < SCHEMA_VERSION) upgradeFrom(db, version);
      }
      db.exec(
        `PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 4194304; PRAGMA synchronous = ${durable ? "FULL" : "NORMAL"}; ` +
          // Little stays in the log of a recorder, so that the file alone is nearly whole at any time.
          `PRAGMA wal_autocheckpoint = ${durable ? 64 : 1000}`,
      );
      return db;
    } catch (error) {
      db.close();
      throw codeOf(error) === CORRUPT ? damagedToAppend(file, error) : error;
    }
  });
}

function damagedToAppend(file: string, cause?: unknown): AccessError {
  return new AccessError(
    `${file} is damaged or cut short and cannot be appended to`,
    "save what can be read with `poolscope import NEW-FILE OLD-FILE` and record into the new one",
    cause,
  );
}

/** Bytes of pages in use. */
export function usedBytes(db: DatabaseSync): number {
  const pragma = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}
