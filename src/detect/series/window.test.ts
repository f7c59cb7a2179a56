import { describe, expect, test } from "vitest";
import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { kindCode, rowKey } from "../../model/snapshot.ts";
import { History } from "./history.ts";
import { isStill, judgeable, readSignals } from "./tag-signals.ts";
import { extraBar, lasts, makeWindow, means, nestedWindow, type Window } from "./window.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TAG = 0x41414141;
const KEY = rowKey(TAG, kindCode("paged"));

/** One tag, a point each `step`: its outstanding blocks by point, each of 64 bytes; undefined where it is not listed. */
function history(points: number, step = MINUTE, blocks: (i: number) => number | undefined = (i) => 10 + i): History {
  const kept = new History(4096);
  for (let i = 0; i < points; i++) {
    const builder = new ColumnsBuilder(1);
    const count = blocks(i);
    if (count !== undefined) builder.add(TAG, kindCode("paged"), 1000 + i, 1000 + i - count, count, 64 * count);
    kept.push({
      time: i * step,
      origin: { source: "csv", timeBasis: "measured" },
      columns: builder.finish(),
      totals: {},
      counterBits: 64,
      gaps: [],
    });
  }
  return kept;
}

describe("the window of a record", () => {
  test("needs twelve points", () => {
    expect(makeWindow(history(12), false)?.times).toHaveLength(12);
    expect(makeWindow(history(11), false)).toBeUndefined();
  });

  test("is the whole record where it does not begin at a boot", () => {
    expect(makeWindow(history(100), false)).toMatchObject({ start: 0, group: 1, settled: 0 });
  });

  test("leaves out the first 12 % after a boot, at most two hours", () => {
    expect(makeWindow(history(101), true)).toMatchObject({ start: 12, settled: 12 * MINUTE });
    expect(makeWindow(history(101, HOUR), true)).toMatchObject({ start: 2, settled: 2 * HOUR });
  });

  test("has at most 240 points: more are averaged in groups", () => {
    expect(makeWindow(history(240), false)).toMatchObject({ group: 1 });
    const two = makeWindow(history(241), false);
    expect(two?.group).toBe(2);
    expect(two?.times).toHaveLength(121);
    expect(two?.times[0]).toBe(MINUTE / 2);
    expect(two?.times[120]).toBe(240 * MINUTE);
    expect(makeWindow(history(481), false)?.group).toBe(3);
  });

  test("shares one basis among all tags that start alike", () => {
    const window = makeWindow(history(40), false);
    const basis = window?.basis(5);
    expect(window?.basis(5)).toBe(basis);
    expect(basis?.n).toBe(35);
    expect(basis?.times[0]).toBe(5 * MINUTE);
    expect(basis?.span).toBe(34 * MINUTE);
  });

  test("the last share of it is a window of its own, if that has enough points", () => {
    const whole = makeWindow(history(101), true);
    if (whole === undefined) throw new Error("no window");
    // Points 12 to 100: the last quarter begins 22 minutes before the end.
    const nested = nestedWindow(history(101), whole, 0.25);
    expect(nested).toMatchObject({ start: 78, group: 1, settled: 0 });
    expect(nested?.times[0]).toBe(78 * MINUTE);
    expect(nestedWindow(history(101), whole, 0.1)).toBeUndefined();
    expect(nestedWindow(history(101), whole, 1)?.start).toBe(12);
  });
});

describe("groups of points", () => {
  const values = Float64Array.of(9, 1, 3, 5, Number.NaN, Number.NaN, Number.NaN, 8);
  test("their means leave out what is unknown; a group at the end may be short", () => {
    expect([...means(values, 1, 2)]).toEqual([2, 5, Number.NaN, 8]);
    expect([...means(values, 0, 8)]).toEqual([26 / 5]);
    expect([...means(values, 0, 1)]).toEqual([...values]);
  });

  test("their last values", () => {
    expect([...lasts(values, 1, 2)]).toEqual([3, Number.NaN, Number.NaN, 8]);
    expect([...lasts(Float64Array.of(1, 2, 3, 4), 0, 2)]).toEqual([2, 4]);
    expect([...lasts(Float64Array.of(1, 2, 3), 0, 2)]).toEqual([2, 3]);
  });
});

