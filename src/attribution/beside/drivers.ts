// When two entries of driver lists are the same build, and what to call a build.

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
  return (path.split(/[\\/]/).at(-1) ?? path).toLowerCase();
}
