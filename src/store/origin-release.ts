// Update and edition of Windows by origin. Not by host: a recording that goes on with a newer program must not seem to be
// of another machine.

import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../model/snapshot.ts";
import { isDamage } from "./database.ts";

/** What the table `origin_release` keeps of an origin. */
export type Release = Pick<Origin, "windowsRevision" | "windowsEdition">;

/** Keeps what is known; an origin that tells neither needs no row. */
export function recordRelease(db: DatabaseSync, id: number, { windowsRevision, windowsEdition }: Origin): void {
  if (windowsRevision === undefined && windowsEdition === undefined) return;
  db.prepare("INSERT INTO origin_release (id, revision, edition) VALUES (?, ?, ?)").run(
    id,
    windowsRevision ?? null,
    windowsEdition ?? null,
  );
}

/** The releases by the id of their origin; what cannot be read is missing. */
export function readReleases(db: DatabaseSync): ReadonlyMap<number, Release> {
  const found = new Map<number, Release>();
  try {
    for (const { id, revision, edition } of db.prepare("SELECT * FROM origin_release").iterate()) {
      if (typeof id !== "number" || found.has(id)) break;
      found.set(id, {
        ...(typeof revision === "number" && { windowsRevision: revision }),
        ...(typeof edition === "string" && { windowsEdition: edition }),
      });
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return found;
}