describe("what growth must prove on top while load climbs", () => {
  const bar = (level: readonly number[], varies = true): number =>
    extraBar({ load: { level: Float64Array.from(level), varies, tags: 9 } } as unknown as Window);
  const ramp = (rise: number): number[] => Array.from({ length: 100 }, (_, i) => 1 + (rise * i) / 100);

  test("2.5 where it rises by more than three tenths over the record", () => {
    expect(bar(ramp(0.301))).toBe(2.5);
    expect(bar(ramp(0.299))).toBe(0);
    expect(bar(ramp(-0.5))).toBe(0);
    expect(bar(ramp(0.5), false)).toBe(0);
    expect(bar(Array<number>(100).fill(1))).toBe(0);
  });

  test("only where it moves with time, at a correlation above .8", () => {
    // An alternating part of height h beside the ramp: r = s / sqrt(s² + h²) with s the ramp's own deviation.
    const mixed = (height: number): number[] => ramp(1).map((level, i) => level + (i % 2 === 0 ? height : -height));
    const own = 1 / Math.sqrt(12);
    expect(bar(mixed(own * 0.74))).toBe(2.5);
    expect(bar(mixed(own * 0.76))).toBe(0);
  });
});

describe("the signals of one tag", () => {
  const read = (kept: History, key = KEY) => {
    const window = makeWindow(kept, false);
    if (window === undefined) throw new Error("no window");
    return readSignals(window, kept, key);
  };

  test("are blocks, bytes, bytes per block and allocations over the window", () => {
    const signals = read(history(20));
    if (typeof signals === "string") throw new Error(signals);
    expect([...signals.counts]).toEqual(Array.from({ length: 20 }, (_, i) => 10 + i));
    expect(signals.held[3]).toBe(64 * 13);
    expect([...new Set(signals.sizes)]).toEqual([64]);
    expect(signals.allocs[19]).toBe(1019);
    expect(signals).toMatchObject({ key: KEY });
    expect(signals.basis.n).toBe(20);
  });

  test("bytes per block of no blocks are the bytes", () => {
    const signals = read(history(20, MINUTE, (i) => (i < 5 ? 0 : 4)));
    if (typeof signals === "string") throw new Error(signals);
    expect([signals.sizes[0], signals.sizes[10]]).toEqual([0, 64]);
  });

  test("a tag that nothing moves in is constant, one that is not there or too short is too new", () => {
    expect(read(history(20, MINUTE, () => 7))).toBe("constant");
    expect(read(history(20), KEY + 2)).toBe("too-new");
    expect(read(history(20, MINUTE, (i) => (i < 8 ? undefined : i)))).not.toBe("too-new");
    expect(read(history(20, MINUTE, (i) => (i < 9 ? undefined : i)))).toBe("too-new");
  });

  test("blocks or bytes that move alone are no stillness", () => {
    const window = { start: 1 } as Window;
    const still = Float64Array.of(9, 5, 5, 5);
    const moves = Float64Array.of(9, 5, 5, 6);
    expect(isStill({ outstanding: still, bytes: still }, window)).toBe(true);
    expect(isStill({ outstanding: moves, bytes: still }, window)).toBe(false);
    expect(isStill({ outstanding: still, bytes: moves }, window)).toBe(false);
  });

  test("begin at one of sixteen shared starts, with holes filled by the value before", () => {
    const values = Float64Array.from({ length: 48 }, (_, i) => (i < 4 || i === 10 || i === 11 ? Number.NaN : i));
    const found = judgeable(values);
    expect(found?.from).toBe(6);
    expect([...(found?.values ?? [])].slice(0, 8)).toEqual([6, 7, 8, 9, 9, 9, 12, 13]);
    expect(judgeable(Float64Array.from({ length: 48 }, (_, i) => (i < 3 ? Number.NaN : i)))?.from).toBe(3);
  });

  test("that are unknown at their start cannot be judged", () => {
    const holed = Float64Array.from({ length: 48 }, (_, i) => (i < 4 || i === 6 ? Number.NaN : i));
    expect(judgeable(holed)).toBeUndefined();
    expect(judgeable(new Float64Array(48).fill(Number.NaN))).toBeUndefined();
    expect(judgeable(new Float64Array(11))).toBeUndefined();
    expect(judgeable(new Float64Array(12))?.from).toBe(0);
  });
});
