// What `!vm` says of the whole machine: RAM, pools with their limits, commit. Layout: Microsoft Learn, "!vm".

import type { SystemTotals } from "../../model/snapshot.ts";

// bounded: lines of a session are cut
const LINE = /^\s*([A-Za-z][A-Za-z0-9 ]*?)\s*:\s*([\d,]+)\s*\(\s*([\d,]+)\s*K[bB]\s*\)/;

/** Collects the lines of one `!vm`. */
export class VmTotals {
  readonly #bytes = new Map<string, number>();

  /** Whether the line is one of `!vm`; it is kept then. */
  line(text: string): boolean {
    // bounded: lines of a session are cut
    if (/Virtual Memory Usage|Excessive .* Usage|Page File:|^\s*(?:Current|Minimum):\s*\d+\s*K/i.test(text))
      return true;
    const match = LINE.exec(text);
    if (match === null) return false;
    this.#bytes.set(
      (match[1] ?? "").toLowerCase().replace(/\s+/g, " "),
      Number((match[3] ?? "").replaceAll(",", "")) * 1024,
    );
    return true;
  }

  /** The totals that the lines give. */
  totals(): SystemTotals {
    const get = (...names: readonly string[]): number | undefined =>
      names.map((name) => this.#bytes.get(name)).find((value) => value !== undefined);
    const sum = (pattern: RegExp): number | undefined => {
      const found = [...this.#bytes].filter(([name]) => pattern.test(name)).map(([, value]) => value);
      return found.length === 0 ? undefined : found.reduce((total, value) => total + value, 0);
    };
    const totals = {
      physicalBytes: get("physical memory"),
      availableBytes: get("available pages"),
      // Newer Windows counts the part that is never executed apart.
      nonpagedBytes: sum(/^nonpagedpool(?: ?nx)? usage$/),
      nonpagedLimitBytes: get("nonpagedpool max", "nonpagedpool maximum"),
      pagedBytes: get("pagedpool usage", "paged pool usage") ?? sum(/^pagedpool \d+ usage$/),
      pagedLimitBytes: get("pagedpool maximum", "pagedpool max"),
      commitBytes: get("committed pages"),
      commitLimitBytes: get("commit limit"),
    };
    return Object.fromEntries(Object.entries(totals).filter(([, value]) => value !== undefined));
  }
}
