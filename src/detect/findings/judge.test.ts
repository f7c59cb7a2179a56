import { describe, expect, test } from "vitest";
import { makeBasis } from "../series/basis.ts";
import type { TagSignals } from "../series/tag-signals.ts";
import { judgeTag } from "./judge.ts";

const N = 96;
const times = Float64Array.from({ length: N }, (_, i) => i * 600_000);
const basis = makeBasis(times, new Float64Array(N).fill(1), false);

function judged(countAt: (share: number, wobble: number) => number) {
  let state = 9;
  const roll = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const counts = times.map((_, i) => Math.round(countAt(i / (N - 1), roll() + roll() - 1)));
  const signals: TagSignals = {
    key: 2,
    basis,
    counts,
    held: counts.map((c) => c * 100),
    sizes: counts.map(() => 100),
    allocs: times.map(() => Number.NaN),
  };
  return judgeTag(signals);
}

describe("growth beside what was there", () => {
  const at = (level: number): number => judged((s, w) => level + 80 * s + 40 * w).logOdds;

  test("earns up to 2 where the count multiplies, nothing where it gains less than a third", () => {
    const plain = at(5_000);
    expect(at(240) - plain).toBeCloseTo(0, 1);
    // Those that cannot fall below nothing are left out: 40 is the lowest level that the wobble leaves whole.
    expect(at(45) - plain).toBeGreaterThan(1);
    expect(at(45) - plain).toBeLessThan(2);
  });
});

describe("growth that stopped", () => {
  const rising = (s: number): number => 900 * Math.min(1, Math.max(0, s - 0.2) / 0.35);
  const stopped = (given: number) =>
    judged((s, w) => 100 + rising(s) - (s > 0.62 ? (given * (s - 0.62)) / 0.38 : 0) + 6 * w);

  test("is held where three quarters of it are there at the end", () => {
    expect(stopped(0).kind).toBe("stopped");
    expect(stopped(0).logOdds).toBeGreaterThan(6);
    expect(stopped(300).kind).not.toBe("stopped");
  });

  test("what speaks for growth and for growth that stopped adds up", () => {
    const { logOdds, signal, kind } = judged((s, w) => 1_000 + 90 * Math.min(0.82, s) + 30 * w);
    const [going, held] = [signal?.growingLogOdds ?? 0, (signal?.stoppedLogOdds ?? 0) - 1];
    expect(kind).not.toBe("benign");
    expect(logOdds).toBeGreaterThan(Math.max(going, held) + 0.05);
    expect(logOdds).toBeCloseTo(Math.log(Math.exp(going) + Math.exp(held)), 6);
  });
});
