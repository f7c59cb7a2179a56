// One driver as the index keeps it: a line of JSON that begins with what `poolscope drivers --json` prints of it.

import type { DriverScan, DriverTag } from "../drivers/scan.ts";
import type { PublishedDriver, RecordedSignature, RecordedTag } from "../model/driver.ts";
import type { Milliseconds } from "../model/snapshot.ts";
import { formatTag, formatTagHex, formatTagPattern, type Tag } from "../model/tag.ts";

export interface DriverRecord extends PublishedDriver {
  readonly size: number;
  readonly modified: Milliseconds;
}

export interface FileFacts {
  readonly file: string;
  /** The service that loads the file, where the registry tells it. */
  readonly service?: string;
  readonly size: number;
  readonly modified: Milliseconds;
}

/** Microsoft signs drivers that it has tested under one name; the vendor stands in the program's name. */
const HARDWARE_PUBLISHER = "Microsoft Windows Hardware Compatibility Publisher";

export function toRecord(
  facts: FileFacts,
  sha256: string,
  scan: DriverScan,
  signatures: readonly RecordedSignature[],
): DriverRecord {
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
    signed: signatures.some(({ intact }) => intact !== false),
    signatures,
    signer: signerOf(signatures),
    tags: scan.tags.map(recordTag),
    size: facts.size,
    modified: facts.modified,
  };
}

/** The vendor that signed, by its own certificate before the name that Microsoft's signature gives it. */
function signerOf(signatures: readonly RecordedSignature[]): string | null {
  const valid = signatures.filter(({ intact }) => intact !== false);
  const own = valid.find(({ signer }) => signer !== "" && signer !== HARDWARE_PUBLISHER);
  if (own !== undefined) return own.signer;
  const [first] = valid;
  if (first === undefined || first.signer === "") return null;
  return first.programName === null ? first.signer : `${first.programName} (by ${first.signer})`;
}

function recordTag({ tag, mask, tier, uses, from }: DriverTag): RecordedTag {
  return {
    tag: tier === "pattern" ? formatTagPattern(tag, mask) : formatTag(tag),
    raw: formatTagHex(tag),
    ...(tier === "pattern" ? { mask: formatTagHex(mask) } : {}),
    tier,
    ...(from === undefined ? {} : { from }),
    uses: uses.map((use) => ({
      api: use.api,
      rva: `0x${use.rva.toString(16)}`,
      function: `0x${use.function.toString(16)}`,
      pool: use.pool,
      ...(use.bytes === null ? {} : { bytes: use.bytes }),
    })),
  };
}

/** Without what the index alone needs. */
export function toPublished(record: DriverRecord): PublishedDriver {
  const { size: _size, modified: _modified, ...published } = record;
  return published;
}

/** A file that could not be scanned, with the reason in place of a status. */
export function unreadRecord(facts: FileFacts, reason: string): DriverRecord {
  const { file, size, modified } = facts;
  return {
    file,
    size,
    modified,
    sha256: "",
    machine: "unknown",
    status: reason,
    version: { company: null, product: null, fileVersion: null, description: null },
    pdb: null,
    signed: false,
    signatures: [],
    signer: null,
    tags: [],
  };
}

/** Whether a recorded tag is this one, or a form that it fits. */
export function isRecordOf(recorded: RecordedTag, tag: Tag): boolean {
  const raw = Number(recorded.raw);
  return recorded.mask === undefined ? raw === tag : ((tag & Number(recorded.mask)) ^ raw) === 0;
}

const FORM_LETTER = 0x3f3f_3f3f;

/** A recorded tag as it is shown: with question marks for the bytes that are not known. */
export function shownTag({ raw, mask }: Pick<RecordedTag, "raw" | "mask">): Tag {
  return (Number(raw) | (mask === undefined ? 0 : FORM_LETTER & ~Number(mask))) >>> 0;
}
