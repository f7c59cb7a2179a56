// When two entries of driver lists are the same build, what to call a build, and what changed between two lists.

import type { DriverChangeAt } from "../../model/beside.ts";
import { baseName } from "../../model/file-path.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";

/** Whether two entries are of one build, as far as both tell: what one of them does not know does not make them differ. */
export function isSameDriver(a: LoadedDriver, b: LoadedDriver): boolean {
  const differs = (field: "stamp" | "imageBytes" | "version"): boolean =>
    a[field] !== undefined && b[field] !== undefined && a[field] !== b[field];
  return !differs("stamp") && !differs("imageBytes") && !differs("version");
}

/** A build by its version, else by the date that its header states, else by its size. */
export function buildName({ version, stamp, imageBytes }: LoadedDriver): string | undefined {
  if (version !== undefined) return version;
  if (stamp !== undefined) return `build ${stamp.toString(16)}`;
  return imageBytes === undefined ? undefined : `image of ${imageBytes} bytes`;
}

/** The file name of a path with either separator, in lower case. */
export function fileKey(path: string): string {
  return baseName(path).toLowerCase();
}

export interface DriverList {
  readonly time: Milliseconds;
  readonly list: readonly LoadedDriver[];
}

/** Drivers that were loaded, exchanged or unloaded between two lists. */
export function changesBetween(last: DriverList, next: DriverList): DriverChangeAt[] {
  const before = new Map(last.list.map((driver) => [fileKey(driver.file), driver]));
  const now = new Map(next.list.map((driver) => [fileKey(driver.file), driver]));
  const changes: DriverChangeAt[] = [];
  for (const [file, driver] of now) {
    const old = before.get(file);
    if (old === undefined || !isSameDriver(old, driver))
      changes.push({ time: next.time, after: last.time, now: driver, ...(old !== undefined && { before: old }) });
  }
  for (const [file, driver] of before)
    if (!now.has(file)) changes.push({ time: next.time, after: last.time, before: driver });
  return changes;
}
