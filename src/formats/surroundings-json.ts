// What stands beside the counters, as it is written into a JSON line, and back. Described in docs/json-output.md.

import type { Holder, LoadedDriver, ObjectCount, Program, Surroundings } from "../model/surroundings.ts";
import { formatIso } from "../model/time.ts";
import { arrayOf, numberOf, objectOf, optional, refuse, textOf, timeOf } from "./json-fields.ts";

const PROGRAM_NUMBERS = [
  "handles",
  "threads",
  "pagedQuota",
  "nonpagedQuota",
  "otherOperations",
  "otherBytes",
  "privateBytes",
  "workingSet",
] as const;

/** As plain JSON values: times in ISO form. `driversBefore` is the list of the line before; the same one is left out. */
export function surroundingsJson(
  surroundings: Surroundings,
  driversBefore: readonly LoadedDriver[] | undefined,
): Readonly<Record<string, unknown>> {
  const { programs, drivers, ...rest } = surroundings;
  return {
    ...rest,
    ...(programs !== undefined && {
      programs: {
        time: formatIso(programs.time),
        isWhole: programs.isWhole,
        list: programs.programs.map(({ started, ...program }) => ({
          ...program,
          ...(started !== undefined && { started: formatIso(started) }),
        })),
      },
    }),
    ...(drivers !== undefined &&
      drivers !== driversBefore && {
        drivers: drivers.map(({ fileTime, ...driver }) => ({
          ...driver,
          ...(fileTime !== undefined && { fileTime: formatIso(fileTime) }),
        })),
      }),
  };
}

/** Throws FormatError where a value is not what {@link surroundingsJson} writes. */
export function parseSurroundings(value: unknown): Surroundings {
  const fields = objectOf(value, "surroundings");
  const { objects, live, programs, drivers, holders } = fields;
  return {
    ...(objects !== undefined && { objects: arrayOf(objects, "objects").map(objectCountOf) }),
    ...(live !== undefined && { live: liveOf(live) }),
    ...(programs !== undefined && { programs: programsOf(programs) }),
    ...(drivers !== undefined && { drivers: arrayOf(drivers, "drivers").map(driverOf) }),
    ...(holders !== undefined && { holders: arrayOf(holders, "holders").map(holderOf) }),
  };
}

function objectCountOf(value: unknown): ObjectCount {
  const fields = objectOf(value, "an object count");
  return {
    type: textOf(fields["type"], "type"),
    handles: numberOf(fields["handles"], "handles"),
    ...optional(fields, ["objects", "peakObjects", "peakHandles"], numberOf),
  };
}

function liveOf(value: unknown): { processes: number; threads: number; handles: number } {
  const fields = objectOf(value, "live");
  return {
    processes: numberOf(fields["processes"], "processes"),
    threads: numberOf(fields["threads"], "threads"),
    handles: numberOf(fields["handles"], "handles"),
  };
}

function programsOf(value: unknown): NonNullable<Surroundings["programs"]> {
  const fields = objectOf(value, "programs");
  const isWhole = fields["isWhole"];
  if (typeof isWhole !== "boolean") throw refuse("isWhole is neither true nor false");
  return {
    time: timeOf(fields["time"], "time"),
    isWhole,
    programs: arrayOf(fields["list"], "list").map((one): Program => {
      const program = objectOf(one, "a program");
      return {
        pid: numberOf(program["pid"], "pid"),
        name: textOf(program["name"], "name"),
        ...optional(program, ["started"], timeOf),
        ...optional(program, PROGRAM_NUMBERS, numberOf),
      };
    }),
  };
}

function driverOf(value: unknown): LoadedDriver {
  const fields = objectOf(value, "a driver");
  return {
    file: textOf(fields["file"], "file"),
    ...optional(fields, ["path", "version", "company", "signer"], textOf),
    ...optional(fields, ["imageBytes", "stamp"], numberOf),
    ...optional(fields, ["fileTime"], timeOf),
  };
}

function holderOf(value: unknown): Holder {
  const fields = objectOf(value, "a holder");
  return {
    type: textOf(fields["type"], "type"),
    pid: numberOf(fields["pid"], "pid"),
    name: textOf(fields["name"], "name"),
    handles: numberOf(fields["handles"], "handles"),
    ...optional(fields, ["of"], textOf),
  };
}
