// Whether a recording is what was written: schema, pages, checksums of the counters, order, and the seals where there are some.

import type { Gap } from "../model/snapshot.ts";
import type { RecordingReader } from "./reader.ts";
import { checkSeals, type SealCheck } from "./seals.ts";
import { gapsOf } from "./walk.ts";

/** The first version whose recordings are sealed. */
const SEALED_SINCE = 2;

export interface Verification {
  /** Schema version of the file; that its schema is the one of this version was checked when it was opened. */
  readonly version: number;
  /** Whether SQLite's quick check finds every page in one place and every key in order. */
  readonly pagesInPlace: boolean;
  /** Snapshots that were read: the blob matches its checksum and its chain goes back to a keyframe. */
  readonly whole: number;
  /** Snapshots that the index lists; undefined where it cannot be trusted. */
  readonly listed: number | undefined;
  readonly boots: number;
  /** Snapshots with an earlier time than the one before them in the same boot: the clock was set back. */
  readonly timesBack: number;
  /** What the recorder noted as not recorded. */
  readonly notes: readonly Gap[];
  /** What cannot be read now. */
  readonly damage: readonly Gap[];
  /** Undefined where the file is of a version without seals, or too damaged to check them. */
  readonly seals: SealCheck | undefined;
  /** Whether nothing is damaged, missing or changed as far as this can be told. */
  readonly isWhole: boolean;
}

/** Reads the whole recording twice: its chain, and its seals. */
export function verifyRecording(reader: RecordingReader): Verification {
  const notes = new Map<string, Gap>();
  const boots = new Set<number>();
  let whole = 0;
  let timesBack = 0;
  let before: { readonly boot: number; readonly time: number } | undefined;
  for (const { time, boot, row } of reader.steps()) {
    whole += 1;
    boots.add(boot);
    if (before !== undefined && before.boot === boot && time < before.time) timesBack += 1;
    before = { boot, time };
    for (const gap of gapsOf(row["gaps"])) notes.set(`${gap.where}\n${gap.problem}`, gap);
  }
  const listed = reader.sound ? reader.count() : undefined;
  const seals = reader.sound && reader.version >= SEALED_SINCE ? checkSeals(reader.db) : undefined;
  const sealsHold = seals === undefined || (seals.broken.length === 0 && seals.isChainWhole);
  return {
    version: reader.version,
    pagesInPlace: reader.sound,
    whole,
    listed,
    boots: boots.size,
    timesBack,
    notes: [...notes.values()],
    damage: reader.gaps,
    seals,
    isWhole: reader.sound && listed === whole && reader.gaps.length === 0 && sealsHold,
  };
}
