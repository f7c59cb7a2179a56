import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BitmapMap, PhysicalMemory, popcount, RunMap } from "./physical.ts";
import { bytesSource, CachedSource } from "./source.ts";

const bitmaps = fc.uint8Array({ minLength: 0, maxLength: 400 });

describe("pages by bitmap", () => {
  test("a page lies behind as many pages as there are bits before its own", () => {
    fc.assert(
      fc.property(bitmaps, (bits) => {
        const map = new BitmapMap(bits, 0x5000);
        let before = 0;
        for (let page = 0; page < bits.length * 8 + 20; page++) {
          const set = ((bits[page >>> 3] ?? 0) & (1 << (page & 7))) !== 0;
          expect(map.locate(page)).toBe(set ? 0x5000 + before * 4096 : undefined);
          if (set) before += 1;
        }
        expect(map.pages).toBe(before);
        expect(popcount(bits, 0, bits.length)).toBe(before);
      }),
    );
  });
});

describe("pages by runs", () => {
  test("each page of a run lies in its order, the gaps are not there", () => {
    const map = new RunMap([
      { firstPage: 0x100, pages: 2, fileOffset: 0x3000 },
      { firstPage: 1, pages: 1, fileOffset: 0x2000 },
      { firstPage: 7, pages: 0, fileOffset: 0x9000 },
    ]);
    expect([0, 1, 2, 7, 0xff, 0x100, 0x101, 0x102].map((page) => map.locate(page))).toEqual([
      undefined,
      0x2000,
      undefined,
      undefined,
      undefined,
      0x3000,
      0x4000,
      undefined,
    ]);
    expect([map.pages, map.endPage]).toEqual([3, 0x102]);
  });

  test("a page that the file cuts off is not there", () => {
    const memory = new PhysicalMemory(
      bytesSource(new Uint8Array(4096 + 100).fill(7)),
      new RunMap([{ firstPage: 0, pages: 2, fileOffset: 0 }]),
    );
    expect(memory.read(4090, 6)).toEqual(new Uint8Array(6).fill(7));
    expect(memory.read(4096, 8)).toEqual(new Uint8Array(8).fill(7));
    expect(memory.read(4096 + 96, 8)).toBeUndefined();
    expect(memory.read(8192, 1)).toBeUndefined();
  });
});

test("the cache answers as the source does, and reads no block twice while it fits", () => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 31) & 0xff);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60_000), fc.nat(9000)), { maxLength: 40 }), (reads) => {
      const cached = new CachedSource(bytesSource(bytes), 4);
      for (const [offset, length] of reads) {
        expect(cached.read(offset, length)).toEqual(bytes.subarray(offset, offset + length));
      }
    }),
  );
  const cached = new CachedSource(bytesSource(bytes));
  for (let i = 0; i < 100; i++) cached.read(i * 8, 8);
  expect(cached.bytesRead).toBe(4096);
});
