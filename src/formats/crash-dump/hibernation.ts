// Hibernation files of Windows 8 and later: two sets of pages, each a run of compressed pieces of up to 16 pages. An index of
// all pages is built once; pieces are unpacked when they are read, and the last few are kept.
// Layout: docs/sources/crash-dump.md.

import { FormatError } from "../../model/errors.ts";
import { decompressXpressHuffman } from "../xpress/huffman.ts";
import { decompressXpress } from "../xpress/plain.ts";
import { hasText, u32, u64 } from "./bytes.ts";
import { PAGE, type PageMap } from "./physical.ts";
import type { ByteSource } from "./source.ts";

export interface HibernationFile {
  readonly map: PageMap;
  /** The pages one behind the other, unpacked as they are read; the map's offsets are into it. */
  readonly pages: ByteSource;
  readonly problems: readonly string[];
}

interface HeaderLayout {
  readonly wide: boolean;
  readonly loaderPages: number;
  readonly firstBoot: number;
  readonly firstKernel: number;
  readonly kernelPages: number;
}

/** By the length that the header says of itself. */
const WIDE = { wide: true, loaderPages: 0x58, firstBoot: 0x68, firstKernel: 0x70 };
const NARROW = { wide: false, loaderPages: 0x48, firstBoot: 0x50, firstKernel: 0x54 };
const LAYOUTS: Readonly<Record<number, HeaderLayout>> = {
  0x360: { ...WIDE, firstBoot: 0x60, firstKernel: 0x68, kernelPages: 0x1c8 },
  0x3b0: { ...WIDE, kernelPages: 0x218 },
  0x3c8: { ...WIDE, kernelPages: 0x220 },
  0x3d8: { ...WIDE, kernelPages: 0x230 },
  0x3e0: { ...WIDE, kernelPages: 0x230 },
  0x448: { ...WIDE, kernelPages: 0x230 },
  0x4d8: { ...WIDE, kernelPages: 0x238 },
  0x2c8: { ...NARROW, kernelPages: 0x1b0 },
  0x310: { ...NARROW, kernelPages: 0x1f8 },
  0x328: { ...NARROW, kernelPages: 0x200 },
  0x338: { ...NARROW, kernelPages: 0x210 },
  0x340: { ...NARROW, kernelPages: 0x210 },
};
const LENGTH_SELF = 0xc;
/** Pages of a set, at most: 1 TiB of memory. */
const MOST_PAGES = 2 ** 28;
/** Descriptors of one piece; pieces hold 16 pages, but the count has eight bits. */
const MOST_PIECE_PAGES = 4096;
const KEPT_PIECES = 512;

/** Whether a file begins like a hibernation file with data in it, or with data that were used up. */
export function isHibernation(start: Uint8Array): boolean {
  return ["HIBR", "hibr", "WAKE", "wake", "RSTR", "rstr"].some((sign) => hasText(start, 0, sign));
}

/** Opens the file. Throws FormatError where it holds no pages, or has a form not known here. */
export function parseHibernation(source: ByteSource): HibernationFile {
  const start = source.read(0, 0x500);
  const length = u32(start, LENGTH_SELF);
  const layout = LAYOUTS[length];
  if (layout === undefined) {
    throw new FormatError("crash-dump", "this is a hibernation file of a form not known here", {
      offset: LENGTH_SELF,
      expected: "a header length of Windows 8 and later",
      found: `0x${length.toString(16)}`,
    });
  }
  const problems = hasText(start, 0, "HIBR") || hasText(start, 0, "hibr") ? [] : [USED];
  const word = (at: number): number => (layout.wide ? u64(start, at) : u32(start, at));
  const index = new PageIndex();
  for (const [name, first, count] of [
    ["boot", word(layout.firstBoot), word(layout.loaderPages)],
    ["kernel", word(layout.firstKernel), word(layout.kernelPages)],
  ] as const) {
    if (first === 0 || count === 0) continue;
    const problem = readSet(source, layout.wide, first * PAGE, Math.min(count, MOST_PAGES), index);
    if (problem !== undefined) problems.push(`the ${name} set of the hibernation file ${problem}`);
  }
  if (index.count === 0) {
    throw new FormatError("crash-dump", "this hibernation file holds no pages: Windows empties it when it resumes");
  }
  index.finish();
  return { map: index, pages: new UnpackedPages(source, index), problems };
}

const USED = "this hibernation file was resumed from: Windows usually empties it then, and what is in it may be older";

interface Piece {
  readonly offset: number;
  readonly bytes: number;
  readonly pages: number;
  readonly isHuffman: boolean;
}

/** Pages in ascending order, with the piece that each lies in. */
class PageIndex implements PageMap {
  readonly pieces: Piece[] = [];
  #numbers = new Float64Array(4096);
  #places = new Float64Array(4096);
  #order = new Uint32Array(0);
  count = 0;

  add(page: number, inPiece: number): void {
    if (this.count === this.#numbers.length) {
      this.#numbers = grown(this.#numbers);
      this.#places = grown(this.#places);
    }
    this.#numbers[this.count] = page;
    this.#places[this.count++] = (this.pieces.length - 1) * MOST_PIECE_PAGES + inPiece;
  }

