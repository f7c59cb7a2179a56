// One writer at a time: a lock of the operating system on a file beside the recording. It vanishes with the process,
// however that ends, so that nothing stale is ever left; readers do not care about it.

import { rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { explained } from "./database.ts";

const BUSY = 5;

/** The right to write a recording. */
export class WriterLock {
  readonly #path: string;
  readonly #db: DatabaseSync;

  private constructor(path: string, db: DatabaseSync) {
    this.#path = path;
    this.#db = db;
  }

  /** Takes the lock, or answers undefined where another writer has it. Throws AccessError where the folder cannot be written. */
  static take(file: string): WriterLock | undefined {
    const path = `${file}-lock`;
    // SQLite's own file locks are the portable ones that Node has. Who releases the lock also deletes the file, so the
    // lock counts only if the path still names the file that was locked.
    for (let attempt = 0; attempt < 3; attempt++) {
      let db: DatabaseSync | undefined;
      try {
        db = new DatabaseSync(path, { timeout: 0 });
        const opened = inodeOf(path);
        db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
        if (opened !== undefined && opened === inodeOf(path)) return new WriterLock(path, db);
        db.close();
      } catch (error) {
        if (db?.isOpen === true) db.close();
        if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
        throw explained(error, file);
      }
    }
    return undefined;
  }

  release(): void {
    // Deleted while still held where the system allows it (POSIX), after closing where not (Windows).
    if (process.platform !== "win32") rmSync(this.#path, { force: true });
    this.#db.close();
    if (process.platform === "win32") tryDelete(this.#path);
  }
}

function tryDelete(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Another writer has opened it in the meantime and will delete it itself.
  }
}

/** What tells a file from another one that has taken its path. */
export function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
