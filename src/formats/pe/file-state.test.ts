import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { peWith } from "../../../test/build/pe.ts";
import { fileProblems } from "./file-state.ts";
import { PeImage } from "./image.ts";

const problemsOf = (code: Uint8Array): string[] => fileProblems(new PeImage(peWith(code, [])));
/** Bytes that no compressor shortens, the same in each run. */
const noise = (length: number): Uint8Array => {
  let state = 0x9e37_79b9;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
};

test("a driver as it was built has nothing to be said of", () => {
  const file = readFileSync(
    fileURLToPath(new URL("../../../test/fixtures/drivers/wrapper.clang-x64.sys", import.meta.url)),
  );
  expect(fileProblems(new PeImage(file))).toEqual([]);
});

test("a copy that was cut short is said with both lengths", () => {
  const whole = peWith(new Uint8Array(0x2000).fill(0x90), []);
  expect(fileProblems(new PeImage(whole.subarray(0, 5000)))).toEqual(["truncated: 5,000 of 9,216 bytes"]);
});

test("code of which every byte value is as frequent is packed or encrypted; code that repeats itself is not", () => {
  expect(problemsOf(noise(0x8000))).toEqual([
    "packed or encrypted code: section , 8.0 bits per byte; what it unpacks was not read",
  ]);
  expect(problemsOf(noise(0x8000).map((byte) => byte & 0x3f))).toEqual([]);
});

test("pages of zeroes in code are counted", () => {
  const code = new Uint8Array(16 * 4096);
  code.fill(0x90, 0, 4096);
  expect(problemsOf(code)).toEqual(["15 of 16 pages of section  are zeroes"]);
});

test("sections that overlap in memory are named", () => {
  const whole = Uint8Array.from(
    readFileSync(fileURLToPath(new URL("../../../test/fixtures/drivers/wrapper.clang-x64.sys", import.meta.url))),
  );
  const view = new DataView(whole.buffer);
  const table = view.getUint32(0x3c, true) + 24 + view.getUint16(view.getUint32(0x3c, true) + 20, true);
  // The first section's size in memory.
  view.setUint32(table + 8, 0x1800, true);
  expect(fileProblems(new PeImage(whole))).toEqual([
    "sections .text and .rdata overlap: what lies in both was read as the first",
  ]);
});
