import { expect, test } from "vitest";
import { CONST, FIRST_LOAD, HINGES, makeBasis, WORK } from "../series/basis.ts";
import { rateOf } from "./rate.ts";
import { judgeSignal } from "./signal.ts";

const N = 120;
const times = Float64Array.from({ length: N }, (_, i) => i * 60_000);
/** Work in two stretches with a pause between and one at the end. */
const load = times.map((_, i) => (i < 30 || (i >= 60 && i < 90) ? 2 : 0.05));

test("no harmless explanation of growth that follows the work done holds growth itself", () => {
  const basis = makeBasis(times, load, true);
  let done = 0;
  const counts = load.map((l, i) => {
    done += 100 * l;
    return Math.round(500 + done + 6 * Math.sin(i * 1.7));
  });
  const judged = judgeSignal(basis, counts);
  expect(judged?.benign).toBeDefined();
  const columns = judged?.benign?.candidate.fit.columns ?? [];
  expect(columns.filter((c) => c !== CONST && c >= 1 && c < FIRST_LOAD)).toEqual([]);
  expect(WORK).toBeLessThan(FIRST_LOAD);
  expect(judged?.growingLogOdds ?? -Infinity).toBeGreaterThan(6);
});

test("growth by the work done that began late is found from its beginning on, with its rate while it lasts", () => {
  const basis = makeBasis(times, load, true);
  const from = 48;
  let done = 0;
  const counts = load.map((l, i) => {
    if (i > from) done += 100 * l;
    return Math.round(500 + done + 6 * Math.sin(i * 1.7));
  });
  const judged = judgeSignal(basis, counts);
  expect(judged?.growingLogOdds ?? -Infinity).toBeGreaterThan(20);
  const best = judged?.growth?.candidate;
  // The machine paused from the thirtieth to the sixtieth point: nothing tells when in between.
  expect((best?.from ?? 0) / HINGES).toBeGreaterThan(28 / N);
  expect((best?.from ?? 0) / HINGES).toBeLessThan(62 / N);
  const rate = rateOf(basis, counts, judged?.growth);
  const hours = (N - 1 - ((best?.from ?? 0) / HINGES) * (N - 1)) / 60;
  expect(rate.value / (done / hours)).toBeCloseTo(1, 1);
});
