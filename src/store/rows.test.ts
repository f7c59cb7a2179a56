import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../model/errors.ts";
import { NONPAGED, PAGED, type PoolColumns } from "../model/snapshot.ts";
import { NibbleReader, NibbleWriter } from "./nibbles.ts";
import { columnsOf, decodeRows, noRows, RowsEncoder, type Rows } from "./rows.ts";

type Row = readonly [tag: number, kind: number, allocs: number, frees: number, outstanding: number, bytes: number];

function columns(rows: readonly Row[]): PoolColumns {
  const column = (at: number): number[] => rows.map((row) => row[at] ?? 0);
  return {
    length: rows.length,
    tag: Uint32Array.from(column(0)),
    kind: Uint8Array.from(column(1)),
    allocs: Float64Array.from(column(2)),
    frees: Float64Array.from(column(3)),
    outstanding: Float64Array.from(column(4)),
    bytes: Float64Array.from(column(5)),
  };
}

/** Encodes a chain of snapshots and decodes it again. */
function roundTrip(chain: readonly PoolColumns[], counterBits: 32 | 64): { out: PoolColumns[]; sizes: number[] } {
  const table = { tag: [] as number[], kind: [] as number[] };
  const slotOf = (tag: number, kind: number): number => {
    const known = table.tag.findIndex((t, i) => t === tag && table.kind[i] === kind);
    if (known >= 0) return known;
    table.kind.push(kind);
    return table.tag.push(tag) - 1;
  };
  const encoder = new RowsEncoder();
  const blobs = chain.map((one) => encoder.encode(one, counterBits, table, slotOf));
  let rows: Rows = noRows();
  const out = blobs.map((blob) => columnsOf((rows = decodeRows(blob, rows, counterBits, table))));
  return { out, sizes: blobs.map((blob) => blob.length) };
}

const counter = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.maxSafeInteger().map(Math.abs),
  fc.constant(Number.NaN),
  fc.double().map((value) => value + 0),
);
const row: fc.Arbitrary<Row> = fc.tuple(
  fc.oneof(fc.integer({ min: 0x41414141, max: 0x41414150 }), fc.integer({ min: 0, max: 0xffffffff })),
  fc.constantFrom(NONPAGED, PAGED),
  counter,
  counter,
  counter,
  counter,
);

describe("rows as blobs", () => {
  test("whatever goes in comes out: any double, any order, rows that come and go, tags listed twice", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(row, { maxLength: 12 }).map(columns), { maxLength: 6 }),
        fc.constantFrom(32 as const, 64 as const),
        (chain, bits) => {
          expect(roundTrip(chain, bits).out).toEqual(chain);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("real counters take few bytes: a row that moved by some blocks of one size takes three, a still row none", () => {
    const before = columns([
      [1, NONPAGED, 1000, 900, 100, 4800],
      [2, PAGED, 70, 70, 0, 0],
      [3, PAGED, 5, 1, 4, 4096],
    ]);
    const after = columns([
      [1, NONPAGED, 1010, 908, 102, 4896],
      [2, PAGED, 70, 70, 0, 0],
      [3, PAGED, 5, 1, 4, 4096],
    ]);
    const { out, sizes } = roundTrip([before, after, after], 64);
    expect(out).toEqual([before, after, after]);
    const empty = 1 + 1 + 4;
    expect(sizes[1]).toBe(empty + 3);
    expect(sizes[2]).toBe(empty);
  });

  test("a 32-bit counter that wraps is no special case, nor are counters that a source does not know", () => {
    const wrapped = [
      columns([[1, NONPAGED, 2 ** 32 - 1, 2 ** 32 - 3, 2, 96]]),
      columns([[1, NONPAGED, 4, 2 ** 32 - 1, 5, 240]]),
    ];
    expect(roundTrip(wrapped, 32).out).toEqual(wrapped);
    const unknown = [
      columns([[1, NONPAGED, Number.NaN, Number.NaN, 2, 96]]),
      columns([[1, NONPAGED, Number.NaN, Number.NaN, 3, 144]]),
    ];
    const { out, sizes } = roundTrip(unknown, 64);
    expect(out).toEqual(unknown);
    expect(sizes[1]).toBe(1 + 3 + 4);
  });

  test("a damaged blob is refused, whatever was changed in it", () => {
    const table = { tag: [1, 2], kind: [0, 1] };
    const chain = columns([
      [1, 0, 10, 5, 5, 80],
      [2, 1, 7, 7, 0, 0],
    ]);
    const blob = new RowsEncoder().encode(chain, 64, table, (tag) => tag - 1);
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const hurt = blob.slice();
        hurt[at] = (hurt[at] ?? 0) ^ flip;
        expect(() => decodeRows(hurt, noRows(), 64, table)).toThrow(FormatError);
        expect(() => decodeRows(blob.subarray(0, at), noRows(), 64, table)).toThrow(FormatError);
      }),
    );
  });

  test("a forged blob with a right checksum costs neither time nor memory", async () => {
    const { crc32 } = await import("node:zlib");
    const table = { tag: [1, 2], kind: [0, 1] };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (body) => {
        const blob = new Uint8Array(body.length + 4);
        blob.set(body);
        new DataView(blob.buffer).setUint32(body.length, crc32(body), true);
        try {
          expect(decodeRows(blob, noRows(), 64, table).length).toBeLessThanOrEqual(64 * 16);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("nibbles: every whole number below 2^53 of either sign, and any double", () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), fc.array(fc.double()), (numbers, doubles) => {
      const writer = new NibbleWriter();
      for (const number of numbers) {
        writer.signed(number);
        writer.unsigned(Math.abs(number));
      }
      for (const double of doubles) writer.float64(double);
      const bytes = writer.toBytes(2, 3);
      const reader = new NibbleReader(bytes, 2, bytes.length - 3);
      for (const number of numbers) {
        expect(reader.signed()).toBe(number);
        expect(reader.unsigned()).toBe(Math.abs(number));
      }
      for (const double of doubles) expect(reader.float64()).toBe(double);
      expect(reader.overrun).toBe(false);
      reader.float64();
      expect(reader.overrun).toBe(true);
    }),
  );
});
