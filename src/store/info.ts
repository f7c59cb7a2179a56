// What a recording tells of itself: machines, boots, span, interval, pauses, size, tags, who wrote it.

import type { Gap, Milliseconds } from "../model/snapshot.ts";
import { listSnapshots, type Listed } from "./choose.ts";
import { explained, explaining, isDamage, usedBytes } from "./database.ts";
import { ascending, numberIn, type Host } from "./dictionary.ts";
import type { RecordingReader } from "./reader.ts";
import { gapsOf } from "./walk.ts";

export interface BootInfo {
  readonly host: Host;
  /** Start of the boot, where it is known. */
  readonly bootTime?: Milliseconds;
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly snapshots: number;
}

export interface SessionInfo {
  readonly started: Milliseconds;
  readonly program?: string;
  readonly every?: Milliseconds;
  /** Absent while it goes on, and where it was killed. */
  readonly ended?: Milliseconds;
  readonly outcome?: string;
}

export interface RecordingInfo {
  readonly bytes: number;
  readonly snapshots: number;
  readonly boots: readonly BootInfo[];
  /** The most usual distance of two snapshots of a boot. */
  readonly interval?: Milliseconds;
  /** Pauses inside a boot, much longer than the intervals around them. */
  readonly pauses: readonly { readonly from: Milliseconds; readonly to: Milliseconds }[];
  readonly tags: number;
  /** Rows of (tag, pool). */
  readonly rows: number;
  readonly sources: readonly string[];
  readonly notices: readonly string[];
  readonly sessions: readonly SessionInfo[];
  /** What was not recorded or cannot be read. */
  readonly gaps: readonly Gap[];
}

/** A pause is this many times longer than the intervals before and after it. */
const PAUSE = 4;

/** Reads the whole recording once, so that damage shows. */
export function readInfo(reader: RecordingReader): RecordingInfo {
  const { dictionary, db, file } = reader;
  const noted = new Map<string, Gap>();
  const counted: Listed[] = [];
  for (const { id, time, boot, row } of reader.steps()) {
    counted.push({ id, time, boot });
    for (const gap of gapsOf(row["gaps"])) noted.set(`${gap.where}\n${gap.problem}`, gap);
  }
  const listed = reader.sound ? listedOr(counted, () => listSnapshots(db)) : counted;
  const interval = usualInterval(listed);
  const origins = dictionary.origins();
  return {
    bytes: explaining(file, () => usedBytes(db)),
    snapshots: listed.length,
    boots: boots(reader, listed),
    ...(interval !== undefined && { interval }),
    pauses: pauses(listed),
    tags: new Set(dictionary.tags.tag).size,
    rows: dictionary.tags.tag.length,
    sources: [...new Set(origins.map(({ source }) => source))],
    notices: [...new Set(origins.flatMap(({ notice }) => (notice === undefined ? [] : [notice])))],
    sessions: sessions(reader),
    gaps: [...noted.values(), ...reader.gaps],
  };
}

/** The list of the index, which also knows of snapshots that are damaged; where it is damaged itself, what was read. */
function listedOr(counted: readonly Listed[], list: () => Listed[]): readonly Listed[] {
  try {
    return list();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return counted;
  }
}

function boots(reader: RecordingReader, listed: readonly Listed[]): BootInfo[] {
  const { dictionary } = reader;
  const found = new Map<number, { from: Milliseconds; to: Milliseconds; snapshots: number }>();
  for (const { time, boot } of listed) {
    const seen = found.get(boot);
    if (seen === undefined) found.set(boot, { from: time, to: time, snapshots: 1 });
    else {
      seen.from = Math.min(seen.from, time);
      seen.to = Math.max(seen.to, time);
      seen.snapshots += 1;
    }
  }
  return [...found].map(([id, span]) => {
    const boot = dictionary.boots.get(id);
    return {
      host: dictionary.hosts.get(boot?.host ?? 0) ?? {},
      ...(boot?.bootTime !== undefined && { bootTime: boot.bootTime }),
      ...span,
    };
  });
}

function steps(listed: readonly Listed[]): { readonly from: Milliseconds; readonly to: Milliseconds }[] {
  return listed.flatMap((one, i) => {
    const before = listed[i - 1];
    return before === undefined || before.boot !== one.boot ? [] : [{ from: before.time, to: one.time }];
  });
}

function usualInterval(listed: readonly Listed[]): Milliseconds | undefined {
  const sorted = steps(listed)
    .map(({ from, to }) => to - from)
    .sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function pauses(listed: readonly Listed[]): { from: Milliseconds; to: Milliseconds }[] {
  const all = steps(listed);
  const length = (i: number): number => (all[i]?.to ?? 0) - (all[i]?.from ?? 0);
  const usual = usualInterval(listed) ?? 0;
  return all.filter(
    (_, i) => all.length > 2 && length(i) > Math.max(usual, PAUSE * Math.max(length(i - 1), length(i + 1))),
  );
}

function sessions({ db, file }: RecordingReader): SessionInfo[] {
  try {
    return Array.from(ascending(db, "SELECT * FROM session ORDER BY id", "id"), (row) => {
      const { program, every, ended, outcome } = row;
      return {
        started: numberIn(row, "started"),
        ...(typeof program === "string" && { program }),
        ...(typeof every === "number" && { every }),
        ...(typeof ended === "number" && { ended }),
        ...(typeof outcome === "string" && { outcome }),
      };
    });
  } catch (error) {
    if (!isDamage(error)) throw explained(error, file);
    return [];
  }
}
