import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../model/errors.ts";
import { parseSecurityDescriptor } from "./security-descriptor.ts";
import { descriptorBytes } from "../../test/build/security-descriptor.ts";

test("owner and entries, in their order", () => {
  const bytes = descriptorBytes("S-1-5-32-544", [
    { flags: 3, mask: 0x1f01ff, sid: "S-1-5-18" },
    { type: 1, mask: 2, sid: "S-1-5-21-1-2-4294967295-1001" },
    { type: 5, mask: 2, sid: "S-1-1-0" },
  ]);
  expect(parseSecurityDescriptor(bytes)).toEqual({
    owner: "S-1-5-32-544",
    entries: [
      { type: 0, flags: 3, mask: 0x1f01ff, sid: "S-1-5-18" },
      { type: 1, flags: 0, mask: 2, sid: "S-1-5-21-1-2-4294967295-1001" },
      { type: 5, flags: 0, mask: 2, sid: undefined },
    ],
  });
});

test("one written by hand from the specification, O:BAG:SYD:P(A;OICI;FA;;;BA), byte by byte", () => {
  const hex = [
    "01000494340000004400000000000000",
    "14000000",
    "0200200001000000",
    "00031800ff011f0001020000000000052000000020020000",
    "01020000000000052000000020020000",
    "010100000000000512000000",
  ].join("");
  const { owner, entries } = parseSecurityDescriptor(
    Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)),
  );
  expect(owner).toBe("S-1-5-32-544");
  expect(entries).toEqual([{ type: 0, flags: 3, mask: 0x1f01ff, sid: "S-1-5-32-544" }]);
});

test("without a list there is none, which is not an empty one", () => {
  expect(parseSecurityDescriptor(descriptorBytes("S-1-1-0")).entries).toBeUndefined();
  expect(parseSecurityDescriptor(descriptorBytes("S-1-1-0", [])).entries).toEqual([]);
});

test("any bytes, and any change of good ones: a descriptor or FormatError", () => {
  const good = descriptorBytes("S-1-5-32-544", [
    { mask: 1, sid: "S-1-5-18" },
    { mask: 2, sid: "S-1-1-0" },
  ]);
  const read = (bytes: Uint8Array): void => {
    try {
      parseSecurityDescriptor(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
      const bytes = Uint8Array.from(good.subarray(0, length));
      if (at < length) bytes[at] = value;
      read(bytes);
    }),
  );
});
