// What was brought: hosts, span, how times are known, share read, repairs. Decided over the whole input and carried by every
// diagnosis, so that nothing is said of it without saying what it rests on.

import type { Milliseconds, TimeBasis } from "./snapshot.ts";

/** A machine found in the input. */
export interface IntakeHost {
  readonly name: string;
  /** named: the data names it; file-name: names of files, borne out by the counters; counters: told apart by them alone. */
  readonly known: "named" | "file-name" | "counters";
}

/** How times are known, and what was decided of them. */
export interface IntakeTimes {
  /** Snapshots by the basis of their time, most frequent first. */
  readonly bases: readonly { readonly basis: TimeBasis; readonly snapshots: number }[];
  /**
   * known: times are of a calendar; told: no times, the spacing was given; unknown: an order and nothing else, one step
   * stands for {@link STEP}.
   */
  readonly spacing: "known" | "told" | "unknown";
  /** The order of day and month where dates left it open: decided by the dates named, or told. */
  readonly dateOrder?: {
    readonly order: "mdy" | "dmy" | "ymd";
    /** `date`: proven by this date; `told`: given by the user; `assumed`: nothing proves it. */
    readonly by: "date" | "told" | "assumed";
    readonly example?: string;
  };
  /** Where the zone of local times is from; absent where every time tells its own. */
  readonly zone?: { readonly name: string; readonly by: "told" | "assumed" };
}

/** A repair of pasted text, or of the order it stands in. `lines` were changed, rows put together, or snapshots put in order. */
export interface Repair {
  readonly kind:
    | "prefix"
    | "line-numbers"
    | "table"
    | "wrapped"
    | "flattened"
    | "separators"
    | "special-spaces"
    | "entities"
    | "nul-bytes"
    | "colours"
    | "markup"
    | "records"
    | "prose"
    | "newest-first"
    | "time-order"
    | "rows-by-time";
  readonly lines: number;
  /** What was taken away, e.g. `> ` or `,`. */
  readonly found?: string;
}

export interface Intake {
  readonly files: number;
  /** Files that were brought and not read; each is a Gap. */
  readonly filesLeftOut: number;
  /** Every machine of the input; the diagnosis is of `host` where there are several. */
  readonly hosts: readonly IntakeHost[];
  readonly host?: string;
  readonly snapshots: number;
  /** Snapshots that were there twice and taken once. */
  readonly duplicates: number;
  readonly times: IntakeTimes;
  readonly rows: { readonly read: number; readonly rejected: number };
  /** Why the first row was rejected. */
  readonly firstRejected?: string;
  readonly repairs: readonly Repair[];
  /** Least exact listing among the snapshots; see `Origin.listing`. */
  readonly listing?: "partial" | "blocks";
  readonly bytesRoundedTo?: number;
  /** What the user told of the machine. */
  readonly told: { readonly physicalBytes?: number; readonly windows?: string; readonly pagefileBytes?: number };
}

/** Distance of snapshots whose spacing is unknown: rates per hour then read as growth per step. */
export const STEP: Milliseconds = 3_600_000;

/** Above this share of rejected rows the first line says so. */
export const REJECTED_WORTH_SAYING = 0.01;

/** Above this share nothing is said of the rest. */
export const MOSTLY_UNREADABLE = 0.2;

/** Share of rows that could not be taken, 0 to 1. */
export function rejectedShare({ rows }: Pick<Intake, "rows">): number {
  const all = rows.read + rows.rejected;
  return all === 0 ? 0 : rows.rejected / all;
}
