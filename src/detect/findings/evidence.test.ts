import { describe, expect, test } from "vitest";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { WORK } from "../series/basis.ts";
import { evidenceFor, growthTimes, refOf } from "./evidence.ts";
import type { TagJudgement } from "./judge.ts";
import {
  BLOCK_BYTES,
  HOUR,
  makeExplanation,
  makeJudgement,
  makeSignal,
  ramp,
  type Given,
} from "./judgement.test-support.ts";

/** Seventeen points: a sixteenth of the record is an hour. */
const COUNTS = ramp(17, 100, 10);
const judgement = (given: Partial<Given> = {}): TagJudgement => makeJudgement({ counts: COUNTS, ...given });
const alone = (given: Partial<Given> = {}, end = 16 * HOUR) =>
  evidenceFor({ lead: judgement(given), members: [] }, end);
const kinds = (given: Partial<Given> = {}): string[] => alone(given).map(({ kind }) => kind);

describe("when growth began and ended", () => {
  test("the whole record where nothing else is known", () => {
    expect(growthTimes(judgement())).toEqual({ from: 0, until: 16 * HOUR });
  });

  test("from the sixteenth that the explanation begins in; only what stopped has an end before the record's", () => {
    const explanation = makeExplanation({ from: 4, until: 10 });
    expect(growthTimes(judgement({ explanation }))).toEqual({ from: 4 * HOUR, until: 16 * HOUR });
    expect(growthTimes(judgement({ explanation, kind: "stopped" }))).toEqual({ from: 4 * HOUR, until: 10 * HOUR });
    expect(growthTimes(judgement({ kind: "stopped" }))).toEqual({ from: 0, until: 16 * HOUR });
    const late = judgement({ explanation });
    const shifted = { ...late, times: late.times.map((time) => time + 100 * HOUR) };
    expect(growthTimes(shifted)).toEqual({ from: 104 * HOUR, until: 116 * HOUR });
  });
});

describe("growth comes first", () => {
  test("what grew over the time of growth", () => {
    expect(alone({ explanation: makeExplanation({ from: 6 }) })[0]).toEqual({
      kind: "growth",
      factor: "count",
      blocks: 100,
      bytes: 100 * BLOCK_BYTES,
      overMs: 10 * HOUR,
    });
  });

  test("how long it has been quiet, where it stopped", () => {
    expect(alone({ kind: "stopped", explanation: makeExplanation({ until: 10 }) }, 20 * HOUR)[0]).toMatchObject({
      overMs: 10 * HOUR,
      quietMs: 10 * HOUR,
    });
    expect(alone()[0]).not.toHaveProperty("quietMs");
  });

  test("its rate at the end, where that is a fifth above the mean and it goes on", () => {
    const now = (rate: number, kind: "growing" | "stopped" = "growing") =>
      alone({ kind, bytes: { value: 100, error: 1, now: rate } })[0];
    expect(now(121)).toMatchObject({ nowBytesPerHour: 121 });
    expect(now(120)).not.toHaveProperty("nowBytesPerHour");
    expect(now(500, "stopped")).not.toHaveProperty("nowBytesPerHour");
  });
});

test("what was there before the last boot and what was cleared is told next", () => {
  expect(kinds({ returned: true, cleared: 3 })).toEqual(["growth", "returned", "cleared", "shape"]);
  expect(alone({ cleared: 3 })[1]).toEqual({ kind: "cleared", times: 3 });
  expect(kinds()).toEqual(["growth", "shape"]);
});

describe("frees", () => {
  test("allocations made, and the share of them that was kept", () => {
    expect(alone({ allocs: ramp(17, 5000, 40) })[1]).toEqual({ kind: "frees", made: 640, keptShare: 160 / 640 });
  });

  test("are told of counts only, where counters tell and at least a thousandth was kept", () => {
    expect(kinds({ factor: "size", allocs: ramp(17, 5000, 40) })).not.toContain("frees");
    expect(kinds({ allocs: ramp(17, 5000, 10_000) })).toContain("frees");
    expect(kinds({ allocs: ramp(17, 5000, 10_001) })).not.toContain("frees");
    expect(kinds({ allocs: ramp(17, 5000, 0) })).not.toContain("frees");
  });
});