  /** Sorts by page; of a page in both sets the later one, the kernel's, counts. */
  finish(): void {
    const numbers = this.#numbers;
    const order = Uint32Array.from({ length: this.count }, (_, i) => i).sort(
      (a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0) || b - a,
    );
    this.#order = order.filter((at, i) => i === 0 || numbers[at] !== numbers[order[i - 1] ?? 0]);
  }

  get pages(): number {
    return this.#order.length;
  }

  get endPage(): number {
    return this.count === 0 ? 0 : (this.#numbers[this.#order.at(-1) ?? 0] ?? 0) + 1;
  }

  locate(page: number): number | undefined {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#numbers[this.#order[middle] ?? 0] ?? 0) < page) low = middle + 1;
      else high = middle;
    }
    const at = this.#order[low];
    return at !== undefined && this.#numbers[at] === page ? low * PAGE : undefined;
  }

  /** Piece and place in it of the page of a rank. */
  place(rank: number): { readonly piece: number; readonly inPiece: number } | undefined {
    const at = this.#order[rank];
    if (at === undefined) return undefined;
    const place = this.#places[at] ?? 0;
    return { piece: Math.floor(place / MOST_PIECE_PAGES), inPiece: place % MOST_PIECE_PAGES };
  }
}

function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}

/**
 * One set: pieces back to back. A piece begins with a word: bits 0 to 7 descriptors, 8 to 27 compressed bytes, 30 and 31 the
 * form (0 plain XPRESS, else with Huffman codes). A descriptor has its pages less one in the low four bits, the first page above.
 * Returns what is wrong, where something is.
 */
function readSet(
  source: ByteSource,
  wide: boolean,
  start: number,
  pages: number,
  index: PageIndex,
): string | undefined {
  let at = start;
  let left = pages;
  while (left > 0) {
    const head = source.read(at, 4);
    if (head.length < 4) return `ends early: ${left} of its ${pages} pages are missing`;
    const word = u32(head, 0);
    const descriptors = word & 0xff;
    const bytes = (word >>> 8) & 0xfffff;
    const size = wide ? 8 : 4;
    const list = source.read(at + 4, descriptors * size);
    const offset = at + 4 + descriptors * size;
    if (descriptors === 0 || list.length < descriptors * size || offset + bytes > source.size) {
      return `is damaged or cut off: ${left} of its ${pages} pages are missing`;
    }
    const ranges = Array.from({ length: descriptors }, (_, i) => ({
      first: Math.floor((wide ? u64(list, i * 8) : u32(list, i * 4)) / 16),
      count: ((list[i * size] ?? 0) & 15) + 1,
    }));
    const count = ranges.reduce((sum, range) => sum + range.count, 0);
    if (count > MOST_PIECE_PAGES || ranges.some(({ first }) => first > MOST_PAGES)) {
      return `is damaged: ${left} of its ${pages} pages are missing`;
    }
    index.pieces.push({ offset, bytes, pages: count, isHuffman: word >>> 30 !== 0 });
    let inPiece = 0;
    for (const range of ranges) for (let i = 0; i < range.count; i++) index.add(range.first + i, inPiece++);
    at = offset + bytes;
    left -= count;
  }
  return undefined;
}

class UnpackedPages implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #index: PageIndex;
  readonly #kept = new Map<number, Uint8Array>();

  constructor(source: ByteSource, index: PageIndex) {
    this.#source = source;
    this.#index = index;
    this.size = index.pages * PAGE;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    for (let done = 0; done < bytes.length;) {
      const inPage = (offset + done) % PAGE;
      const part = Math.min(PAGE - inPage, bytes.length - done);
      const page = this.#page(Math.floor((offset + done) / PAGE));
      // A piece that cannot be unpacked reads as an end: its pages count as not in the file.
      if (page === undefined) return bytes.subarray(0, done);
      bytes.set(page.subarray(inPage, inPage + part), done);
      done += part;
    }
    return bytes;
  }

  #page(rank: number): Uint8Array | undefined {
    const place = this.#index.place(rank);
    const unpacked = place === undefined ? undefined : this.#piece(place.piece);
    if (place === undefined || unpacked === undefined) return undefined;
    const page = unpacked.subarray(place.inPiece * PAGE, (place.inPiece + 1) * PAGE);
    return page.length === PAGE ? page : undefined;
  }

  #piece(number: number): Uint8Array | undefined {
    const known = this.#kept.get(number);
    if (known !== undefined) return known;
    const piece = this.#index.pieces[number];
    if (piece === undefined) return undefined;
    const packed = this.#source.read(piece.offset, piece.bytes);
    const unpacked = unpack(packed, piece);
    if (this.#kept.size >= KEPT_PIECES) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(number, unpacked);
    return unpacked;
  }
}

/** Empty where the piece is damaged. */
function unpack(packed: Uint8Array, { bytes, pages, isHuffman }: Piece): Uint8Array {
  if (bytes === pages * PAGE) return packed;
  try {
    return isHuffman ? decompressXpressHuffman(packed, pages * PAGE) : decompressXpress(packed, pages * PAGE);
  } catch (error) {
    if (error instanceof FormatError) return new Uint8Array(0);
    throw error;
  }
}
