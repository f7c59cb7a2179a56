import fc from "fast-check";
import { expect, test } from "vitest";
import { addBits, andBits, orBits, progressionBits, replaceBits, shiftBits, type KnownBits } from "./known-bits.ts";

const dword = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
/** A number, and bits of it that are known. */
const partly = fc.tuple(dword, dword).map(([number, mask]) => ({ number, bits: { value: number & mask, mask } }));
const allows = ({ value, mask }: KnownBits, number: number): boolean => ((number & mask) ^ (value & mask)) === 0;

test("whatever is said to be known after an operation is so for every number that fits before it", () => {
  fc.assert(
    fc.property(partly, partly, dword, fc.nat(40), (x, y, constant, by) => {
      expect(allows(addBits(x.bits, y.bits), (x.number + y.number) | 0)).toBe(true);
      expect(allows(orBits(x.bits, y.bits), x.number | y.number)).toBe(true);
      expect(allows(andBits(x.bits, constant), x.number & constant)).toBe(true);
      expect(allows(shiftBits(x.bits, by), by >= 32 ? 0 : x.number << by)).toBe(true);
      expect(allows(replaceBits(x.bits, constant, y.bits), (x.number & ~constant) | (y.number & constant))).toBe(true);
    }),
  );
});

test("a carry leaves what stands below the first unknown bit", () => {
  expect(addBits({ value: 0x0062_7448, mask: 0x00ff_ffff }, { value: 0x0100_0000, mask: -1 })).toEqual({
    value: 0x0062_7448,
    mask: 0x00ff_ffff,
  });
  expect(addBits({ value: 0x41, mask: ~0x100 }, { value: 1, mask: -1 }).mask).toBe(0xff);
});

test("a series keeps the bits below its step; what is no series is none", () => {
  expect(progressionBits([0x3062_7448, 0x3162_7448, 0x3262_7448])).toEqual({ value: 0x0062_7448, mask: 0x00ff_ffff });
  expect(progressionBits([1, 2, 3])).toEqual({ value: 0, mask: 0 });
  expect(progressionBits([0x3062_7448, 0x3162_7448])).toBeUndefined();
  expect(progressionBits([0x3062_7448, 0x3162_7448, 0x3462_7448])).toBeUndefined();
});
