import { expect, test } from "vitest";
import { UsageError } from "../model/errors.ts";
import { collectLimit } from "./told-limits.ts";

test("limits are collected by pool", () => {
  const one = collectLimit("nonpaged=12GiB", undefined);
  expect(collectLimit("commit=64GiB", one)).toEqual({
    nonpagedLimitBytes: 12 * 2 ** 30,
    commitLimitBytes: 64 * 2 ** 30,
  });
});

test.each(["12GiB", "pool=1GiB", "paged=", "paged=much", "paged=0", "constructor=1GiB"])("%s is no limit", (text) => {
  expect(() => collectLimit(text, undefined)).toThrow(UsageError);
  expect(() => collectLimit(text, undefined)).toThrow(/nonpaged=12GiB/);
});
