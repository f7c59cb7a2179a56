// One driver and its tags in the form that `poolscope drivers --json` prints; the index keeps it, reports show it.

import type { PoolKind } from "./snapshot.ts";
import type { DriverMatch } from "./attribution.ts";

export interface RecordedUse {
  readonly api: string;
  readonly rva: string;
  readonly function: string;
  readonly pool: PoolKind | null;
}

export interface RecordedTag {
  /** As text; in the tier `pattern` with a question mark for each byte that is not known. */
  readonly tag: string;
  /** The 32-bit value as the kernel holds it; zeroes where it is not known. */
  readonly raw: string;
  /** The bytes that are known, as ones; only in the tier `pattern`. */
  readonly mask?: string;
  readonly tier: DriverMatch["tier"];
  readonly uses: readonly RecordedUse[];
}

/** The published form, exactly as `poolscope drivers --json` prints it. */
export interface PublishedDriver {
  readonly file: string;
  readonly sha256: string;
  readonly machine: string;
  readonly status: string;
  readonly version: {
    readonly company: string | null;
    readonly product: string | null;
    readonly fileVersion: string | null;
    readonly description: string | null;
  };
  readonly pdb: string | null;
  readonly signed: boolean;
  readonly tags: readonly RecordedTag[];
}
