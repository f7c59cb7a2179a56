import { describe, expect, test } from "vitest";
import { makeWhitener, NOISE_MODELS, whiten, type NoiseModel } from "./noise.ts";
import { cholesky, choleskySolve } from "./numeric.ts";

/** Uneven times, and values without any order. */
const TIMES = Float64Array.of(0, 1, 2.5, 3, 7, 8, 10);
const VALUES = Float64Array.of(3, -1, 4, 1, -5, 9, 2);
const SPAN = 10;

/** The covariance of a noise model written out: the process at two times, and white noise on top. */
function covariance({ tau, white }: NoiseModel, times: Float64Array): Float64Array {
  const n = times.length;
  const step = SPAN / (n - 1);
  const matrix = new Float64Array(n * n);
  times.forEach((a, i) => {
    times.forEach((b, j) => {
      const process =
        tau === Infinity
          ? Math.min(a, b) / step
          : tau === 0
            ? Number(i === j)
            : Math.exp(-Math.abs(a - b) / (tau * SPAN));
      matrix[i * n + j] = process + (i === j ? white : 0);
    });
  });
  return matrix;
}

/** y' C^-1 y and log |C| by the full matrix. */
function direct(model: NoiseModel, values: Float64Array): { square: number; logDet: number } {
  const factor = covariance(model, TIMES);
  const logDet = cholesky(factor, values.length);
  const solved = values.slice();
  choleskySolve(factor, values.length, solved);
  return { square: values.reduce((sum, value, i) => sum + value * (solved[i] ?? 0), 0), logDet };
}

describe("whitening is the square root of the inverse covariance", () => {
  test.each<NoiseModel>([
    { tau: 0, white: 0, logPrior: 0 },
    { tau: 0.06, white: 0, logPrior: 0 },
    { tau: 0.2, white: 0.5, logPrior: 0 },
    { tau: 0.5, white: 4, logPrior: 0 },
    { tau: Infinity, white: 2.5, logPrior: 0 },
    { tau: Infinity, white: 20, logPrior: 0 },
  ])("tau $tau, white $white", (model) => {
    const whitener = makeWhitener(TIMES, model);
    const out = new Float64Array(VALUES.length);
    whiten(whitener, VALUES, out);
    const { square, logDet } = direct(model, VALUES);
    expect(out.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(square, 9);
    expect(whitener.logDet).toBeCloseTo(logDet, 9);
    expect(whitener.model).toBe(model);
  });

  test("a random walk without white noise begins at nothing: only its steps count", () => {
    const whitener = makeWhitener(TIMES, { tau: Infinity, white: 0, logPrior: 0 });
    const walk = VALUES.map((value) => value - (VALUES[0] ?? 0));
    const out = new Float64Array(walk.length);
    whiten(whitener, walk, out);
    const step = SPAN / 6;
    expect(out[0]).toBe(0);
    for (let i = 1; i < walk.length; i++) {
      const moved = (walk[i] ?? 0) - (walk[i - 1] ?? 0);
      const time = (TIMES[i] ?? 0) - (TIMES[i - 1] ?? 0);
      expect(out[i]).toBeCloseTo(moved / Math.sqrt(time / step), 9);
    }
  });
});

test("the grid: white noise alone, and six time constants with none, some and much white noise each", () => {
  expect(NOISE_MODELS).toHaveLength(1 + 6 * 3);
  expect(NOISE_MODELS[0]).toEqual({ tau: 0, white: 0, logPrior: 0 });
  const prior = (tau: number): number[] =>
    NOISE_MODELS.filter((model) => model.tau === tau).map((model) => model.logPrior);
  // The longer the memory, the better it passes for growth, so the more it has to pay.
  expect([0.06, 0.18, 0.5, Infinity].map((tau) => prior(tau)[0])).toEqual([0, -1, -1.5, -2]);
  const whites = (tau: number): number[] => NOISE_MODELS.filter((model) => model.tau === tau).map(({ white }) => white);
  expect(whites(0.02)).toEqual([0, 0.5, 4]);
  expect(whites(Infinity)).toEqual([0, 2.5, 20]);
});
