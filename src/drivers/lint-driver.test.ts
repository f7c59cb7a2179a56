import { expect, test } from "vitest";
import { parseTag } from "../model/tag.ts";
import { CROWDED_FUNCTIONS, lintDriver } from "./lint-driver.ts";
import type { DriverScan, DriverTag, AllocationSite } from "./scan.ts";

const call = (api: string, rva: number, start = rva): AllocationSite => ({
  api,
  rva,
  function: start,
  pool: null,
  bytes: null,
});
const tagged = (text: string, ...uses: AllocationSite[]): DriverTag => ({
  tag: parseTag(text) ?? 0,
  mask: 0xffff_ffff,
  tier: "proven",
  uses,
});
function lint(tags: readonly DriverTag[], rest: Partial<DriverScan> = {}): string[] {
  const scan: DriverScan = {
    machine: "x64",
    status: "ok",
    version: {},
    signatures: [],
    signedRanges: [],
    tags,
    unresolved: [],
    imports: [],
    steps: 0,
    ...rest,
  };
  return lintDriver(scan).findings.map(({ rule, tag, sites }) => `${rule} ${tag ?? "-"} ${sites.length}`);
}

test("a tag that is allocated and freed by the newer functions is nothing to mention", () => {
  expect(lint([tagged("Good", call("ExAllocatePool2", 1), call("ExFreePoolWithTag", 2))])).toEqual([]);
});

test("a tag that no call frees is a finding, unless some call frees without telling a tag", () => {
  const leaky = [tagged("Leak", call("ExAllocatePool2", 1), call("ExAllocatePool2", 9))];
  expect(lint(leaky)).toEqual(["never-freed Leak 2"]);
  expect(lint(leaky, { imports: ["ExFreePool"] })).toEqual([]);
  expect(lint(leaky, { unresolved: [{ api: "ExFreePoolWithTag", rva: 5, function: 5 }] })).toEqual([]);
});

test("a form under which something is freed may be the tag", () => {
  const form: DriverTag = {
    tag: 0x006b_654c,
    mask: 0x00ff_ffff,
    tier: "pattern",
    uses: [call("ExFreePoolWithTag", 3)],
  };
  expect(lint([tagged("Lekx", call("ExAllocatePool2", 1)), form])).toEqual([]);
  expect(lint([tagged("Lexx", call("ExAllocatePool2", 1)), form])).toEqual(["never-freed Lexx 1"]);
});

test("untagged and default tags, calls whose tag is not known, deprecated functions", () => {
  const found = lint(
    [
      tagged("None", call("ExAllocatePool", 1)),
      tagged("Ddk ", call("ExAllocatePoolWithTag", 2), call("ExFreePoolWithTag", 3)),
    ],
    { unresolved: [{ api: "ExAllocatePoolWithTag", rva: 4, function: 4 }] },
  );
  expect(found).toEqual([
    "untagged - 1",
    "default-tag Ddk  1",
    "unresolved-tag - 1",
    "deprecated-api - 1",
    "deprecated-api - 2",
  ]);
});

test("a tag is crowded by functions, not by calls", () => {
  const calls = (functions: number): AllocationSite[] =>
    Array.from({ length: functions }, (_, i) => [
      call("ExAllocatePool2", 2 * i, i),
      call("ExAllocatePool2", 2 * i + 1, i),
    ]).flat();
  const free = call("ExFreePoolWithTag", 9999);
  expect(lint([tagged("Many", ...calls(CROWDED_FUNCTIONS), free)])).toEqual([]);
  expect(lint([tagged("Many", ...calls(CROWDED_FUNCTIONS + 1), free)])).toEqual([
    `crowded-tag Many ${2 * (CROWDED_FUNCTIONS + 1)}`,
  ]);
  expect(CROWDED_FUNCTIONS).toBe(8);
});
