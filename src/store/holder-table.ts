// Who held objects of which type, as a dump or a handle table of its time told it.

import type { DatabaseSync } from "node:sqlite";
import type { Milliseconds } from "../model/snapshot.ts";
import type { Holder } from "../model/surroundings.ts";
import { isDamage } from "./database.ts";

/** More rows than a recording has reason to hold; what lies behind is left out. */
const MAX_HOLDERS = 1 << 17;

/** Keeps the holders that a snapshot carries, under its time. */
export function recordHolders(db: DatabaseSync, time: Milliseconds, holders: readonly Holder[]): void {
  const insert = db.prepare(
    "INSERT INTO holder (time, type, pid, name, handles, objects_of) VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { type, pid, name, handles, of } of holders) insert.run(time, type, pid, name, handles, of ?? null);
}

/** All holders by the time of their snapshot. */
export function readHolders(db: DatabaseSync): ReadonlyMap<Milliseconds, readonly Holder[]> {
  const found = new Map<Milliseconds, Holder[]>();
  try {
    for (const row of db.prepare("SELECT * FROM holder ORDER BY id LIMIT ?").iterate(MAX_HOLDERS)) {
      const { time, type, pid, name, handles, objects_of: of } = row;
      if (typeof time !== "number" || typeof pid !== "number" || typeof handles !== "number") continue;
      const list = found.get(time) ?? [];
      found.set(time, list);
      list.push({ type: String(type), pid, name: String(name), handles, ...(typeof of === "string" && { of }) });
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return found;
}
