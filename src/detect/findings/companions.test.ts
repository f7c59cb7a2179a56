import { describe, expect, test } from "vitest";
import type { Rate } from "../shapes/rate.ts";
import { companionsOf } from "./companions.ts";
import type { TagJudgement } from "./judge.ts";
import { makeJudgement, makeSignal, ramp, type Given } from "./judgement.test-support.ts";

const rate = (value: number, error: number): Rate => ({ value, error, now: value });
/** A count that rises in steps of its own: by 2, then by 18, and so on. */
const uneven = (share: number, more: (i: number) => number = () => 0): number[] =>
  ramp(40, 0, 1).map((i) => 1000 + share * (10 * i + (i % 2) * 8) + more(i));

const lead = makeJudgement({ name: "aaaa", counts: uneven(1) });
const weak = (odds: number, stoppedOdds = -50) => ({
  ...makeSignal({}),
  growingLogOdds: odds,
  stoppedLogOdds: stoppedOdds,
});
const other = (given: Partial<Given> = {}): TagJudgement =>
  makeJudgement({
    name: "bbbb",
    counts: uneven(0.5),
    kind: "benign",
    factor: "nothing",
    logOdds: 0,
    countSignal: weak(0),
    ...given,
  });
const found = (given: Partial<Given> = {}, leads: readonly TagJudgement[] = [lead]) =>
  companionsOf(leads, [other(given)])[0];

describe("a tag that repeats the lead's own increments", () => {
  test("comes along, with the lead's rate times the blocks and the bytes that it keeps for each block of the lead", () => {
    const follower = found();
    expect(follower).toMatchObject({
      factor: "count",
      kind: "growing",
      companion: true,
      follows: { key: lead.key, ratio: expect.closeTo(0.5, 9) as number },
    });
    expect(follower?.blocks.value).toBeCloseTo(5, 9);
    expect(follower?.blocks.now).toBeCloseTo(5, 9);
    expect(follower?.bytes.value).toBeCloseTo(5 * 1024, 6);
    expect(follower?.blocks.error).toBeCloseTo(0.05, 6);
  });

  test("of a lead that is a count, and of no tag that has an excuse", () => {
    expect(found({}, [{ ...lead, factor: "size" }])).toBeUndefined();
    expect(found({ excuse: { state: "moved", reason: { kind: "returned" } } })).toBeUndefined();
    expect(found({}, [])).toBeUndefined();
  });

  test("must not be likelier harmless by more than 1, for the lead's kind of growth", () => {
    expect(found({ countSignal: weak(-1) })).toBeDefined();
    expect(found({ countSignal: weak(-1.1) })).toBeUndefined();
    const stopped = { ...lead, kind: "stopped" as const };
    expect(found({ countSignal: weak(-50, 0) }, [stopped])?.kind).toBe("stopped");
    expect(found({ countSignal: weak(5, -50) }, [stopped])).toBeUndefined();
    expect(found({ countSignal: undefined })).toBeUndefined();
  });

  test("gains twelve blocks in five rises at least", () => {
    // The lead gains 398: three hundredths of it are 12.
    expect(found({ counts: uneven(12.1 / 398) })).toBeDefined();
    expect(found({ counts: uneven(11.9 / 398) })).toBeUndefined();
    const stairs = (steps: number): number[] => ramp(40, 0, 1).map((i) => 1000 + 50 * Math.floor((i * steps) / 39));
    expect(found({ counts: stairs(5), countSignal: weak(2) })).toBeDefined();
    expect(found({ counts: stairs(4), countSignal: weak(2) })).toBeUndefined();
  });

  test("must be explained: nearly all of it where its own growth is unlikely, less where that is likely", () => {
    const noisy = (height: number): number[] => uneven(0.5, (i) => height * Math.sin(2.3 * i));
    // The lead's half has a variance of some 3,400: the wobble's share is height² / 2 of it.
    expect(found({ counts: noisy(9) })).toBeDefined();
    expect(found({ counts: noisy(16) })).toBeUndefined();
    expect(found({ counts: noisy(16), countSignal: weak(1.5) })).toBeDefined();
    expect(found({ counts: noisy(60), countSignal: weak(1.5) })).toBeUndefined();
  });

  test("is not looked for in records of another length, nor falling", () => {
    expect(found({ counts: uneven(0.5).slice(1) })).toBeUndefined();
    expect(found({ counts: uneven(-0.5) })).toBeUndefined();
  });

  test("follows the lead that explains it best", () => {
    const noisy = makeJudgement({ name: "cccc", counts: uneven(1, (i) => 20 * Math.sin(2.3 * i)) });
    for (const leads of [
      [lead, noisy],
      [noisy, lead],
    ]) {
      expect(found({}, leads)?.follows?.key).toBe(lead.key);
    }
  });
});

