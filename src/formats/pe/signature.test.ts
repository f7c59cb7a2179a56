import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signedPe } from "../../../test/build/signed-pe.ts";
import { PeImage } from "./image.ts";
import { readSignatures, signedRanges } from "./signature.ts";

const driver = Uint8Array.from(
  readFileSync(fileURLToPath(new URL("../../../test/fixtures/drivers/direct.clang-x64.sys", import.meta.url))),
);
const digestOf = (file: Uint8Array): string => {
  const hash = createHash("sha256");
  for (const [start, end] of signedRanges(new PeImage(file))) hash.update(file.subarray(start, end));
  return hash.digest("hex");
};
const signed = signedPe(driver, [
  { signer: "Vendor, Inc.", programName: "Vendor's program" },
  { signer: "Microsoft Windows Hardware Compatibility Publisher", programName: "深圳 Vendor" },
]);

test("every signature is read, nested ones too, with the name that it gives the program", () => {
  expect(readSignatures(new PeImage(signed)).map(({ signer, programName }) => [signer, programName])).toEqual([
    ["Vendor, Inc.", "Vendor's program"],
    ["Microsoft Windows Hardware Compatibility Publisher", "深圳 Vendor"],
  ]);
  expect(readSignatures(new PeImage(driver))).toEqual([]);
});

test("the digest is that of the file without checksum and signatures; one changed byte of code changes it", () => {
  const [first] = readSignatures(new PeImage(signed));
  expect(first?.digest).toEqual({ algorithm: "sha256", hex: digestOf(signed) });
  const changed = signed.slice();
  changed[0x500] = (changed[0x500] ?? 0) ^ 1;
  expect(digestOf(changed)).not.toBe(first?.digest?.hex);
  const image = new PeImage(signed);
  changed.set(signed);
  changed[image.checksumOffset] = 0x77;
  expect(digestOf(changed)).toBe(first?.digest?.hex);
});

test("a damaged signature is read as far as it goes, and nothing is thrown", () => {
  const change = fc.record({ at: fc.nat(), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
      const damaged = signed.slice();
      for (const { at, value } of changes) {
        damaged[driver.length + (at % (damaged.length - driver.length))] = value;
      }
      expect(readSignatures(new PeImage(damaged)).length).toBeLessThanOrEqual(16);
    }),
    { numRuns: 500 },
  );
});
