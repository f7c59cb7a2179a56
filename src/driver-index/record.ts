// One driver as the index keeps it: a line of JSON that begins with what `poolscope drivers --json` prints of it.

import type { DriverScan, DriverTag } from "../drivers/scan.ts";
import type { PublishedDriver, RecordedTag } from "../model/driver.ts";
import type { Milliseconds } from "../model/snapshot.ts";
import { formatTag, formatTagHex } from "../model/tag.ts";

export interface DriverRecord extends PublishedDriver {
  readonly size: number;
  readonly modified: Milliseconds;
  readonly signer?: string;
}

export interface FileFacts {
  readonly file: string;
  readonly size: number;
  readonly modified: Milliseconds;
}

export function toRecord(facts: FileFacts, sha256: string, scan: DriverScan): DriverRecord {
  const { company, product, fileVersion, description } = scan.version;
  return {
    file: facts.file,
    sha256,
    machine: scan.machine,
    status: scan.status,
    version: {
      company: company ?? null,
      product: product ?? null,
      fileVersion: fileVersion ?? null,
      description: description ?? null,
    },
    pdb: scan.pdb ?? null,
    signed: scan.signer !== undefined,
    tags: scan.tags.map(recordTag),
    size: facts.size,
    modified: facts.modified,
    ...(scan.signer === undefined || scan.signer === "" ? {} : { signer: scan.signer }),
  };
}

function recordTag({ tag, tier, uses }: DriverTag): RecordedTag {
  return {
    tag: formatTag(tag),
    raw: formatTagHex(tag),
    tier,
    uses: uses.map((use) => ({
      api: use.api,
      rva: `0x${use.rva.toString(16)}`,
      function: `0x${use.function.toString(16)}`,
      pool: use.pool,
    })),
  };
}

/** Without what the index alone needs. */
export function toPublished(record: DriverRecord): PublishedDriver {
  const { file, sha256, machine, status, version, pdb, signed, tags } = record;
  return { file, sha256, machine, status, version, pdb, signed, tags };
}

/** A file that could not be scanned, with the reason in place of a status. */
export function unreadRecord(facts: FileFacts, reason: string): DriverRecord {
  return {
    ...facts,
    sha256: "",
    machine: "unknown",
    status: reason,
    version: { company: null, product: null, fileVersion: null, description: null },
    pdb: null,
    signed: false,
    tags: [],
  };
}