describe("a tag with counters that echoes the lead's increments", () => {
  const N = 97;
  let state = 3;
  const roll = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  /** Rises by little or much, by no pattern. */
  const bumps = ramp(N, 0, 1).reduce<number[]>(
    (list) => [...list, (list.at(-1) ?? 0) + Math.floor(60 * roll() ** 4)],
    [],
  );
  const busy = makeJudgement({ name: "aaaa", counts: bumps.map((v) => 100 + v) });
  const echo = (counts: readonly number[], odds = 2) =>
    companionsOf(
      [busy],
      [
        makeJudgement({
          name: "bbbb",
          counts,
          allocs: ramp(N, 0, 100),
          kind: "benign",
          factor: "nothing",
          logOdds: 0,
          countSignal: weak(odds),
        }),
      ],
    )[0];
  const sway = (height: number, i: number): number => height * Math.sin(i / 9);

  test("comes along although it sways by itself", () => {
    const found = echo(bumps.map((v, i) => 2000 + 0.5 * v + sway(6, i)));
    expect(found?.follows?.key).toBe(busy.key);
    expect(
      echo(
        bumps.map((v, i) => 2000 + 0.5 * v + sway(6, i)),
        1.9,
      ),
    ).toBeUndefined();
  });

  test("not where noise of its own leaves the increments loosely alike", () => {
    const noisy = (height: number) => echo(bumps.map((v, i) => 2000 + 0.5 * v + height * Math.sin(2.3 * i)));
    expect(noisy(3)).toBeDefined();
    expect(noisy(60)).toBeUndefined();
  });

  test("not where only the trend is shared, nor where only the ups and downs are", () => {
    expect(echo(ramp(N, 0, 1).map((i) => 2000 + 2.5 * i + sway(6, i)))).toBeUndefined();
    const level = bumps.map((v, i) => 2000 + 0.5 * (v - ((bumps.at(-1) ?? 0) * i) / (N - 1)) + 0.05 * v);
    expect(echo(level)).toBeUndefined();
  });
});

describe("a known part of the lead's object", () => {
  const proc = makeJudgement({ name: "Proc", counts: ramp(40, 0, 10), blocks: rate(10, 0) });
  const part = (slope: Rate, given: Partial<Given> = {}) =>
    companionsOf(
      [proc],
      [
        other({
          name: "Toke",
          counts: ramp(40, 0, 1).map((i) => 100 + 30 * Math.sin(i)),
          kind: "growing",
          factor: "count",
          blocks: slope,
          bytes: rate(7, 1),
          countSignal: weak(0.6),
          ...given,
        }),
      ],
    )[0];

  test("comes along at its own slope, where that is one that parts have", () => {
    expect(part(rate(10, 1))).toMatchObject({
      companion: true,
      kind: "growing",
      blocks: { value: 10 },
      bytes: { value: 7 },
    });
    expect(part(rate(20, 1))).toBeDefined();
    expect(part(rate(5, 0.5))).toBeDefined();
    expect(part(rate(14.2, 0.1))).toBeUndefined();
  });

  test("within 15 %, or two and a half errors up to 40 %", () => {
    expect(part(rate(45, 0.1))).toBeDefined();
    expect(part(rate(47, 0.1))).toBeUndefined();
    expect(part(rate(47, 4))).toBeDefined();
    expect(part(rate(57, 20))).toBeUndefined();
  });

  test("two errors above nothing, and likelier than not", () => {
    expect(part(rate(10, 4.9))).toBeDefined();
    expect(part(rate(10, 5))).toBeUndefined();
    expect(part(rate(10, 1), { countSignal: weak(0.5) })).toBeUndefined();
  });

  test("of an object that goes on growing, and of that object only", () => {
    const slope = rate(10, 1);
    expect(part(slope, { name: "Leak" })).toBeUndefined();
    const stopped = { ...proc, kind: "stopped" as const };
    expect(
      companionsOf(
        [stopped],
        [other({ name: "Toke", kind: "growing", factor: "count", blocks: slope, countSignal: weak(0.6, -50) })],
      ),
    ).toEqual([]);
  });
});
