// The table of certainty in docs/detection.md says what the table in the code says.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CALIBRATION } from "../src/detect/findings/calibration-table.ts";

test("docs/detection.md shows the counts that certainty is read from", () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/detection.md"), "utf8");
  const sums = new Map<string, { right: number; all: number }>();
  for (const [cell, right, all] of CALIBRATION) {
    const name = cell.split(" | ").slice(0, 3).join(", ");
    const sum = sums.get(name) ?? { right: 0, all: 0 };
    sums.set(name, { right: sum.right + right, all: sum.all + all });
  }
  expect(sums.size).toBeGreaterThan(6);
  for (const [name, { right, all }] of sums) {
    expect(page).toMatch(new RegExp(`\\| ${name} +\\| ${right} of ${all} +\\|`));
  }
});
