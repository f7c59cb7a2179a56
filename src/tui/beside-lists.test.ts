import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { listLines } from "./beside-lists.ts";
import { EXAMPLE_BESIDE, exampleState, START } from "./example.test-support.ts";

const SIZE = { columns: 200, rows: 60 };

function driverScreen(changes: number): string {
  const driverChanges = Array.from({ length: changes }, (_, i) => ({
    time: START - i * 60_000,
    after: START - (i + 1) * 60_000,
    before: { file: `x${i}.sys`, version: "1" },
    now: { file: `x${i}.sys`, version: "2" },
  }));
  const state = { ...exampleState(3, SIZE), screen: "drivers" as const, beside: { ...EXAMPLE_BESIDE, driverChanges } };
  return stripVTControlCharacters(listLines(state, SIZE.columns).join("\n"));
}

test("the ten newest changes stand above the drivers, the others are counted", () => {
  expect(driverScreen(10)).toContain("x9.sys was exchanged");
  expect(driverScreen(10)).not.toContain("earlier change");
  const more = driverScreen(13);
  expect(more).toContain("x9.sys was exchanged");
  expect(more).not.toContain("x10.sys was exchanged");
  expect(more).toContain("and 3 earlier changes");
});
