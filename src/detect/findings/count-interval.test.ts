// Expected values: Garwood's exact limits for a Poisson mean at 95 %, as tabulated (e.g. Ulm 1990, table 1).

import { expect, test } from "vitest";
import { countInterval } from "./count-interval.ts";

test.each([
  [0, 0, 3.6889],
  [1, 0.0253, 5.5716],
  [5, 1.6235, 11.6683],
  [10, 4.7954, 18.3904],
  [100, 81.364, 121.627],
])("of %i", (count, low, high) => {
  const found = countInterval(count);
  expect(found.low).toBeCloseTo(low, 1);
  expect(found.high).toBeCloseTo(high, 1);
});
