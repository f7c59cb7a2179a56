// How much of the pool an origin lists, and how exactly: most list all of it to the byte and have no row here.

import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../model/snapshot.ts";
import { isDamage } from "./database.ts";

/** What the table `origin_extent` keeps of an origin. */
export type Extent = Pick<Origin, "listing" | "bytesRoundedTo">;

/** Keeps what limits an origin; one that lists everything to the byte needs no row. */
export function recordExtent(db: DatabaseSync, id: number, { listing, bytesRoundedTo }: Origin): void {
  if (listing === undefined && bytesRoundedTo === undefined) return;
  db.prepare("INSERT INTO origin_extent (id, listing, bytes_rounded_to) VALUES (?, ?, ?)").run(
    id,
    listing ?? null,
    bytesRoundedTo ?? null,
  );
}

/** The extents by the id of their origin; what cannot be read is missing. */
export function readExtents(db: DatabaseSync): ReadonlyMap<number, Extent> {
  const found = new Map<number, Extent>();
  try {
    for (const { id, listing, bytes_rounded_to: rounded } of db.prepare("SELECT * FROM origin_extent").iterate()) {
      if (typeof id !== "number" || found.has(id)) break;
      found.set(id, {
        ...((listing === "partial" || listing === "blocks") && { listing }),
        ...(typeof rounded === "number" && { bytesRoundedTo: rounded }),
      });
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return found;
}
