import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileTagPattern,
  formatTag,
  formatTagHex,
  formatTagPattern,
  isPrintableTag,
  isTagLike,
  tagFromBytes,
  printableBytes,
  paddedAlike,
  parseTag,
  reversedTag,
} from "./tag.ts";

describe("tags", () => {
  test("the bytes read from low to high, as PoolMon shows them", () => {
    expect(formatTag(0x31676154)).toBe("Tag1");
    expect(parseTag("Tag1")).toBe(0x31676154);
    expect(formatTagHex(0x20707249)).toBe("0x20707249");
  });

  test("short tags are padded with spaces, NULs stay NULs", () => {
    expect(parseTag("Irp")).toBe(0x20707249);
    expect(formatTag(0x0073694c)).toBe("Lis\\x00");
    expect(parseTag("Lis\\x00")).toBe(0x0073694c);
  });

  test("any 32-bit value survives its displayed form", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (tag) => {
        expect(parseTag(formatTag(tag))).toBe(tag);
      }),
    );
    expect(parseTag(formatTag(0x3431785c))).toBe(0x3431785c);
  });

  test("what is no tag is refused", () => {
    expect(parseTag("")).toBeUndefined();
    expect(parseTag("Tag12")).toBeUndefined();
    expect(parseTag("Ω")).toBeUndefined();
    expect(isPrintableTag(0x1234)).toBe(false);
  });

  test("patterns: case matters, ? is one character, trailing spaces do not count", () => {
    const matches = (pattern: string, tag: string): boolean => compileTagPattern(pattern)(parseTag(tag) ?? 0);
    expect(matches("Nt??", "NtfF")).toBe(true);
    expect(matches("nt??", "NtfF")).toBe(false);
    expect(matches("Irp*", "Irp ")).toBe(true);
    expect(matches("Irp", "Irp ")).toBe(true);
    expect(matches("A.?", "AbC")).toBe(false);
    expect(matches("*d", "Thread".slice(0, 4))).toBe(false);
  });

  test("padding that reads alike, and the spelling of a C source", () => {
    const tag = (text: string): number => parseTag(text) ?? 0;
    expect(paddedAlike(tag("WIL "))).toEqual([tag(String.raw`WIL\x00`)]);
    expect(paddedAlike(tag("Lis1"))).toEqual([]);
    expect(new Set(paddedAlike(tag("AB  ")))).toEqual(
      new Set([tag(String.raw`AB \x00`), tag(String.raw`AB\x00 `), tag(String.raw`AB\x00\x00`)]),
    );
    expect(formatTag(reversedTag(tag("SETH")))).toBe("HTES");
    expect(formatTagPattern(tag("Htb0"), 0x00ff_ffff)).toBe("Htb?");
  });
});

test.each([
  [tagFromBytes(0x41, 0x42, 0x43, 0x44), 4, true],
  [tagFromBytes(0x41, 0x42, 0x43, 0), 3, true],
  [tagFromBytes(0x41, 0x42, 0, 0), 2, true],
  [tagFromBytes(0x41, 0, 0, 0), 1, false],
  [tagFromBytes(0x41, 0, 0x43, 0), 2, false],
  [tagFromBytes(0, 0x41, 0x42, 0x43), 3, false],
  [tagFromBytes(0x41, 0x42, 0x43, 0x80), 3, false],
  [tagFromBytes(0x41, 0x42, 0x43, 0x7f), 3, false],
  [tagFromBytes(0x41, 0x1f, 0x43, 0x44), 3, false],
  [tagFromBytes(0x20, 0x7e, 0x20, 0x7e), 4, true],
  [0, 0, false],
])("0x%s has so many printable bytes, and reads as a tag or not", (value, printable, like) => {
  expect(printableBytes(value)).toBe(printable);
  expect(isTagLike(value)).toBe(like);
  expect(isTagLike(value, 3)).toBe(like && printable >= 3);
});
