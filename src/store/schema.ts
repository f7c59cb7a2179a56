// The tables of a recording and the steps from older versions to this one. Every step has a file of the version it starts
// from as a fixture (test/fixtures/recordings). Described in docs/recording-format.md; change both together.

import type { DatabaseSync } from "node:sqlite";
import type { SystemTotals } from "../model/snapshot.ts";

/** `PLSC` in the header of the file, at offset 68, big-endian. */
export const APPLICATION_ID = 0x504c5343;

/** In the header of the file at offset 60, big-endian. */
export const SCHEMA_VERSION = 4;

/** SQLite's usual size: larger pages save 5 % of the file and write four times as much at each append. */
export const PAGE_SIZE = 4096;

/** The system totals of a snapshot that have a column of their own; any other goes into `other_totals` as JSON. */
export const TOTALS = [
  ["nonpagedBytes", "nonpaged_bytes"],
  ["pagedBytes", "paged_bytes"],
  ["nonpagedLimitBytes", "nonpaged_limit_bytes"],
  ["pagedLimitBytes", "paged_limit_bytes"],
  ["physicalBytes", "physical_bytes"],
  ["availableBytes", "available_bytes"],
  ["commitBytes", "commit_bytes"],
  ["commitLimitBytes", "commit_limit_bytes"],
  ["commitPeakBytes", "commit_peak_bytes"],
  ["pageFaults", "page_faults"],
  ["residentKernelBytes", "resident_kernel_bytes"],
  ["residentPagedBytes", "resident_paged_bytes"],
] as const satisfies readonly (readonly [keyof SystemTotals, string])[];

/** What version 2 adds: what stands beside the counters, the recorder's own verdicts, and a seal for each run of snapshots. */
const CREATE_2 = `
CREATE TABLE beside (id INTEGER PRIMARY KEY REFERENCES snapshot, counts BLOB, programs BLOB);
CREATE TABLE object_type (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE process (id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, started INTEGER, name TEXT NOT NULL);
CREATE TABLE driver (
  id INTEGER PRIMARY KEY,
  file TEXT NOT NULL,
  path TEXT,
  image_bytes INTEGER,
  stamp INTEGER,
  version TEXT,
  company TEXT,
  signer TEXT,
  file_time INTEGER
);
CREATE TABLE driver_change (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  boot INTEGER NOT NULL REFERENCES boot,
  driver INTEGER NOT NULL REFERENCES driver,
  change INTEGER NOT NULL
);
CREATE TABLE holder (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  type TEXT NOT NULL,
  pid INTEGER NOT NULL,
  name TEXT NOT NULL,
  handles INTEGER NOT NULL,
  objects_of TEXT
);
CREATE TABLE judgement (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  boot INTEGER NOT NULL REFERENCES boot,
  from_time INTEGER NOT NULL,
  snapshots INTEGER NOT NULL
);
CREATE TABLE verdict (
  id INTEGER PRIMARY KEY,
  judgement INTEGER NOT NULL REFERENCES judgement,
  tag INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  state TEXT NOT NULL,
  bytes_per_hour REAL,
  bytes_per_hour_low REAL,
  bytes_per_hour_high REAL,
  held_bytes INTEGER NOT NULL,
  confidence REAL,
  since INTEGER,
  suspect TEXT,
  drivers TEXT NOT NULL
);
CREATE TABLE seal (
  keyframe INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  snapshots INTEGER NOT NULL,
  tags INTEGER NOT NULL,
  digest BLOB NOT NULL,
  chain BLOB NOT NULL
);
`;

/** What version 3 adds: which origins list a part of the pool only, and how far their bytes are rounded. */
const CREATE_3 = `
CREATE TABLE origin_extent (id INTEGER PRIMARY KEY REFERENCES origin, listing TEXT, bytes_rounded_to INTEGER);
`;

/** What version 4 adds: update and edition of Windows, and when a leak that was judged runs out of memory. */
const CREATE_4 = `
CREATE TABLE origin_release (id INTEGER PRIMARY KEY REFERENCES origin, revision INTEGER, edition TEXT);
CREATE TABLE verdict_exhaustion (id INTEGER PRIMARY KEY REFERENCES verdict, hours REAL NOT NULL, hours_low REAL NOT NULL, hours_high REAL);
`;

const CREATE_1 = `
CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT, windows_build INTEGER, architecture TEXT);
CREATE TABLE boot (id INTEGER PRIMARY KEY, host INTEGER NOT NULL REFERENCES host, boot_time INTEGER);
CREATE TABLE origin (
  id INTEGER PRIMARY KEY,
  host INTEGER NOT NULL REFERENCES host,
  source TEXT NOT NULL,
  file TEXT,
  time_basis TEXT NOT NULL,
  session TEXT,
  notice TEXT,
  counter_bits INTEGER NOT NULL
);
CREATE TABLE tag (id INTEGER PRIMARY KEY, tag INTEGER NOT NULL, kind INTEGER NOT NULL);
CREATE TABLE snapshot (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  boot INTEGER NOT NULL REFERENCES boot,
  origin INTEGER NOT NULL REFERENCES origin,
  base INTEGER,
  boot_shift INTEGER,
  ${TOTALS.map(([, column]) => `${column} INTEGER`).join(",\n  ")},
  other_totals TEXT,
  gaps TEXT,
  rows BLOB NOT NULL
);
CREATE INDEX snapshot_boot ON snapshot (boot, time);
CREATE INDEX keyframe ON snapshot (time) WHERE base IS NULL;
CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  pid INTEGER,
  every INTEGER,
  program TEXT,
  ended INTEGER,
  outcome TEXT
);
CREATE TABLE mapped_driver (tag INTEGER PRIMARY KEY, text TEXT NOT NULL);
`;

/** What makes a new file of each version: `creates[n]` one of version n + 1. The texts are also what a file is held against. */
export const creates: readonly string[] = [CREATE_1, CREATE_2, CREATE_3, CREATE_4].map((_, i, all) =>
  all.slice(0, i + 1).join(""),
);

/** What makes a new file of {@link SCHEMA_VERSION}. */
export const CREATE: string = creates[SCHEMA_VERSION - 1] ?? "";

/** A step from one schema version to the next; runs inside a transaction. */
export type Upgrade = (db: DatabaseSync) => void;

/** `upgrades[n]` leads from version n + 1 to n + 2. Version 1 is the first one. */
export const upgrades: readonly Upgrade[] = [
  (db) => {
    db.exec(CREATE_2);
  },
  (db) => {
    db.exec(CREATE_3);
  },
  (db) => {
    db.exec(CREATE_4);
  },
];

/** Brings a database from a version to the newest one, each step in a transaction of its own. */
export function upgradeFrom(db: DatabaseSync, version: number, steps: readonly Upgrade[] = upgrades): void {
  for (let at = version; at <= steps.length; at++) {
    db.exec("BEGIN IMMEDIATE");
    try {
      steps[at - 1]?.(db);
      db.exec(`PRAGMA user_version = ${at + 1}; COMMIT`);
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  }
}
