import { expect, test } from "vitest";
import { fuzz } from "./run.ts";

test("a short campaign: only typed errors, nothing that hangs", async () => {
  const { failures, inputs, refused } = await fuzz({ seconds: 45, seed: 1, inputs: 2600 });
  expect(failures).toEqual([]);
  expect(inputs).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(100);
});
