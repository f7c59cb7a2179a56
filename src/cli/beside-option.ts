// `--beside FILE`: what other tools measured, joined with a time line by the times of the files.

import { UsageError } from "../model/errors.ts";
import type { Gap } from "../model/snapshot.ts";
import { joinBeside } from "../sources/join-beside.ts";
import { readBesideFiles } from "../sources/beside-files.ts";
import { collect } from "./options.ts";
import type { Timeline } from "../sources/timeline.ts";
import type { SourceOptions } from "./shared.ts";

/** The option, for commander. */
export const BESIDE_OPTION = [
  "--beside <file>",
  "what another tool told: handle -s, or as CSV Get-Process, driverquery /v, tasklist, or fltmc filters; a file or folder, again for more",
  collect,
] as const;

/** The time line of one machine with the files joined. Throws UsageError where the input is of several machines. */
export async function withBeside<Line extends Timeline>(
  machines: readonly Line[],
  paths: readonly string[],
  { dates = "mdy", timezone }: Pick<SourceOptions, "dates" | "timezone">,
): Promise<Line> {
  const [timeline, another] = machines;
  if (timeline === undefined || another !== undefined)
    throw new UsageError(
      `--beside: the input is of ${machines.length} machines, and these files do not say which they are of; name the files of one`,
    );
  const gaps: Gap[] = [];
  const files = await readBesideFiles(paths, { dateOrder: dates, ...(timezone !== undefined && { timezone }) }, gaps);
  return {
    ...timeline,
    snapshots: () => joinBeside(timeline.snapshots(), files, (gap) => gaps.push(gap)),
    get gaps() {
      return [...timeline.gaps, ...gaps];
    },
  };
}
