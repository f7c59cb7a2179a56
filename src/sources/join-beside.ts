// Puts what other tools measured onto the snapshot that is nearest in time. What cannot be joined is a gap.

import type { Gap, Milliseconds, Snapshot } from "../model/snapshot.ts";
import type { Program, Surroundings } from "../model/surroundings.ts";
import { formatTime } from "../model/time.ts";
import { formatDuration } from "../model/units.ts";
import type { BesideFile } from "./beside-files.ts";

/** A text from before the first snapshot or after the last is joined up to an hour away: it was saved in the same visit. */
const LONGEST_OUTSIDE: Milliseconds = 3_600_000;

/** Yields every snapshot once, with the files joined. `files` are in the order of time. */
export async function* joinBeside(
  snapshots: AsyncIterable<Snapshot>,
  files: readonly BesideFile[],
  gap: (gap: Gap) => void,
): AsyncIterable<Snapshot> {
  const pending = [...files];
  const joiner = new Joiner(gap);
  let held: Snapshot | undefined;
  let isFirst = true;
  const upTo = (time: Milliseconds): BesideFile[] => {
    const count = pending.findIndex((file) => file.time > time);
    return pending.splice(0, count < 0 ? pending.length : count);
  };
  for await (const next of snapshots) {
    if (held !== undefined) {
      yield joiner.join(held, upTo((held.time + next.time) / 2), { isFirst, isLast: false });
      isFirst = false;
    }
    held = next;
  }
  if (held !== undefined) yield joiner.join(held, pending, { isFirst, isLast: true });
}

/** Where a snapshot stands in its record. */
interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

class Joiner {
  readonly #gap: (gap: Gap) => void;
  /** Lists of drivers are compared with each other: they must be of one kind all along. */
  #driversFrom: string | undefined;

  constructor(gap: (gap: Gap) => void) {
    this.#gap = gap;
  }

  join(snapshot: Snapshot, files: readonly BesideFile[], place: Place): Snapshot {
    if (snapshot.surroundings?.drivers !== undefined) this.#driversFrom = "the record";
    let joined: Surroundings = snapshot.surroundings ?? {};
    for (const file of files) {
      const problem = notJoined(snapshot, file, place);
      if (problem === undefined) joined = this.#joinOne(joined, file);
      else this.#gap({ where: file.path, problem });
    }
    return Object.keys(joined).length === 0 ? snapshot : { ...snapshot, surroundings: joined };
  }

  #joinOne(joined: Surroundings, file: BesideFile): Surroundings {
    const { objects, programs, drivers, tool, time, path } = file;
    const twice = (what: string): Surroundings => {
      this.#gap({ where: path, problem: `not joined: ${what} of that time are there already` });
      return joined;
    };
    if (objects !== undefined) return joined.objects === undefined ? { ...joined, objects } : twice("object counts");
    if (programs !== undefined) {
      const there = joined.programs;
      if (there === undefined) return { ...joined, programs: { time, programs, isWhole: true } };
      const merged = mergedPrograms(there.programs, programs);
      return merged === undefined ? twice("programs") : { ...joined, programs: { ...there, programs: merged } };
    }
    if (drivers === undefined) return joined;
    const from = (this.#driversFrom ??= tool);
    if (from !== tool || joined.drivers !== undefined) {
      this.#gap({
        where: path,
        problem: `not joined: the drivers are those of ${from}, and lists of two kinds cannot be compared`,
      });
      return joined;
    }
    return { ...joined, drivers };
  }
}

/** tasklist knows file names, Get-Process counts; undefined where both lists have handles. */
function mergedPrograms(a: readonly Program[], b: readonly Program[]): readonly Program[] | undefined {
  const hasHandles = (programs: readonly Program[]): boolean => programs.some(({ handles }) => handles !== undefined);
  if (hasHandles(a) && hasHandles(b)) return undefined;
  const [counted, named] = hasHandles(b) ? [b, a] : [a, b];
  const names = new Map(named.map(({ pid, name }) => [pid, name]));
  return counted.map((program) => {
    const name = names.get(program.pid);
    // The pid may have been used again between the two lists.
    const isSame = name !== undefined && name.toLowerCase().startsWith(program.name.toLowerCase());
    return isSame ? { ...program, name } : program;
  });
}

/** Why a file belongs to no snapshot of the record; undefined where it does. */
function notJoined({ time, origin }: Snapshot, file: BesideFile, { isFirst, isLast }: Place): string | undefined {
  if (origin.timeBasis === "none")
    return "not joined: the snapshots have no times (--interval tells how far apart they are)";
  const isOutside = (isFirst && file.time < time) || (isLast && file.time > time);
  const apart = Math.abs(file.time - time);
  return isOutside && apart > LONGEST_OUTSIDE
    ? `not joined: it is of ${formatTime(file.time)}, ${formatDuration(apart)} from the nearest snapshot; a date in the name of a file tells its time where a copy lost it`
    : undefined;
}
