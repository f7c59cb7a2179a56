import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../model/errors.ts";
import { usesOf } from "../model/snapshot.ts";
import { formatTag, parseTag } from "../model/tag.ts";
import { answerBytes, detectLayout, isPoolTagAnswer, parsePoolTagAnswer, type PoolTagLayout } from "./class22.ts";

type Row = readonly [
  tag: string,
  pagedAllocs: number,
  pagedFrees: number,
  pagedUsed: number,
  allocs: number,
  frees: number,
  used: number,
];

const OFFSETS = {
  narrow: { size: 28, array: 4, at: [4, 8, 12, 16, 20, 24], width: [4, 4, 4, 4, 4, 4] },
  wide: { size: 40, array: 8, at: [4, 8, 16, 24, 28, 32], width: [4, 4, 8, 4, 4, 8] },
  wide64: { size: 56, array: 8, at: [8, 16, 24, 32, 40, 48], width: [8, 8, 8, 8, 8, 8] },
} as const;

function write(layout: PoolTagLayout, rows: readonly Row[]): Uint8Array {
  const { size, array, at, width } = OFFSETS[layout];
  const bytes = new Uint8Array(array + size * rows.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rows.length, true);
  rows.forEach(([tag, ...values], i) => {
    const base = array + size * i;
    view.setUint32(base, parseTag(tag) ?? 0, true);
    values.forEach((value, field) => {
      const offset = base + (at[field] ?? 0);
      if (width[field] === 8) view.setBigInt64(offset, BigInt(value), true);
      else view.setUint32(offset, value, true);
    });
  });
  return bytes;
}

const SAMPLES = new URL("../../../shared/samples/nt-kernel/", import.meta.url);

describe("pool tag answers", () => {
  it.each(["narrow", "wide", "wide64"] as const)("reads the %s layout", (layout) => {
    const answer = parsePoolTagAnswer(
      write(layout, [
        ["Irp ", 0, 0, 0, 10, 4, 4096],
        ["Toke", 7, 7, 0, 0, 0, 0],
        ["Both", 3, 1, 200, 5, 5, 0],
        ["None", 0, 0, 0, 0, 0, 0],
      ]),
    );
    expect(answer.layout).toBe(layout);
    expect(answer.counterBits).toBe(layout === "wide64" ? 64 : 32);
    expect(usesOf(answer.columns).map((use) => ({ ...use, tag: formatTag(use.tag) }))).toEqual([
      { tag: "Irp ", kind: "nonpaged", allocs: 10, frees: 4, outstanding: 6, bytes: 4096 },
      { tag: "Toke", kind: "paged", allocs: 7, frees: 7, outstanding: 0, bytes: 0 },
      { tag: "Both", kind: "nonpaged", allocs: 5, frees: 5, outstanding: 0, bytes: 0 },
      { tag: "Both", kind: "paged", allocs: 3, frees: 1, outstanding: 2, bytes: 200 },
    ]);
    expect(answer.unused).toBe(4);
    expect(answer.gaps).toEqual([]);
  });

  it("counts what is outstanding across a wrap of 32-bit counters", () => {
    const answer = parsePoolTagAnswer(write("wide", [["Wrap", 0, 0, 0, 5, 0xfffffff0, 640]]));
    expect(answer.columns.outstanding[0]).toBe(21);
  });

  it("keeps 64-bit sizes and counters", () => {
    const answer = parsePoolTagAnswer(write("wide64", [["Big ", 0, 0, 0, 2 ** 40, 2 ** 39, 2 ** 45]]));
    expect(usesOf(answer.columns)[0]).toMatchObject({ allocs: 2 ** 40, outstanding: 2 ** 39, bytes: 2 ** 45 });
  });

  it("takes sizes below zero as 0 and says so", () => {
    const answer = parsePoolTagAnswer(write("wide", [["Neg ", 0, 0, 0, 1, 1, -4096]]));
    expect(answer.columns.bytes[0]).toBe(0);
    expect(answer.gaps[0]?.where).toContain("Neg ");
  });

  it("sums a tag that is listed twice", () => {
    const answer = parsePoolTagAnswer(
      write("narrow", [
        ["Twin", 0, 0, 0, 3, 1, 64],
        ["Twin", 0, 0, 0, 4, 0, 36],
      ]),
    );
    expect(answer.columns.length).toBe(1);
    expect(answer.merged).toBe(1);
    expect(usesOf(answer.columns)[0]).toMatchObject({ allocs: 7, frees: 1, outstanding: 6, bytes: 100 });
  });

  it("detects the layout with zeros after the rows", () => {
    const bytes = new Uint8Array(4096);
    bytes.set(write("wide", [["Irp ", 0, 0, 0, 10, 4, 4096]]));
    expect(detectLayout(bytes)).toBe("wide");
  });

  it("refuses what is cut off, and a count that fits no layout", () => {
    const bytes = write("wide", [["Irp ", 0, 0, 0, 10, 4, 4096]]);
    expect(() => parsePoolTagAnswer(bytes.subarray(0, 30))).toThrow(/offset|length and row count/);
    expect(() => parsePoolTagAnswer(bytes.subarray(0, 47), "wide")).toThrow(/cut off \(expected 48 bytes/);
    expect(() => parsePoolTagAnswer(new Uint8Array(2))).toThrow(FormatError);
    expect(isPoolTagAnswer(new TextEncoder().encode(" Memory:49371552K Avail"))).toBe(false);
  });

  it("throws only FormatError and accounts for every pair, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(8),
        fc.constantFrom("narrow", "wide", "wide64", undefined),
        (bytes, count, layout) => {
          if (bytes.length >= 4) bytes.set([count, 0, 0, 0]);
          try {
            const answer = layout === undefined ? parsePoolTagAnswer(bytes) : parsePoolTagAnswer(bytes, layout);
            expect(answer.columns.length + answer.unused + answer.merged).toBe(2 * answer.entries);
            for (let row = 0; row < answer.columns.length; row++) {
              expect(answer.columns.outstanding[row]).toBeGreaterThanOrEqual(0);
              expect(answer.columns.bytes[row]).toBeGreaterThanOrEqual(0);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
    );
  });

  it.skipIf(!existsSync(SAMPLES)).each([
    ["x64", 0, "wide", 203],
    ["x64", 29, "wide", 206],
    ["x64", 89, "wide", 206],
    ["x86", 0, "narrow", 202],
    ["x86", 29, "narrow", 205],
    ["x86", 89, "narrow", 205],
  ] as const)(
    "accounts for every row of a kernel's own answer: %s, snapshot %i",
    (machine, number, layout, entries) => {
      const bytes = readFileSync(new URL(`${machine}/class22_snap${number}.bin`, SAMPLES));
      expect(isPoolTagAnswer(bytes)).toBe(true);
      const answer = parsePoolTagAnswer(bytes);
      expect(answer).toMatchObject({ layout, entries, merged: 0, gaps: [] });
      expect(answerBytes(layout, entries)).toBe(bytes.length);
      expect(answer.columns.length + answer.unused).toBe(2 * entries);
      const event = usesOf(answer.columns).find((use) => formatTag(use.tag) === "Even");
      if (number === 0) return;
      const size = machine === "x64" ? 96 : 48;
      expect((event?.bytes ?? 0) / (event?.outstanding ?? 0)).toBeCloseTo(size, -1);
    },
  );
});