describe("the shape", () => {
  test("steady, after a quiet start, or then level", () => {
    const like = (given: Partial<Given>) => alone(given).find(({ kind }) => kind === "shape");
    expect(like({})).toEqual({ kind: "shape", like: "steady", onRhythm: false, logOdds: 9, loadTried: false });
    expect(like({ explanation: makeExplanation({ from: 0 }) })).toMatchObject({ like: "steady" });
    expect(like({ explanation: makeExplanation({ from: 1 }) })).toMatchObject({ like: "after-quiet-start" });
    expect(like({ kind: "stopped", explanation: makeExplanation({ from: 1 }) })).toMatchObject({ like: "then-level" });
    expect(like({ explanation: makeExplanation({ period: 0.2 }) })).toMatchObject({ onRhythm: true });
    expect(like({ signal: makeSignal({}, makeJudgement({ counts: COUNTS, load: COUNTS }).basis) })).toMatchObject({
      loadTried: true,
    });
    expect(like({ signal: makeSignal({}) })).toMatchObject({ loadTried: false });
  });

  test("a sawtooth's rising floor, or lumps with what each holds", () => {
    expect(alone({ teeth: 4 })[1]).toEqual({ kind: "rising-floor", trims: 4 });
    expect(alone({ lumps: 4 })[1]).toEqual({ kind: "lumps", lumps: 4, bytesEach: (160 * BLOCK_BYTES) / 4 });
  });
});

test("growth with work tells what each allocation left behind, where counters tell and bytes rose", () => {
  const explanation = makeExplanation({ fitted: [0, WORK] });
  const work = (given: Partial<Given>) => alone({ explanation, ...given }).find(({ kind }) => kind === "work");
  expect(work({ allocs: ramp(17, 0, 100) })).toEqual({ kind: "work", bytesPerAllocation: (160 * BLOCK_BYTES) / 1600 });
  expect(work({})).toEqual({ kind: "work" });
  expect(work({ allocs: ramp(17, 0, 0) })).toEqual({ kind: "work" });
  expect(work({ allocs: ramp(17, 0, 100), held: ramp(17, 500, -1) })).toEqual({ kind: "work" });
  expect(kinds({ explanation: makeExplanation({}) })).not.toContain("work");
});

test("lockstep lists the members, and what they are the parts of where that is a known object", () => {
  const group = (name: string) =>
    evidenceFor(
      { lead: judgement({ name }), members: [{ judgement: judgement({ name: "Toke" }), ratio: 1, margin: undefined }] },
      0,
    );
  expect(group("Proc")).toContainEqual({ kind: "lockstep", tags: [tagNamed("Toke")], root: "process" });
  expect(group("Leak")).toContainEqual({ kind: "lockstep", tags: [tagNamed("Toke")] });
  expect(kinds()).not.toContain("lockstep");
});

describe("doubts come last", () => {
  test("a record of less than half an hour", () => {
    const minutes = (count: number) => {
      const lead = judgement();
      return evidenceFor(
        { lead: { ...lead, times: lead.times.map((time) => (time / (16 * HOUR)) * count * 60_000) }, members: [] },
        0,
      );
    };
    expect(minutes(29).at(-1)).toEqual({ kind: "short-record", spanMs: 29 * 60_000 });
    expect(minutes(30).map(({ kind }) => kind)).toEqual(["growth", "shape"]);
  });

  test("a rhythm that was seen fewer than two and a half times", () => {
    expect(alone({ explanation: makeExplanation({ period: 0.5 }) }).at(-1)).toEqual({
      kind: "few-periods",
      periods: 2,
    });
    expect(kinds({ explanation: makeExplanation({ period: 0.4 }) })).not.toContain("few-periods");
  });
});

test("a judgement is of the tag and pool of its key", () => {
  expect(refOf(judgement({ name: "Abcd", pool: "paged" }))).toEqual({ tag: tagNamed("Abcd"), kind: "paged" });
});
