// What the recorder said of its recording while it wrote it, as it said it: for a fleet, where judging anew would take hours.

import type { DatabaseSync } from "node:sqlite";
import { kindCode, kindOf, type Milliseconds, type PoolKind } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import { isDamage } from "./database.ts";

/** One verdict in the form in which a recording keeps it. */
export interface KeptVerdict {
  readonly tag: Tag;
  readonly kind: PoolKind;
  /** Name of the state as `--json` prints it. */
  readonly state: string;
  /** Of the tag and its group together, as `heldBytes`. */
  readonly bytesPerHour?: { readonly value: number; readonly low: number; readonly high: number };
  readonly heldBytes: number;
  /** 0 to 1; absent where nothing was judged. */
  readonly confidence?: number;
  readonly since?: Milliseconds;
  /** Hours from the time of the judgement until memory runs out at this rate; `high` is Infinity where it may never. */
  readonly exhaustionHours?: { readonly value: number; readonly low: number; readonly high: number };
  readonly suspect?: KeptSuspect;
  /** Drivers on this machine that use the tag, the best proven first. */
  readonly drivers: readonly KeptDriver[];
}

/** Who was named, and how sure. */
export interface KeptSuspect {
  readonly name: string;
  /** `proven`, `likely` or `possible`. */
  readonly certainty?: string;
}

export interface KeptDriver {
  readonly file: string;
  readonly version?: string;
}

/** All that was said at one time. No verdicts: nothing that was looked at needs a look. */
export interface Judgement {
  readonly time: Milliseconds;
  /** Start of what was looked at. */
  readonly from: Milliseconds;
  readonly snapshots: number;
  readonly verdicts: readonly KeptVerdict[];
}

/** Adds a judgement to the recording. */
export function recordJudgement(db: DatabaseSync, boot: number, judgement: Judgement): void {
  db.exec("SAVEPOINT judgement");
  try {
    const { lastInsertRowid: id } = db
      .prepare("INSERT INTO judgement (time, boot, from_time, snapshots) VALUES (?, ?, ?, ?)")
      .run(judgement.time, boot, judgement.from, judgement.snapshots);
    const insert = db.prepare(
      "INSERT INTO verdict (judgement, tag, kind, state, bytes_per_hour, bytes_per_hour_low, bytes_per_hour_high, " +
        "held_bytes, confidence, since, suspect, drivers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    const insertEnd = db.prepare(
      "INSERT INTO verdict_exhaustion (id, hours, hours_low, hours_high) VALUES (?, ?, ?, ?)",
    );
    for (const verdict of judgement.verdicts) {
      const { lastInsertRowid } = insert.run(
        id,
        verdict.tag,
        kindCode(verdict.kind),
        verdict.state,
        verdict.bytesPerHour?.value ?? null,
        verdict.bytesPerHour?.low ?? null,
        verdict.bytesPerHour?.high ?? null,
        verdict.heldBytes,
        verdict.confidence ?? null,
        verdict.since ?? null,
        verdict.suspect === undefined ? null : JSON.stringify(verdict.suspect),
        JSON.stringify(verdict.drivers),
      );
      const end = verdict.exhaustionHours;
      if (end !== undefined)
        insertEnd.run(lastInsertRowid, end.value, end.low, Number.isFinite(end.high) ? end.high : null);
    }
    db.exec("RELEASE judgement");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK TO judgement; RELEASE judgement");
    throw error;
  }
}

/** The newest judgement of a recording, or undefined where it has none that can be read. */
export function readLastJudgement(db: DatabaseSync): Judgement | undefined {
  try {
    const row = db.prepare("SELECT * FROM judgement ORDER BY id DESC LIMIT 1").get();
    const { id, time, from_time: from, snapshots } = row ?? {};
    if (typeof id !== "number" || typeof time !== "number" || typeof from !== "number") return undefined;
    const verdicts = db
      .prepare("SELECT * FROM verdict LEFT JOIN verdict_exhaustion USING (id) WHERE judgement = ? ORDER BY id")
      .all(id);
    return { time, from, snapshots: Number(snapshots), verdicts: verdicts.flatMap(verdictOf) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

function verdictOf(row: Readonly<Record<string, unknown>>): KeptVerdict[] {
  const { tag, kind, state, held_bytes: heldBytes, confidence, since } = row;
  const { bytes_per_hour: value, bytes_per_hour_low: low, bytes_per_hour_high: high } = row;
  if (typeof tag !== "number" || typeof state !== "string" || typeof heldBytes !== "number") return [];
  const { hours, hours_low: hoursLow, hours_high: hoursHigh } = row;
  const suspect = fieldsOf(parsed(row["suspect"]));
  const drivers = parsed(row["drivers"]);
  return [
    {
      tag: tag >>> 0,
      kind: kindOf(Number(kind)),
      state,
      ...(typeof value === "number" &&
        typeof low === "number" &&
        typeof high === "number" && { bytesPerHour: { value, low, high } }),
      heldBytes,
      ...(typeof confidence === "number" && { confidence }),
      ...(typeof since === "number" && { since }),
      ...(typeof hours === "number" &&
        typeof hoursLow === "number" && {
          exhaustionHours: { value: hours, low: hoursLow, high: typeof hoursHigh === "number" ? hoursHigh : Infinity },
        }),
      ...(typeof suspect?.["name"] === "string" && {
        suspect: {
          name: suspect["name"],
          ...(typeof suspect["certainty"] === "string" && { certainty: suspect["certainty"] }),
        },
      }),
      drivers: (Array.isArray(drivers) ? drivers : []).flatMap((driver: unknown) => driverOf(fieldsOf(driver))),
    },
  ];
}

function driverOf(fields: Readonly<Record<string, unknown>> | undefined): KeptDriver[] {
  const { file, version } = fields ?? {};
  return typeof file === "string" ? [{ file, ...(typeof version === "string" && { version }) }] : [];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
