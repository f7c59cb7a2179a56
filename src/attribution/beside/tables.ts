// What stands beside the counters as tables for people: loaded drivers and their changes, programs, object types.

import type { BesideTables, ObjectRow, ProgramRow } from "../../model/beside.ts";
import { tagOfObjectType } from "../../model/object-tag.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import type { Program } from "../../model/surroundings.ts";
import { programKey, type BesideRecord } from "./record.ts";

/** Programs of each ranking that are shown: nobody reads further down, and a page must stay small. */
const LEADERS = 40;

/** Changes that are shown, the newest of them. */
const MOST_CHANGES = 400;

/** The tables of what a record holds; all parts are absent where nothing was measured. */
export function besideTables(record: BesideRecord): BesideTables {
  const { drivers, objects, programs } = record.newest;
  return {
    ...(drivers !== undefined && { drivers: { time: drivers.time, rows: drivers.list } }),
    driverChanges: record.changes.slice(-MOST_CHANGES).reverse(),
    ...(programs !== undefined && {
      programs: {
        ...span(programs.time, record.programs[0]?.time),
        rows: leaders(programs.programs.map((program) => programRow(program, programs.time, record))),
        isWhole: programs.isWhole,
        listed: programs.programs.length,
      },
    }),
    ...(objects !== undefined && {
      objects: {
        ...span(objects.time, record.objects[0]?.time),
        rows: objects.list.map((one): ObjectRow => {
          const was = record.objects[0]?.types.get(one.type);
          const isLater = record.objects[0]?.time !== objects.time;
          return {
            ...one,
            tag: tagOfObjectType(one.type).tag,
            ...(isLater &&
              one.objects !== undefined &&
              was?.objects !== undefined && { gainedObjects: one.objects - was.objects }),
            ...(isLater && was !== undefined && { gainedHandles: one.handles - was.handles }),
          };
        }),
      },
      ...(objects.live !== undefined && { live: objects.live }),
    }),
  };
}

function span(time: Milliseconds, first: Milliseconds | undefined): { time: Milliseconds; since?: Milliseconds } {
  return first === undefined || first >= time ? { time } : { time, since: first };
}

function programRow(program: Program, time: Milliseconds, record: BesideRecord): ProgramRow {
  const key = programKey(program);
  const first = record.programs.find((point) => point.programs.has(key));
  const was = first?.programs.get(key);
  if (first === undefined || was === undefined || first.time >= time) return program;
  const { handles, otherOperations } = program;
  const [quota, quotaBefore] = [quotaOf(program), quotaOf(was)];
  return {
    ...program,
    ...(handles !== undefined && was.handles !== undefined && { gainedHandles: handles - was.handles }),
    ...(quota !== undefined && quotaBefore !== undefined && { gainedQuota: quota - quotaBefore }),
    ...(otherOperations !== undefined &&
      was.otherOperations !== undefined && {
        otherPerSecond: Math.max(0, otherOperations - was.otherOperations) / ((time - first.time) / 1000),
      }),
  };
}

function quotaOf({ pagedQuota, nonpagedQuota }: Program): number | undefined {
  return pagedQuota === undefined && nonpagedQuota === undefined ? undefined : (pagedQuota ?? 0) + (nonpagedQuota ?? 0);
}

/** Those that lead one of the rankings, most handles first. */
function leaders(rows: readonly ProgramRow[]): ProgramRow[] {
  const by: readonly ((row: ProgramRow) => number)[] = [
    (row) => row.handles ?? 0,
    (row) => row.gainedHandles ?? 0,
    (row) => quotaOf(row) ?? 0,
    (row) => row.otherPerSecond ?? row.otherOperations ?? 0,
  ];
  const chosen = new Set(by.flatMap((figure) => [...rows].sort((a, b) => figure(b) - figure(a)).slice(0, LEADERS)));
  return [...chosen].sort((a, b) => (b.handles ?? 0) - (a.handles ?? 0));
}
