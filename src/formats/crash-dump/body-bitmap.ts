// Dump bodies that name their pages by a bitmap: the block since Windows 8 (types 5 and 6), and the older summary (type 2).
// Which of the two a file holds is decided by the numbers in it: only the right reading has as many bits set as pages said.

import { FormatError, type FormatErrorDetails } from "../../model/errors.ts";
import { hasText, hex, u32, u64 } from "./bytes.ts";
import { BitmapMap, popcount } from "./physical.ts";
import type { ByteSource } from "./source.ts";

export interface BitmapBody {
  readonly map: BitmapMap;
  readonly layout: "bitmap" | "summary";
  readonly firstPageOffset: number;
  /** What does not agree, in sentences. */
  readonly problems: readonly string[];
}

/** 2^31 pages are 8 TiB of memory and a bitmap of 256 MiB. */
const MOST_BITS = 2 ** 31;

interface Reading {
  readonly layout: "bitmap" | "summary";
  readonly firstPage: number;
  readonly present: number;
  readonly bits: number;
  readonly bitmapAt: number;
}

/** The ways to read the block, most likely first. Offsets are from its start. */
function readings(block: Uint8Array, wide: boolean): Reading[] {
  const a = u64(block, 0x28);
  const b = u64(block, 0x30);
  const modern: Reading = {
    layout: "bitmap",
    firstPage: u64(block, 0x20),
    // Tools disagree which of the two is which; there are never more pages than bits.
    present: Math.min(a, b),
    bits: Math.max(a, b),
    bitmapAt: 0x38,
  };
  const summary = {
    layout: "summary" as const,
    firstPage: u32(block, 0xc),
    bits: u32(block, 0x10),
    present: u32(block, 0x14),
  };
  const offsets = wide ? [0x28, 0x20] : [0x20, 0x28];
  return [modern, ...offsets.map((bitmapAt) => ({ ...summary, bitmapAt }))];
}

function problemOf(reading: Reading, at: number, size: number): string | undefined {
  const { bits, present, firstPage, bitmapAt } = reading;
  if (bits === 0 || bits > MOST_BITS) return `${bits} bits in the bitmap`;
  if (present > bits) return `${present} pages but ${bits} bits`;
  const end = at + bitmapAt + Math.ceil(bits / 8);
  if (end > size) return `the bitmap ends at ${hex(end)}, the file at ${hex(size)}`;
  if (firstPage < end) return `the first page at ${hex(firstPage)} lies inside the bitmap, which ends at ${hex(end)}`;
  return undefined;
}

/** The block at `at`; throws FormatError where no reading of it is possible. */
export function parseBitmapBody(source: ByteSource, at: number, wide: boolean): BitmapBody {
  const block = source.read(at, 0x38);
  let refused: string | undefined;
  let second: BitmapBody | undefined;
  for (const reading of readings(block, wide)) {
    const problem = problemOf(reading, at, source.size);
    if (problem !== undefined) {
      refused ??= problem;
      continue;
    }
    const bytes = Math.ceil(reading.bits / 8);
    const bitmap = source.read(at + reading.bitmapAt, bytes).slice();
    const spare = reading.bits % 8;
    if (spare !== 0) bitmap[bytes - 1] = (bitmap[bytes - 1] ?? 0) & ((1 << spare) - 1);
    const set = popcount(bitmap, 0, bytes);
    const body = {
      map: new BitmapMap(bitmap, reading.firstPage),
      layout: reading.layout,
      firstPageOffset: reading.firstPage,
    };
    if (set === reading.present) return { ...body, problems: [] };
    second ??= {
      ...body,
      problems: [`the bitmap has ${set} pages, the header says ${reading.present}`],
    };
  }
  if (second !== undefined) return second;
  const details: FormatErrorDetails = { offset: at, found: refused ?? "nothing readable" };
  throw new FormatError("crash-dump", "the page bitmap is not readable", details);
}

/** Whether a bitmap block stands at `at`. */
export function hasBitmapBody(source: ByteSource, at: number): boolean {
  const start = source.read(at, 8);
  return (hasText(start, 0, "SDMP") || hasText(start, 0, "FDMP")) && hasText(start, 4, "DUMP");
}
