import { describe, expect, test } from "vitest";
import type { Amplifier } from "../../model/beside.ts";
import { makeVerdict } from "../../model/verdict.test-support.ts";
import { amplifier } from "./amplifier.ts";
import { recordOf, type Moment } from "./beside.test-support.ts";
import { windowOf } from "./window.ts";

/** Twelve increments, uneven and without any order: mean 50. */
const WORK = [10, 90, 40, 80, 20, 70, 30, 60, 50, 95, 5, 50];

function totals(steps: readonly number[]): number[] {
  let sum = 1000;
  return [sum, ...steps.map((step) => (sum += step))];
}

/** A program that does so much in each hour, and a tag that gains so many blocks. */
function moments(
  work: readonly number[],
  blocks: readonly number[],
  others: Readonly<Record<string, readonly number[]>> = {},
): Moment[] {
  const operations = totals(work);
  const outstanding = totals(blocks);
  return operations.map((otherOperations, i) => ({
    hour: i,
    blocks: { Leak: outstanding[i] ?? 0 },
    programs: [
      { pid: 7, name: "busy.exe", otherOperations },
      ...Object.entries(others).map(([name, steps], k) => ({
        pid: 100 + k,
        name,
        otherOperations: totals(steps)[i] ?? 0,
      })),
    ],
  }));
}

function said(list: readonly Moment[]): Amplifier | undefined {
  return amplifier(windowOf(makeVerdict(), recordOf(list)));
}

test("a program whose work the growth follows, with its pace and the blocks kept for each operation", () => {
  const found = said(
    moments(
      WORK,
      WORK.map((work) => 2 * work),
    ),
  );
  expect(found).toMatchObject({
    kind: "amplifier",
    program: { name: "busy.exe", pid: 7 },
    intervals: 12,
    others: 0,
    certainty: "likely",
  });
  expect(found?.correlation).toBeCloseTo(1, 12);
  expect(found?.operationsPerSecond).toBeCloseTo(600 / (12 * 3600), 12);
  expect(found?.blocksPerOperation).toBeCloseTo(2, 12);
});

describe("says nothing", () => {
  test("of fewer than twelve intervals", () => {
    expect(said(moments(WORK.slice(1), WORK.slice(1)))).toBeUndefined();
  });

  test("where the growth goes its own way, or the other way", () => {
    expect(said(moments(WORK, WORK.toReversed()))).toBeUndefined();
    expect(
      said(
        moments(
          WORK,
          WORK.map((work) => 100 - work),
        ),
      ),
    ).toBeUndefined();
  });

  test("at a correlation below .9", () => {
    // Each hour's work with a share of what another hour did.
    const mixed = (share: number): number[] => WORK.map((work, i) => work + share * (WORK[11 - i] ?? 0));
    expect(said(moments(WORK, mixed(0.44)))?.correlation).toBeCloseTo(0.9014, 4);
    expect(said(moments(WORK, mixed(0.45)))).toBeUndefined();
  });

  test("where work or growth is even: then everything follows it", () => {
    const wave = (height: number): number[] => WORK.map((_, i) => 50 + (i % 2 === 0 ? height : -height));
    expect(said(moments(wave(10), wave(20)))).toBeDefined();
    expect(said(moments(wave(9.9), wave(20)))).toBeUndefined();
    expect(said(moments(wave(20), wave(10)))).toBeDefined();
    expect(said(moments(wave(20), wave(9.9)))).toBeUndefined();
  });

  test("of programs whose operations are not counted, and of a tag that is not listed", () => {
    const list = moments(WORK, WORK);
    expect(
      said(list.map((each) => ({ ...each, programs: [{ pid: 7, name: "busy.exe", handles: 5 }] }))),
    ).toBeUndefined();
    expect(said(list.map((each) => ({ ...each, blocks: {} })))).toBeUndefined();
    expect(said([])).toBeUndefined();
  });
});

test("intervals without the program or the tag at both ends are left out", () => {
  const long = [...WORK, ...WORK];
  const list = moments(long, long);
  const without = list.map((each, i) =>
    i === 5 ? { ...each, programs: [] } : i === 10 ? { ...each, blocks: {} } : each,
  );
  expect(said(without)).toMatchObject({ intervals: 20, certainty: "likely" });
});

describe("several programs", () => {
  const near = WORK.map((work, i) => work + (i % 3));
  test("the closest is named, then the busiest; the others are counted", () => {
    const found = said(moments(near, WORK, { "exact.exe": WORK, "off.exe": WORK.toReversed() }));
    expect(found).toMatchObject({ program: { name: "exact.exe", pid: 101 - 1 }, others: 1, certainty: "likely" });
    const twice = WORK.map((work) => 2 * work);
    expect(said(moments(WORK, WORK, { "twice.exe": twice }))?.program.name).toBe("twice.exe");
    expect(said(moments(twice, WORK, { "once.exe": WORK }))?.program.name).toBe("busy.exe");
  });

  test("three that follow mean the load of the machine: only possible", () => {
    expect(said(moments(WORK, WORK, { "b.exe": near }))?.certainty).toBe("likely");
    expect(said(moments(WORK, WORK, { "b.exe": near, "c.exe": near }))).toMatchObject({
      others: 2,
      certainty: "possible",
    });
  });
});
