import { describe, expect, test } from "vitest";
import { buildName, changesBetween, fileKey, isSameDriver } from "./drivers.ts";

describe("one build", () => {
  const known = { file: "a.sys", stamp: 1, imageBytes: 4096, version: "1.0" };
  test.each([
    ["all agree", { ...known }, true],
    ["another stamp", { ...known, stamp: 2 }, false],
    ["another size", { ...known, imageBytes: 8192 }, false],
    ["another version", { ...known, version: "1.1" }, false],
    ["one of them knows nothing", { file: "a.sys" }, true],
  ])("%s", (_, other, same) => {
    expect(isSameDriver(known, other)).toBe(same);
    expect(isSameDriver(other, known)).toBe(same);
  });
});

test("a build is called by its version, else by its stamp, else by its size", () => {
  expect(buildName({ file: "a.sys", version: "2.1", stamp: 0x60000001, imageBytes: 4096 })).toBe("2.1");
  expect(buildName({ file: "a.sys", stamp: 0x60000001, imageBytes: 4096 })).toBe("build 60000001");
  expect(buildName({ file: "a.sys", imageBytes: 4096 })).toBe("image of 4096 bytes");
  expect(buildName({ file: "a.sys" })).toBeUndefined();
});

test("a file is known by its name without folder, in any case", () => {
  expect(fileKey("\\SystemRoot\\System32\\drivers\\AFD.SYS")).toBe("afd.sys");
});

test("what was loaded, exchanged or unloaded between two lists; what stayed is no change", () => {
  const [old, exchanged, stays, fresh] = [
    { file: "gone.sys", version: "1" },
    { file: "C:\\d\\new.sys", version: "2" },
    { file: "stays.sys", version: "3" },
    { file: "fresh.sys", version: "4" },
  ];
  const before = { file: "NEW.sys", version: "1" };
  expect(
    changesBetween({ time: 5, list: [old, before, stays] }, { time: 9, list: [exchanged, { ...stays }, fresh] }),
  ).toEqual([
    { time: 9, after: 5, now: exchanged, before },
    { time: 9, after: 5, now: fresh },
    { time: 9, after: 5, before: old },
  ]);
});
