// What a dump tells beside the counters: object types with their counts, processes with their handles, who holds the objects,
// loaded drivers. Each part is absent where the dump does not hold it.

import { answerHolders, answerModules } from "../formats/crash-dump/answers.ts";
import type { Dump } from "../formats/crash-dump/dump.ts";
import type { Holders } from "../formats/crash-dump/holders.ts";
import type { TagUses } from "../formats/crash-dump/read-tag-table.ts";
import { FormatError } from "../model/errors.ts";
import type { Holder, LoadedDriver, ObjectCount, Program, Surroundings } from "../model/surroundings.ts";

/** Holders kept: those with few handles hold no leak. */
const MOST_HOLDERS = 200;

/** Undefined where the dump tells nothing beside the counters. `time`: of the snapshot. */
export function dumpSurroundings(dump: Dump, uses: TagUses, time: number): Surroundings | undefined {
  const objects = uses.witness?.types.map(
    ({ name, objects: count, handles, peakObjects, peakHandles }): ObjectCount => ({
      type: name,
      objects: count,
      handles,
      peakObjects,
      peakHandles,
    }),
  );
  const holders = holdersOrNone(dump);
  const drivers = answerModules(dump).modules.map(({ name, path, sizeOfImage }): LoadedDriver => ({
    file: name,
    path,
    imageBytes: sizeOfImage,
  }));
  const surroundings: Surroundings = {
    ...(objects === undefined ? {} : { objects }),
    ...(drivers.length === 0 ? {} : { drivers }),
    ...(holders === undefined
      ? {}
      : {
          programs: { time, programs: programsOf(holders), isWhole: true },
          holders: holdersOf(holders, uses),
        }),
  };
  return Object.keys(surroundings).length === 0 ? undefined : surroundings;
}

function holdersOrNone(dump: Dump): Holders | undefined {
  try {
    return answerHolders(dump);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Processes that still run: those that ended have no handle table. */
function programsOf({ processes, held }: Holders): Program[] {
  const handles = new Map<unknown, number>();
  for (const each of held) handles.set(each.process, (handles.get(each.process) ?? 0) + each.handles);
  return processes
    .filter((process) => process.handleTable !== undefined)
    .map((process) => ({
      pid: process.pid,
      name: process.name,
      ...(process.start === undefined ? {} : { started: process.start }),
      handles: handles.get(process) ?? 0,
    }));
}

/** Holders by the name of the type, most handles first; exited processes by the name that they had. */
function holdersOf({ held, endedHeld }: Holders, uses: TagUses): Holder[] {
  const types = new Map((uses.witness?.types ?? []).map((type) => [type.tag, type.name] as const));
  const byType = held.flatMap(({ process, tag, handles }): Holder[] => {
    const type = tag === undefined ? undefined : types.get(tag);
    return type === undefined ? [] : [{ type, pid: process.pid, name: process.name, handles }];
  });
  const ended = endedHeld.map(({ holder, name, handles }): Holder => ({
    type: "Process",
    pid: holder.pid,
    name: holder.name,
    handles,
    of: name,
  }));
  return [...ended, ...byType].sort((a, b) => b.handles - a.handles).slice(0, MOST_HOLDERS);
}
