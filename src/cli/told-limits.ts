// `--limit nonpaged=12GiB`: limits of a machine as somebody told them, where the files do not tell them or tell them wrong.

import { UsageError } from "../model/errors.ts";
import type { Snapshot, SystemTotals } from "../model/snapshot.ts";
import { parseBytes } from "../model/units.ts";

/** What a limit may be told of, and where it stands in the totals. */
const LIMITS = { nonpaged: "nonpagedLimitBytes", paged: "pagedLimitBytes", commit: "commitLimitBytes" } as const;

export type ToldLimits = Readonly<Partial<Pick<SystemTotals, (typeof LIMITS)[keyof typeof LIMITS]>>>;

/** The option for commander, with what it is read by. */
export const LIMIT_OPTION = [
  "--limit <pool=size>",
  "a limit where the files tell none: nonpaged=12GiB, paged=8GiB or commit=64GiB; may be repeated",
  collectLimit,
] as const;

/** Takes one more limit to those told before. Throws UsageError on what is none. */
export function collectLimit(value: string, before: ToldLimits | undefined): ToldLimits {
  const [name = "", size = ""] = value.split("=", 2);
  const bytes = parseBytes(size);
  if (!isLimit(name) || bytes === undefined || !(bytes > 0)) {
    throw new UsageError(
      `--limit: ${JSON.stringify(value)} is not one of nonpaged, paged or commit with a size, such as nonpaged=12GiB`,
    );
  }
  return { ...before, [LIMITS[name]]: bytes };
}

function isLimit(name: string): name is keyof typeof LIMITS {
  return Object.hasOwn(LIMITS, name);
}

/** The snapshot with the limits that were told in place of its own. */
export function withLimits(snapshot: Snapshot, told: ToldLimits | undefined): Snapshot {
  return told === undefined ? snapshot : { ...snapshot, totals: { ...snapshot.totals, ...told } };
}
