import { expect, test } from "vitest";
import { totalOf, type MemberEstimate } from "./totals.ts";

const lead = {
  tag: 1,
  kind: "nonpaged",
  bytesPerHour: { value: 100, low: 90, high: 120 },
  heldBytes: 1000,
  grownBytes: 500,
  outstanding: 10,
} as const;
const member = (given: Partial<MemberEstimate>): MemberEstimate => ({
  tag: 2,
  kind: "nonpaged",
  ratio: 1,
  bytesPerHour: 40,
  error: 5,
  heldBytes: 300,
  outstanding: 3,
  grownBytes: 30,
  ...given,
});

test("a tag that stands alone amounts to its own figures", () => {
  expect(totalOf(lead, [])).toEqual({
    bytesPerHour: lead.bytesPerHour,
    heldBytes: 1000,
    grownBytes: 500,
    outstanding: 10,
    pools: { nonpaged: 100 },
  });
});

test("members add to every figure, to the interval with two errors each, and to the pool that they are in", () => {
  expect(
    totalOf(lead, [member({}), member({ kind: "paged", bytesPerHour: 7, error: 1 }), member({ kind: "paged" })]),
  ).toEqual({
    bytesPerHour: { value: 187, low: 90 + 30 + 5 + 30, high: 120 + 50 + 9 + 50 },
    heldBytes: 1900,
    grownBytes: 590,
    outstanding: 19,
    pools: { nonpaged: 140, paged: 47 },
  });
});
