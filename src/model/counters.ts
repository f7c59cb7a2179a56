// What holds of the kernel's own counters, whatever the source: the rules of the one gate for rows and for totals.

import type { SystemTotals } from "./snapshot.ts";

/** Bytes that no machine of today has as kernel memory: the 128 TiB of kernel address space, twice. */
const MOST_BYTES = 2 ** 48;

function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value;
}

/** Why a row cannot be counters of a kernel, or undefined where it can. NaN stands for allocs and frees that are not known. */
export function counterProblem(
  outstanding: number,
  bytes: number,
  allocs = Number.NaN,
  frees = Number.NaN,
): string | undefined {
  if (!isCount(outstanding)) return wrongCount("blocks", outstanding);
  if (!isCount(bytes)) return wrongCount("bytes", bytes);
  if (allocs === allocs && !isCount(allocs)) return wrongCount("allocs", allocs);
  if (frees === frees && !isCount(frees)) return wrongCount("frees", frees);
  if (bytes > MOST_BYTES) return `${bytes} bytes are more than a kernel can hold`;
  if (bytes > 0 && outstanding === 0) return `${bytes} bytes in no block`;
  return undefined;
}

function wrongCount(name: string, value: number): string {
  const why =
    value < 0
      ? "negative"
      : Number.isFinite(value) && value <= Number.MAX_SAFE_INTEGER
        ? "no whole number"
        : "beyond any count";
  return `${name} ${value} is ${why}; no kernel counts so`;
}

/** Totals without those that no machine can have, and what was wrong with these. */
export function checkedTotals(totals: SystemTotals): {
  readonly totals: SystemTotals;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const good: Record<string, number> = {};
  const ram = totals.physicalBytes;
  for (const [name, value] of Object.entries(totals)) {
    if (typeof value !== "number" || !isCount(value)) problems.push(`${name} ${value} is no size`);
    else if (name === "nonpagedBytes" && ram !== undefined && ram > 0 && value > ram)
      problems.push(`nonpaged pool of ${value} bytes in ${ram} bytes of RAM`);
    else good[name] = value;
  }
  return problems.length === 0 ? { totals, problems } : { totals: good, problems };
}
