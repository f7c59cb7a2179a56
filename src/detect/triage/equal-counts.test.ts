// Equal counts as a sign, against what chance brings.

import { expect, test } from "vitest";
import { chanceOfAtLeast, equalTo } from "./equal-counts.ts";

/** Counts evenly over the logarithm from 100 to 100,000, so that `perOctave` fall between 612 and 1,224. */
const spread = (perOctave: number) =>
  Array.from({ length: perOctave * 10 }, (_, i) => ({
    key: 1000 + i,
    count: Math.round(100 * 2 ** ((i + 0.5) / perOctave)),
  }));
const lead = { key: 1, count: 874 };
const same = (n: number) => Array.from({ length: n }, (_, i) => ({ key: 2 + i, count: 874 }));

test("874 = 874 = 874 = 874 says something even in a listing full of small counts", () => {
  const others = spread(150).filter(({ count }) => count !== 874);
  expect(equalTo(lead, [lead, ...same(3), ...others], 0.001)).toEqual([2, 3, 4]);
});

test("one equal small count is what chance brings", () => {
  const others = spread(150).filter(({ count }) => count !== 874);
  expect(equalTo(lead, [lead, ...same(1), ...others], 0.001)).toEqual([]);
});

test("two counts of millions within a thousandth say something, further apart nothing", () => {
  const amda = { key: 1, count: 5_768_754 };
  const irp = { key: 3, count: 10_862_955 };
  expect(equalTo(amda, [amda, { key: 2, count: 5_769_999 }, irp], 0.001)).toEqual([2]);
  expect(equalTo(amda, [amda, { key: 2, count: 5_775_000 }, irp], 0.001)).toEqual([]);
});

test("nothing equals nothing", () => {
  const none = { key: 1, count: 0 };
  expect(equalTo(none, [none, { key: 2, count: 0 }], 0.001)).toEqual([]);
});

test("Poisson's law", () => {
  expect(chanceOfAtLeast(0, 3)).toBe(1);
  expect(chanceOfAtLeast(1, 0.5)).toBeCloseTo(1 - Math.exp(-0.5), 12);
  expect(chanceOfAtLeast(2, 1)).toBeCloseTo(1 - 2 * Math.exp(-1), 12);
});

test("the expected number is the density per octave times the width of the tolerance", () => {
  // Counts of 1,000: equal within one. Around it, half to double without either end, are so many others.
  const others = (n: number) => Array.from({ length: n }, (_, i) => ({ key: 100 + i, count: 1100 + i }));
  const found = (equal: number, around: number) =>
    equalTo(
      { key: 1, count: 1000 },
      [...Array.from({ length: equal }, (_, i) => ({ key: 2 + i, count: 1001 })), ...others(around)],
      0.001,
    );
  // Width of 998.5 to 1,001.5 over two octaves: ln(1.003) / ln 4 = .00216; two by chance in at most 1 %: a mean of .1486.
  const width = Math.log(1001.5 / 998.5) / Math.log(4);
  const most = Math.floor(0.14855 / width) - 1;
  expect(chanceOfAtLeast(2, (most + 1) * width)).toBeLessThanOrEqual(0.01);
  expect(chanceOfAtLeast(2, (most + 2) * width)).toBeGreaterThan(0.01);
  expect(found(2, most)).toEqual([2, 3]);
  expect(found(2, most + 1)).toEqual([]);
});

test("neighbours are counts between half and double of it, neither included", () => {
  const around = (count: number) => Array.from({ length: 3000 }, (_, i) => ({ key: 100 + i, count }));
  const equal = [
    { key: 2, count: 1000 },
    { key: 3, count: 1000 },
  ];
  const lone = { key: 1, count: 1000 };
  expect(equalTo(lone, [...equal, ...around(500)], 0.001)).toEqual([2, 3]);
  expect(equalTo(lone, [...equal, ...around(501)], 0.001)).toEqual([]);
  expect(equalTo(lone, [...equal, ...around(2000)], 0.001)).toEqual([2, 3]);
  expect(equalTo(lone, [...equal, ...around(1999)], 0.001)).toEqual([]);
});
