// What a record holds beside its counters, findings or not: changes of drivers, and the programs that stand out by handles.

import type { BesideSummary, ProgramGrowth } from "../../model/beside.ts";
import type { BesideRecord } from "./record.ts";

/** Of each ranking: by handles and by what they gained. */
const LEADERS = 10;

/** Undefined where nothing of it was measured. */
export function besideSummary({ programs, changes }: BesideRecord): BesideSummary | undefined {
  const last = programs.at(-1);
  if (last === undefined && changes.length === 0) return undefined;
  const rows = Array.from(last?.programs ?? [], ([key, { pid, name, handles }]): ProgramGrowth => {
    const first = programs.find((point) => point.programs.has(key))?.programs.get(key)?.handles;
    return {
      pid,
      name,
      ...(handles !== undefined && { handles }),
      ...(handles !== undefined && first !== undefined && { gainedHandles: handles - first }),
    };
  });
  const leaders = new Set([
    ...rows.toSorted((a, b) => (b.handles ?? 0) - (a.handles ?? 0)).slice(0, LEADERS),
    ...rows.toSorted((a, b) => (b.gainedHandles ?? 0) - (a.gainedHandles ?? 0)).slice(0, LEADERS),
  ]);
  return { driverChanges: changes, programs: [...leaders] };
}
