// Changes of drivers as marks on the charts, one mark a time.

import type { DriverChangeAt } from "../../model/beside.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import { driverMarkWords } from "../../words/beside.ts";
import type { Marks } from "./chart-marks.ts";

/** The first list of a boot differs from the last of the one before by whatever the restart brought: the same mark tells it. */
export function driverMarks({ beside }: Diagnosis): Pick<Marks, "changes"> {
  const byTime = new Map<number, DriverChangeAt[]>();
  for (const change of beside?.driverChanges ?? []) {
    const same = byTime.get(change.time);
    if (same === undefined) byTime.set(change.time, [change]);
    else same.push(change);
  }
  return byTime.size === 0
    ? {}
    : { changes: Array.from(byTime, ([time, changes]) => ({ time, text: driverMarkWords(changes) })) };
}
