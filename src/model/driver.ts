// One driver and its tags in the form that `poolscope drivers --json` prints; the index keeps it, reports show it.

import type { PoolKind } from "./snapshot.ts";
import type { DriverMatch } from "./attribution.ts";

export interface RecordedUse {
  readonly api: string;
  readonly rva: string;
  readonly function: string;
  readonly pool: PoolKind | null;
  /** Bytes of the block, where they are constant. */
  readonly bytes?: number;
}

/** Where the name of a driver's service is known from, the surest first. */
export type ServiceNameSource = "registry" | "INF" | "PDB" | "file name";

export interface ServiceName {
  readonly name: string;
  readonly from: ServiceNameSource;
}

export interface RecordedTag {
  /** As text; in the tier `pattern` with a question mark for each byte that is not known. */
  readonly tag: string;
  /** The 32-bit value as the kernel holds it; zeroes where it is not known. */
  readonly raw: string;
  /** The bytes that are known, as ones; only in the tier `pattern`. */
  readonly mask?: string;
  readonly tier: DriverMatch["tier"];
  /** Where the service's name is from; only in the tier `predicted`. */
  readonly from?: ServiceNameSource;
  readonly uses: readonly RecordedUse[];
}

/** An embedded signature. Whether its certificate can be trusted is for Windows to say. */
export interface RecordedSignature {
  /** Common name of the signer's certificate; empty where it could not be read. */
  readonly signer: string;
  /** The vendor's name, where the signature carries one. */
  readonly programName: string | null;
  /** Whether the file is still what was signed; null where the digest is of a kind that was not computed. */
  readonly intact: boolean | null;
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
  /** Whether the file carries a signature of its content as it is. */
  readonly signed: boolean;
  readonly signatures: readonly RecordedSignature[];
  /** Who stands for the file: the vendor that an intact signature names; null where there is none. */
  readonly signer: string | null;
  readonly tags: readonly RecordedTag[];
}

/** What a driver's code shows that its developers may want to change. */
export const DRIVER_RULES = [
  "untagged",
  "default-tag",
  "never-freed",
  "crowded-tag",
  "unresolved-tag",
  "deprecated-api",
] as const;

export type DriverRule = (typeof DRIVER_RULES)[number];

/** A call, with its function's name where a PDB tells it. */
export interface DriverSite {
  readonly api: string;
  readonly rva: number;
  readonly function: number;
  readonly symbol?: string;
}

export interface DriverFinding {
  readonly rule: DriverRule;
  /** As {@link RecordedTag.tag}; null where the finding is of no single tag. */
  readonly tag: string | null;
  readonly sites: readonly DriverSite[];
}
