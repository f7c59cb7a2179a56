// The campaigns on long runs, in a short form: that they run, that they see a leak, and that the answers are right.

import { expect, test } from "vitest";
import { levelOf } from "../bench/process-figures.ts";
import { soakServe } from "../bench/serve-soak.ts";

const seen = (of: (i: number) => readonly [mebibytes: number, handles: number]) =>
  Array.from({ length: 60 }, (_, i) => {
    const [mebibytes, handles] = of(i);
    return { mebibytes, handles };
  });

test("a warm-up that ends is level; memory or handles that go on growing are not", () => {
  expect(levelOf(seen((i) => [Math.min(200, 100 + 10 * i), 20]))).toMatchObject({
    isLevel: true,
    last: { mebibytes: 200 },
  });
  expect(levelOf(seen((i) => [100 + 3 * i, 20])).isLevel).toBe(false);
  expect(levelOf(seen((i) => [100, 20 + Math.floor(i / 6)])).isLevel).toBe(false);
  // A heap that goes up and down between two sizes, with the upper one at the end.
  expect(levelOf(seen((i) => [i % 20 < 10 ? 163 : 196, 33])).isLevel).toBe(true);
  // The heap's own steps.
  expect(levelOf(seen((i) => [i % 2 === 0 ? 100 : 112, 20 + (i % 2)])).isLevel).toBe(true);
});

test.skipIf(process.platform !== "linux")(
  "a dashboard that is asked over and over gives the right answers, to its own name only",
  async () => {
    const { answers, failures, requests } = await soakServe(240);
    expect(failures).toEqual([]);
    expect(requests).toBe(240);
    expect(answers).toEqual({ 200: 180, 403: 20, 404: 40 });
  },
  120_000,
);
