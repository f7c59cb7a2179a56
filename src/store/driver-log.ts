// Which drivers were loaded when: one row per driver image, one per change, so that a list that stays as it is costs nothing.

import type { DatabaseSync } from "node:sqlite";
import type { Milliseconds } from "../model/snapshot.ts";
import type { LoadedDriver } from "../model/surroundings.ts";
import { isDamage } from "./database.ts";

const UNLOADED = 0;
const LOADED = 1;

interface Change {
  readonly time: Milliseconds;
  readonly driver: number;
  readonly change: number;
}

/** More rows than a year of driver updates brings; what lies behind is left out. */
const MAX_CHANGES = 1 << 18;

/** The tables `driver` and `driver_change` of one recording. */
export class DriverLog {
  readonly #db: DatabaseSync;
  readonly #drivers = new Map<number, LoadedDriver>();
  readonly #ids = new Map<string, number>();
  readonly #changes = new Map<number, Change[]>();
  /** Where {@link at} stands in the changes of a boot, and the list there. */
  #cursor: { boot: number; next: number; ids: Set<number>; list: readonly LoadedDriver[] | undefined } | undefined;
  /** The list that was recorded last, to tell by identity that nothing changed. */
  #last: { readonly boot: number; readonly list: readonly LoadedDriver[] } | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
    try {
      for (const row of db.prepare("SELECT * FROM driver ORDER BY id LIMIT ?").iterate(MAX_CHANGES))
        if (typeof row["id"] === "number") this.#know(row["id"], driverOf(row));
      const changes = db.prepare("SELECT time, boot, driver, change FROM driver_change ORDER BY id LIMIT ?");
      for (const { time, boot, driver, change } of changes.iterate(MAX_CHANGES))
        if (typeof time === "number" && typeof boot === "number" && typeof driver === "number")
          this.#changesOf(boot).push({ time, driver, change: change === LOADED ? LOADED : UNLOADED });
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }

  /** The drivers loaded at a time of a boot; the same array while they stay. Undefined where none were recorded by then. */
  at(boot: number, time: Milliseconds): readonly LoadedDriver[] | undefined {
    const changes = this.#changes.get(boot) ?? [];
    let cursor = this.#cursor;
    if (cursor?.boot !== boot || (changes[cursor.next - 1]?.time ?? -Infinity) > time)
      cursor = { boot, next: 0, ids: new Set(), list: undefined };
    this.#cursor = cursor;
    const start = cursor.next;
    for (let change = changes[start]; change !== undefined && change.time <= time; change = changes[++cursor.next])
      if (change.change === LOADED) cursor.ids.add(change.driver);
      else cursor.ids.delete(change.driver);
    if (cursor.next > start) cursor.list = [...cursor.ids].flatMap((id) => this.#drivers.get(id) ?? []);
    return cursor.list;
  }

  /** Every list that was recorded, boot by boot, oldest first. */
  *lists(): Iterable<{ readonly time: Milliseconds; readonly list: readonly LoadedDriver[] }> {
    for (const boot of [...this.#changes.keys()].sort((a, b) => a - b))
      for (const time of new Set(this.#changesOf(boot).map((change) => change.time))) {
        const list = this.at(boot, time);
        if (list !== undefined) yield { time, list };
      }
  }

  /** Records what changed against the list before it of the same boot. */
  record(boot: number, time: Milliseconds, list: readonly LoadedDriver[]): void {
    if (this.#last?.boot === boot && this.#last.list === list) return;
    this.at(boot, Number.POSITIVE_INFINITY);
    const before = this.#cursor?.ids ?? new Set<number>();
    const now = new Set(list.map((driver) => this.#idOf(driver)));
    const insert = this.#db.prepare("INSERT INTO driver_change (time, boot, driver, change) VALUES (?, ?, ?, ?)");
    const note = (driver: number, change: number): void => {
      insert.run(time, boot, driver, change);
      this.#changesOf(boot).push({ time, driver, change });
    };
    for (const id of before) if (!now.has(id)) note(id, UNLOADED);
    for (const id of now) if (!before.has(id)) note(id, LOADED);
    this.#last = { boot, list };
  }

  #idOf(driver: LoadedDriver): number {
    const known = this.#ids.get(keyOf(driver));
    if (known !== undefined) return known;
    const { file, path, imageBytes, stamp, version, company, signer, fileTime } = driver;
    const { lastInsertRowid } = this.#db
      .prepare(
        "INSERT INTO driver (file, path, image_bytes, stamp, version, company, signer, file_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        file,
        path ?? null,
        imageBytes ?? null,
        stamp ?? null,
        version ?? null,
        company ?? null,
        signer ?? null,
        fileTime ?? null,
      );
    this.#know(Number(lastInsertRowid), driver);
    return Number(lastInsertRowid);
  }

  #know(id: number, driver: LoadedDriver): void {
    this.#drivers.set(id, driver);
    this.#ids.set(keyOf(driver), id);
  }

  #changesOf(boot: number): Change[] {
    const changes = this.#changes.get(boot) ?? [];
    this.#changes.set(boot, changes);
    return changes;
  }
}

function driverOf(row: Readonly<Record<string, unknown>>): LoadedDriver {
  const { file, path, image_bytes: imageBytes, stamp, version, company, signer, file_time: fileTime } = row;
  return {
    file: typeof file === "string" ? file : "",
    ...(typeof path === "string" && { path }),
    ...(typeof imageBytes === "number" && { imageBytes }),
    ...(typeof stamp === "number" && { stamp }),
    ...(typeof version === "string" && { version }),
    ...(typeof company === "string" && { company }),
    ...(typeof signer === "string" && { signer }),
    ...(typeof fileTime === "number" && { fileTime }),
  };
}

function keyOf({ file, path, imageBytes, stamp, version, company, signer, fileTime }: LoadedDriver): string {
  return JSON.stringify([file, path, imageBytes, stamp, version, company, signer, fileTime]);
}
