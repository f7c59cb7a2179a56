import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../model/errors.ts";
import { checkEnd, openBlob, readCountRows, sealedBlob, writeCountRows, type CountRows } from "./count-rows.ts";
import { NibbleWriter } from "./nibbles.ts";

const FIELDS = 5;
const SLOTS = 40;

const count = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.integer({ min: 0, max: 2 ** 40 }),
  fc.constantFrom(0, Number.MAX_SAFE_INTEGER - 1, Number.NaN),
);
const rows: fc.Arbitrary<CountRows> = fc
  .array(fc.tuple(fc.nat(SLOTS - 1), fc.array(count, { minLength: FIELDS, maxLength: FIELDS })))
  .map((list) => new Map(list.map(([slot, counts]) => [slot, Float64Array.from(counts)])));

function blobOf(before: CountRows, now: CountRows): Uint8Array {
  const nibbles = new NibbleWriter();
  writeCountRows(nibbles, before, now);
  return sealedBlob(0, nibbles);
}

test("rows come back from what changed, whatever came, went or is not known", () => {
  fc.assert(
    fc.property(rows, rows, (before, now) => {
      const { nibbles } = openBlob(blobOf(before, now));
      expect(readCountRows(nibbles, before, FIELDS, SLOTS)).toEqual(now);
      checkEnd(nibbles);
    }),
  );
});

test("what does not change costs two nibbles and the frame", () => {
  const same = new Map([[3, Float64Array.of(1, 2, 3, 4, 5)]]);
  expect(blobOf(same, same)).toHaveLength(1 + 1 + 4);
});

test("a count that is no whole number below 2^53 is not known", () => {
  const { nibbles } = openBlob(blobOf(new Map(), new Map([[0, Float64Array.of(0.5, -1, 2 ** 53, Infinity, 7)]])));
  expect([...(readCountRows(nibbles, new Map(), FIELDS, SLOTS).get(0) ?? [])]).toEqual([NaN, NaN, NaN, NaN, 7]);
});

test("damage of any kind is a FormatError, never another and never a wrong row count", () => {
  const whole = blobOf(new Map(), new Map([[1, Float64Array.of(1, 2, 3, 4, 5)]]));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      const nibbles = new NibbleWriter();
      for (const byte of noise) nibbles.unsigned(byte);
      try {
        const opened = openBlob(sealedBlob(0, nibbles));
        const read = readCountRows(opened.nibbles, new Map(), FIELDS, SLOTS);
        checkEnd(opened.nibbles);
        expect(read.size).toBeLessThanOrEqual(SLOTS);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
  for (let cut = 0; cut < whole.length; cut++) expect(() => openBlob(whole.subarray(0, cut))).toThrow(FormatError);
  const { nibbles } = openBlob(whole);
  expect(() => readCountRows(nibbles, new Map(), FIELDS, 1)).toThrow(/not in its table|room for/);
});
