import { describe, expect, test } from "vitest";
import { certaintyText, endedHeldText, holdersText, percentText, referencesText, withoutHandleText } from "./dump.ts";

const EVEN = 0x6e657645;

describe("certainty", () => {
  const facts = { certainty: 0.95, cpusSummed: 2, cpus: 2, types: { agreeing: 15, compared: 17 } };
  test("what was made is told with its share, what was not is named", () => {
    const checks = [
      { name: "hash", state: "passed", share: 1 },
      { name: "size", state: "not-made", share: 0.95 },
      { name: "pages", state: "failed", share: 0.9 },
    ] as const;
    expect(certaintyText({ ...facts, checks })).toBe(
      "95.0 %: 100 % of its keys are where the hash puts them; 90.0 % of its pages are sound; 2 of 2 CPUs summed; " +
        "the object manager's own counts agree for 15 of 17 object types; not checked: its size (the kernel's variables do not say it)",
    );
  });
  test("a share is never rounded up to all", () => {
    expect([percentText(0.99999), percentText(1)]).toEqual(["99.9 %", "100 %"]);
  });
});

describe("holders", () => {
  const held = {
    type: "Event",
    tag: EVEN,
    objects: 1509,
    held: 1502,
    atLeast: false,
    holders: [
      { name: "autochk.exe", pid: 96, handles: 1500 },
      { name: "System", pid: 4, handles: 2 },
    ],
  };
  test("the first three with pid and count", () => {
    expect(holdersText(held)).toBe(
      "autochk.exe (pid 96) holds 1,500 handles to the 1,509 Event (Even) objects; System (pid 4) 2",
    );
    expect(holdersText({ ...held, atLeast: true })).toContain("holds at least 1,500");
    expect(holdersText({ ...held, holders: [] })).toBe("no handle to any of the 1,509 Event (Even) objects was found");
  });
  test("objects without a handle are references, unless pages are missing", () => {
    expect(withoutHandleText(held)).toMatch(/^7 of 1,509 .* held by no handle: .*references/);
    expect(withoutHandleText({ ...held, atLeast: true })).toMatch(/that was found; pages of handle tables are missing/);
    expect(withoutHandleText({ ...held, held: 1509 })).toBeUndefined();
  });
  test("references, not handles: only for types made by handles, with many of both", () => {
    expect(referencesText({ name: "File", objects: 5000, handles: 400 })).toMatch(/references, not handles/);
    expect(referencesText({ name: "File", objects: 5000, handles: 4000 })).toBeUndefined();
    expect(referencesText({ name: "File", objects: 999, handles: 100 })).toBeUndefined();
    expect(referencesText({ name: "File", objects: 5000, handles: 99 })).toBeUndefined();
    expect(referencesText({ name: "Device", objects: 5000, handles: 400 })).toBeUndefined();
  });
  test("exited processes and who keeps them", () => {
    expect(endedHeldText({ holder: { name: "watchman.exe", pid: 9 }, name: "cmd.exe", handles: 71_198 })).toBe(
      "71,198 exited cmd.exe held by watchman.exe (pid 9)",
    );
  });
});
