import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../model/errors.ts";
import { parseTag, type Tag } from "../../model/tag.ts";
import { bigBlocksOf } from "./big-pool.ts";
import { idleBlocksOf } from "./lookasides.ts";

const tagOf = (text: string): Tag => parseTag(text) ?? 0;
const LEAK = tagOf("Leak");

function lists(...rows: readonly (readonly [depth: number, type: number, tag: Tag, size: number])[]): Uint8Array {
  const bytes = new Uint8Array(rows.length * 0x20);
  const view = new DataView(bytes.buffer);
  for (const [i, [depth, type, tag, size]] of rows.entries()) {
    view.setUint16(i * 0x20, depth, true);
    view.setUint16(i * 0x20 + 2, 256, true);
    view.setUint32(i * 0x20 + 0x14, type, true);
    view.setUint32(i * 0x20 + 0x18, tag, true);
    view.setUint32(i * 0x20 + 0x1c, size, true);
  }
  return bytes;
}

function big(
  pointerBytes: 4 | 8,
  ...rows: readonly (readonly [address: number, size: number, tag: Tag])[]
): Uint8Array {
  const entry = 3 * pointerBytes;
  const bytes = new Uint8Array(pointerBytes + rows.length * entry);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rows.length, true);
  for (const [i, [address, size, tag]] of rows.entries()) {
    const at = pointerBytes + i * entry;
    view.setUint32(at, address, true);
    view.setUint32(at + pointerBytes, size, true);
    view.setUint32(at + 2 * pointerBytes, tag, true);
  }
  return bytes;
}

describe("lookaside lists", () => {
  it("sums the idle blocks of a tag by pool; the upper bits of the type do not count", () => {
    const answer = lists([10, 0, LEAK, 64], [5, 0x200, LEAK, 32], [7, 1, LEAK, 100], [9, 0, tagOf("Even"), 64]);
    expect(idleBlocksOf(answer, LEAK)).toEqual([
      { kind: "nonpaged", lists: 2, blocks: 15, bytes: 800 },
      { kind: "paged", lists: 1, blocks: 7, bytes: 700 },
    ]);
    expect(idleBlocksOf(answer, tagOf("None"))).toEqual([]);
  });

  it("refuses another layout", () => {
    expect(() => idleBlocksOf(lists([1, 0, LEAK, 64]).subarray(1), LEAK)).toThrow(/no whole number of entries/);
    expect(() => idleBlocksOf(lists([1, 0, LEAK, 0xffff0000]), LEAK)).toThrow(/blocks of that size/);
  });
});

describe.each([4, 8] as const)("big blocks, %d-byte pointers", (pointerBytes) => {
  it("sums those of a tag by pool and size", () => {
    const answer = big(
      pointerBytes,
      [0x1001, 8192, LEAK],
      [0x9001, 8192, LEAK],
      [0x5000, 5000, LEAK],
      [0x7001, 1, tagOf("Even")],
    );
    expect(bigBlocksOf(answer, pointerBytes, LEAK)).toEqual([
      { kind: "nonpaged", blocks: 2, bytes: 16_384, sizes: [{ bytes: 8192, blocks: 2 }] },
      { kind: "paged", blocks: 1, bytes: 5000, sizes: [{ bytes: 5000, blocks: 1 }] },
    ]);
  });

  it("where addresses are hidden the pool is not told", () => {
    expect(bigBlocksOf(big(pointerBytes, [0, 8192, LEAK]), pointerBytes, LEAK)).toEqual([
      { blocks: 1, bytes: 8192, sizes: [{ bytes: 8192, blocks: 1 }] },
    ]);
  });

  it("refuses an answer that is cut, and blocks that begin within a page", () => {
    const answer = big(pointerBytes, [0x1001, 8192, LEAK]);
    expect(() => bigBlocksOf(answer.subarray(0, answer.length - 1), pointerBytes, LEAK)).toThrow(/cut off/);
    expect(() => bigBlocksOf(big(pointerBytes, [0x1010, 8192, LEAK]), pointerBytes, LEAK)).toThrow(/whole pages/);
  });
});

it("any bytes are taken or refused with a typed error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const read of [
        () => idleBlocksOf(bytes, LEAK),
        () => bigBlocksOf(bytes, 8, LEAK),
        () => bigBlocksOf(bytes, 4, LEAK),
      ])
        try {
          read();
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
    }),
  );
});
