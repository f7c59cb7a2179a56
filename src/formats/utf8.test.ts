import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8 } from "./utf8.ts";

test("any text survives UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
    }),
  );
});

test("what is not UTF-8 is one character per byte", () => {
  expect(decodeUtf8(Uint8Array.of(0x47, 0xfc, 0x6e))).toBe("G\u00fcn");
  expect(decodeUtf8(Uint8Array.of(0xc3))).toBe("\u00c3");
});
