// Counts what is read of an input while it is read, and answers the Intake.

import type { Intake, IntakeHost, Repair } from "../../model/intake.ts";
import type { Milliseconds, Snapshot, TimeBasis } from "../../model/snapshot.ts";
import type { OpenOptions } from "../timeline.ts";
import type { DateDecision } from "./dates.ts";

/** What is shared by the time lines of all machines of an input. */
export interface Brought {
  readonly files: number;
  readonly dates: DateDecision;
  readonly options: OpenOptions;
  repairs: readonly Repair[];
  hosts: readonly IntakeHost[];
  leftOut: number;
  rejected: number;
  firstRejected: string | undefined;
}

export class Tally {
  readonly #brought: Brought;
  readonly #host: string | undefined;
  readonly #bases = new Map<TimeBasis, number>();
  #snapshots = 0;
  #rows = 0;
  #duplicates = 0;
  #local = false;
  #listing: Intake["listing"];
  #rounded: number | undefined;

  constructor(brought: Brought, host: string | undefined) {
    this.#brought = brought;
    this.#host = host;
  }

  take({ origin, columns }: Snapshot): void {
    this.#snapshots += 1;
    this.#rows += columns.length;
    this.#bases.set(origin.timeBasis, (this.#bases.get(origin.timeBasis) ?? 0) + 1);
    if (origin.listing === "blocks" || this.#listing === undefined) this.#listing = origin.listing ?? this.#listing;
    if (origin.bytesRoundedTo !== undefined) this.#rounded = Math.max(this.#rounded ?? 0, origin.bytesRoundedTo);
    this.#local ||= origin.timeBasis === "marker" || origin.timeBasis === "file-name";
  }

  duplicates(count: number): void {
    this.#duplicates += count;
  }

  intake(): Intake {
    const { files, dates, options, repairs, hosts, leftOut, rejected, firstRejected } = this.#brought;
    const bases = Array.from(this.#bases, ([basis, snapshots]) => ({ basis, snapshots })).sort(
      (a, b) => b.snapshots - a.snapshots,
    );
    const told = options.told ?? {};
    const hasNone = bases.some(({ basis }) => basis === "none") && this.#snapshots > 1;
    return {
      files,
      filesLeftOut: leftOut,
      hosts,
      ...(this.#host === undefined ? {} : { host: this.#host }),
      snapshots: this.#snapshots,
      duplicates: this.#duplicates,
      times: {
        bases,
        spacing: hasNone ? (options.assumedInterval === undefined ? "unknown" : "told") : "known",
        ...(dates.dateOrder === undefined ? {} : { dateOrder: dates.dateOrder }),
        ...(this.#local ? { zone: zoneOf(options.timezone) } : {}),
      },
      rows: { read: this.#rows, rejected },
      ...(firstRejected === undefined ? {} : { firstRejected }),
      repairs,
      ...(this.#listing === undefined ? {} : { listing: this.#listing }),
      ...(this.#rounded === undefined ? {} : { bytesRoundedTo: this.#rounded }),
      told: {
        ...(told.physicalBytes === undefined ? {} : { physicalBytes: told.physicalBytes }),
        ...(told.windows === undefined ? {} : { windows: told.windows }),
        ...(told.pagefileBytes === undefined ? {} : { pagefileBytes: told.pagefileBytes }),
      },
    };
  }
}

function zoneOf(timezone: string | undefined): { readonly name: string; readonly by: "told" | "assumed" } {
  return timezone === undefined ? { name: "UTC", by: "assumed" } : { name: timezone, by: "told" };
}

/** Totals and build as they were told, where the source has none; limits follow from them. */
export function withTold(snapshot: Snapshot, { told }: OpenOptions): Snapshot {
  if (told === undefined) return snapshot;
  const { totals, origin } = snapshot;
  const physicalBytes = totals.physicalBytes ?? told.physicalBytes;
  const commitLimitBytes =
    totals.commitLimitBytes ??
    (physicalBytes === undefined || told.pagefileBytes === undefined ? undefined : physicalBytes + told.pagefileBytes);
  const windowsBuild = origin.windowsBuild ?? told.windowsBuild;
  return {
    ...snapshot,
    origin: { ...origin, ...(windowsBuild === undefined ? {} : { windowsBuild }) },
    totals: {
      ...totals,
      ...(physicalBytes === undefined ? {} : { physicalBytes }),
      ...(commitLimitBytes === undefined ? {} : { commitLimitBytes }),
    },
  };
}

/** Milliseconds from the first to the last snapshot; 0 for none. */
export function spanOf(snapshots: readonly Snapshot[]): Milliseconds {
  return (snapshots.at(-1)?.time ?? 0) - (snapshots[0]?.time ?? 0);
}
