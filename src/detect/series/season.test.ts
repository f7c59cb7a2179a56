import { describe, expect, test } from "vitest";
import { findSeason, makeRhythms, rhythmColumns } from "./season.ts";

const N = 240;
const SHARE = Float64Array.from({ length: N }, (_, i) => i / (N - 1));
const RHYTHMS = makeRhythms(SHARE);

const sine = (cycles: number, height = 1): Float64Array =>
  SHARE.map((s) => height * Math.sin(2 * Math.PI * cycles * s + 0.7));
const sum = (...parts: readonly Float64Array[]): Float64Array =>
  SHARE.map((_, i) => parts.reduce((total, part) => total + (part[i] ?? 0), 0));
const line = (rise: number): Float64Array => SHARE.map((s) => rise * s);

describe("the rhythms that are tried", () => {
  test("are 1.25 to 14 cycles in the record, by eighths", () => {
    const cycles = RHYTHMS.list.map((rhythm) => rhythm.cycles);
    expect(cycles).toEqual(Array.from({ length: 103 }, (_, i) => 1.25 + i / 8));
    expect(RHYTHMS.share).toBe(SHARE);
  });

  test("have at least six points each", () => {
    const of = (n: number): number[] =>
      makeRhythms(Float64Array.from({ length: n }, (_, i) => i / (n - 1))).list.map((rhythm) => rhythm.cycles);
    expect(of(7)).toEqual([]);
    expect(of(12)).toEqual([1.25, 1.375, 1.5, 1.625, 1.75, 1.875, 2]);
  });

  test("sine and cosine go so many times round", () => {
    const [s, c] = rhythmColumns(Float64Array.of(0, 0.125, 0.25, 0.5), 2);
    [0, 1, 0, 0].forEach((value, i) => expect(s[i]).toBeCloseTo(value, 12));
    [1, 0, -1, 1].forEach((value, i) => expect(c[i]).toBeCloseTo(value, 12));
  });
});

describe("the rhythm of a signal", () => {
  test.each([1.5, 3, 7.125, 14])("%d cycles are found, and explain all of it", (cycles) => {
    const season = findSeason(RHYTHMS, sine(cycles), false);
    expect(season?.period).toBeCloseTo(1 / cycles, 12);
    expect(season?.explained).toBeCloseTo(1, 6);
    const [s, c] = rhythmColumns(SHARE, cycles);
    expect(season?.columns).toEqual([s, c]);
  });

  test("explains its share of the variance: 9 of 10 where the rest is a third as high", () => {
    const season = findSeason(RHYTHMS, sum(sine(4), sine(40, 1 / 3)), false);
    expect(season?.period).toBeCloseTo(1 / 4, 12);
    expect(season?.explained).toBeCloseTo(0.9, 2);
  });

  test("beside a line explains its share of what the line leaves", () => {
    const y = sum(line(10), sine(4), sine(40, 1 / 3));
    const mean = y.reduce((total, value) => total + value, 0) / N;
    const season = findSeason(
      RHYTHMS,
      y.map((value) => value - mean),
      true,
    );
    expect(season?.period).toBeCloseTo(1 / 4, 12);
    expect(season?.explained).toBeCloseTo(0.9, 2);
    expect(
      findSeason(
        RHYTHMS,
        y.map((value) => value - mean),
        false,
      )?.period,
    ).not.toBeCloseTo(1 / 4, 12);
  });

  test("does not mistake a level for variance", () => {
    const season = findSeason(RHYTHMS, sum(line(0).fill(50), sine(4), sine(40, 1 / 3)), false);
    expect(season?.explained).toBeCloseTo(0.9, 2);
  });

  test("is none where the record is too short for any", () => {
    const short = Float64Array.from({ length: 7 }, (_, i) => i / 6);
    expect(findSeason(makeRhythms(short), short, false)).toBeUndefined();
  });

  test("explains nothing of a signal that does not move", () => {
    expect(findSeason(RHYTHMS, new Float64Array(N), false)?.explained).toBe(0);
    expect(findSeason(RHYTHMS, new Float64Array(N), true)?.explained).toBe(0);
  });
});
