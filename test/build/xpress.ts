// An independent compressor for both forms of XPRESS, written from [MS-XCA] 2.1 and 2.3; it shares nothing with the readers.

interface Item {
  /** Undefined for a match. */
  readonly literal?: number;
  readonly length: number;
  readonly distance: number;
}

/** Greedy matches by the last place where the same three bytes stood. */
function itemsOf(data: Uint8Array, from: number, to: number, window: number, longest: number): Item[] {
  const last = new Map<number, number>();
  const key = (i: number): number => (data[i] ?? 0) * 65_536 + (data[i + 1] ?? 0) * 256 + (data[i + 2] ?? 0);
  for (let i = Math.max(0, from - window); i < from; i++) last.set(key(i), i);
  const items: Item[] = [];
  for (let i = from; i < to;) {
    const before = i + 2 < to ? last.get(key(i)) : undefined;
    let length = 0;
    if (before !== undefined && i - before <= window) {
      while (i + length < to && length < longest && data[before + length] === data[i + length]) length += 1;
    }
    if (length >= 3) items.push({ length, distance: i - (before ?? 0) });
    else items.push({ literal: data[i] ?? 0, length: 1, distance: 0 });
    const next = i + (length >= 3 ? length : 1);
    for (; i < next; i++) last.set(key(i), i);
  }
  return items;
}

/** Plain LZ77: 32 flags a word, first flag on top; the last word is filled up with ones. */
export function compressPlain(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  let flagsAt = -1;
  let flags = 0;
  let count = 32;
  let halfAt = -1;
  const flag = (bit: number): void => {
    if (count === 32) {
      flagsAt = out.length;
      out.push(0, 0, 0, 0);
      flags = 0;
      count = 0;
    }
    flags = flags * 2 + bit;
    count += 1;
    if (count === 32) put32(flags);
  };
  const put32 = (value: number): void => {
    for (let i = 0; i < 4; i++) out[flagsAt + i] = Math.floor(value / 256 ** i) % 256;
  };
  for (const { literal, length, distance } of itemsOf(data, 0, data.length, 8192, 200_000)) {
    if (literal !== undefined) {
      flag(0);
      out.push(literal);
      continue;
    }
    flag(1);
    const rest = length - 3;
    const word = (distance - 1) * 8 + Math.min(rest, 7);
    out.push(word % 256, Math.floor(word / 256));
    if (rest < 7) continue;
    const half = Math.min(rest - 7, 15);
    if (halfAt < 0) {
      halfAt = out.length;
      out.push(half);
    } else {
      out[halfAt] = (out[halfAt] ?? 0) + half * 16;
      halfAt = -1;
    }
    if (rest - 7 < 15) continue;
    if (rest - 22 < 255) {
      out.push(rest - 22);
      continue;
    }
    out.push(255);
    if (rest < 65_536) out.push(rest % 256, Math.floor(rest / 256));
    else out.push(0, 0, rest % 256, Math.floor(rest / 256) % 256, Math.floor(rest / 65_536) % 256, 0);
  }
  // The flag after the last item says "match": the reader then sees the end of the input.
  flag(1);
  for (let left = 32 - count; left > 0; left--) flag(1);
  return Uint8Array.from(out);
}

/** LZ77 with Huffman codes, blocks of 64 KiB, as [MS-XCA] 2.1.4.3 writes them. */
export function compressHuffman(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let from = 0; from < data.length; from += 65_536) {
    const to = Math.min(data.length, from + 65_536);
    const items = itemsOf(data, from, to, 65_535, 65_535);
    writeBlock(out, items, to === data.length);
  }
  return Uint8Array.from(out);
}

function symbolOf(item: Item): number {
  if (item.literal !== undefined) return item.literal;
  return 256 + Math.min(item.length - 3, 15) + 16 * Math.floor(Math.log2(item.distance));
}

function writeBlock(out: number[], items: readonly Item[], isLast: boolean): void {
  const counts = Array.from({ length: 512 }, () => 0);
  for (const item of items) counts[symbolOf(item)] = (counts[symbolOf(item)] ?? 0) + 1;
  if (isLast) counts[256] = (counts[256] ?? 0) + 1;
  const lengths = codeLengths(counts);
  const codes = codesOf(lengths);
  for (let i = 0; i < 256; i++) out.push((lengths[2 * i] ?? 0) + 16 * (lengths[2 * i + 1] ?? 0));
  // Two words are kept free ahead of the bytes: the reader has always read two words.
  let first = out.length;
  let second = out.length + 2;
  out.push(0, 0, 0, 0);
  let free = 16;
  let word = 0;
  const putWord = (at: number, value: number): void => {
    out[at] = value % 256;
    out[at + 1] = Math.floor(value / 256);
  };
  const bits = (value: number, count: number): void => {
    if (free >= count) {
      free -= count;
      word = word * 2 ** count + value;
      return;
    }
    const over = count - free;
    putWord(first, word * 2 ** free + Math.floor(value / 2 ** over));
    first = second;
    second = out.length;
    out.push(0, 0);
    free = 16 - over;
    word = value % 2 ** over;
  };
  for (const item of items) {
    const symbol = symbolOf(item);
    bits(codes[symbol] ?? 0, lengths[symbol] ?? 0);
    if (item.literal !== undefined) continue;
    const rest = item.length - 3;
    if (rest >= 15) {
      if (rest - 15 < 255) out.push(rest - 15);
      else out.push(255, rest % 256, Math.floor(rest / 256));
    }
    const width = Math.floor(Math.log2(item.distance));
    bits(item.distance - 2 ** width, width);
  }
  if (isLast) bits(codes[256] ?? 0, lengths[256] ?? 0);
  putWord(first, word * 2 ** free);
  putWord(second, 0);
}

/** Lengths of at most 15 bits: by joining the rarest two; counts are halved until no code is longer. */
function codeLengths(counts: readonly number[]): number[] {
  for (let scaled = counts; ; scaled = scaled.map((count) => (count === 0 ? 0 : Math.ceil(count / 2)))) {
    const lengths = counts.map(() => 0);
    let trees = scaled.flatMap((weight, symbol) => (weight === 0 ? [] : [{ weight, symbols: [symbol] }]));
    if (trees.length === 1) lengths[trees[0]?.symbols[0] ?? 0] = 1;
    while (trees.length > 1) {
      trees = trees.toSorted((a, b) => a.weight - b.weight);
      const [a, b] = trees;
      const symbols = [...(a?.symbols ?? []), ...(b?.symbols ?? [])];
      for (const symbol of symbols) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
      trees = [...trees.slice(2), { weight: (a?.weight ?? 0) + (b?.weight ?? 0), symbols }];
    }
    if (lengths.every((length) => length <= 15)) return lengths;
  }
}

function codesOf(lengths: readonly number[]): number[] {
  const codes = lengths.map(() => 0);
  let next = 0;
  for (let length = 1; length <= 15; length++) {
    for (let symbol = 0; symbol < 512; symbol++) if (lengths[symbol] === length) codes[symbol] = next++;
    next *= 2;
  }
  return codes;
}
