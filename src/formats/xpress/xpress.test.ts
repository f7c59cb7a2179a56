import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compressHuffman, compressPlain } from "../../../test/build/xpress.ts";
import { FormatError } from "../../model/errors.ts";
import { decompressXpressHuffman } from "./huffman.ts";
import { decompressXpress } from "./plain.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));
const hexBytes = (text: string): Uint8Array => Uint8Array.from(text.split(" "), (each) => Number.parseInt(each, 16));

/** Data as memory has them: runs, repeated pieces near and far, noise. */
const data = fc
  .array(
    fc.oneof(
      fc.record({ piece: fc.uint8Array({ minLength: 1, maxLength: 40 }), times: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ piece: fc.uint8Array({ minLength: 1, maxLength: 300 }), times: fc.constant(1) }),
      fc.record({ piece: fc.constant(new Uint8Array(1)), times: fc.integer({ min: 1, max: 70_000 }) }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) =>
    Uint8Array.from(parts.flatMap(({ piece, times }) => Array.from({ length: times }, () => [...piece]).flat())),
  );

describe.each([
  ["plain", decompressXpress, compressPlain],
  ["Huffman", decompressXpressHuffman, compressHuffman],
] as const)("%s", (_, decompress, compress) => {
  test("what an independent writer packs comes back", () => {
    fc.assert(
      fc.property(data, (bytes) => {
        expect(Buffer.compare(decompress(compress(bytes), bytes.length), bytes)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("damage ends with data or a FormatError, within the size asked for", () => {
    fc.assert(
      fc.property(data, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }), (bytes, place, noise) => {
        const packed = compress(bytes);
        packed.set(noise.subarray(0, packed.length), place % Math.max(1, packed.length - noise.length + 1));
        expectSane(() => decompress(packed, bytes.length), bytes.length);
        expectSane(() => decompress(packed.subarray(0, place % packed.length), bytes.length), bytes.length);
      }),
      { numRuns: 60 },
    );
  });

  test("a size that no stream can have is refused before memory is taken", () => {
    expect(() => decompress(new Uint8Array(300), 2 ** 40)).toThrow(FormatError);
    expect(() => decompress(new Uint8Array(300), -1)).toThrow(FormatError);
  });
});

function expectSane(work: () => Uint8Array, most: number): void {
  try {
    expect(work().length).toBeLessThanOrEqual(most);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
  }
}

describe("examples of the specification, [MS-XCA] 3", () => {
  const alphabet = ascii("abcdefghijklmnopqrstuvwxyz");
  const abc = ascii("abc".repeat(100));

  test("plain", () => {
    const letters = [0x3f, 0, 0, 0, ...alphabet];
    expect(decompressXpress(Uint8Array.from(letters), 26)).toEqual(alphabet);
    expect(decompressXpress(hexBytes("ff ff ff 1f 61 62 63 17 00 0f ff 26 01"), 300)).toEqual(abc);
    // The size may be larger: the flag behind the last item meets the end of the input.
    expect(decompressXpress(hexBytes("ff ff ff 1f 61 62 63 17 00 0f ff 26 01"), 400)).toEqual(abc);
  });

  test("with Huffman codes", () => {
    const table = new Uint8Array(256);
    table.set(hexBytes("50 55 55 55 55 55 55 55 55 55 55 45 44 04"), 0x30);
    table[0x80] = 0x04;
    const packed = [...table, ...hexBytes("d8 52 3e d7 94 11 5b e9 19 5f f9 d6 7c df 8d 04 00 00 00 00")];
    expect(decompressXpressHuffman(Uint8Array.from(packed), 26)).toEqual(alphabet);
    const short = new Uint8Array(256);
    short.set(hexBytes("30 23"), 0x30);
    short[0x80] = 0x02;
    short[0x8f] = 0x20;
    const packedAbc = [...short, ...hexBytes("a8 dc 00 00 ff 26 01")];
    expect(decompressXpressHuffman(Uint8Array.from(packedAbc), 300)).toEqual(abc);
  });
});

test("each kind of damage is named with its place", () => {
  expect(() => decompressXpress(hexBytes("ff ff ff ff 08 00"), 10)).toThrow(/before the start/);
  expect(() => decompressXpress(hexBytes("ff ff ff"), 10)).toThrow(/flag word is cut off/);
  expect(() => decompressXpressHuffman(new Uint8Array(100), 10)).toThrow(/code table is cut off/);
  expect(() => decompressXpressHuffman(new Uint8Array(300).fill(0x11), 10)).toThrow(/more codes than there are/);
  expect(() => decompressXpressHuffman(new Uint8Array(300), 10)).toThrow(/the table does not have/);
});
