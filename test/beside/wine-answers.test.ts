// The kernel's lists as another implementation writes them: raw answers of Wine's ntdll.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { countHandles } from "../../src/formats/kernel-lists/handle-table.ts";
import { parseModuleList, parseModuleListEx } from "../../src/formats/kernel-lists/module-list.ts";
import { parseObjectTypes } from "../../src/formats/kernel-lists/object-types.ts";
import { parseLiveCounts, parseProcessList } from "../../src/formats/kernel-lists/process-list.ts";

function answer(name: string): Uint8Array {
  return new Uint8Array(
    readFileSync(fileURLToPath(new URL(`../fixtures/kernel-lists/wine8-x64-${name}.bin`, import.meta.url))),
  );
}

test("object types: 20, the first is Type with index 2", () => {
  const types = parseObjectTypes(answer("types"), 8);
  expect(types).toHaveLength(20);
  expect(types[0]).toMatchObject({ type: "Type", index: 2, objects: 20 });
  expect(types.at(-1)).toMatchObject({ type: "Key", index: 21, objects: 9255, handles: 87 });
});

test("processes: names behind threads at odd places, without the address of the buffer", () => {
  const { programs, live } = parseProcessList(answer("class5"), 8);
  expect(parseLiveCounts(answer("class5"), 8)).toEqual(live);
  expect(programs.map(({ pid, name }) => [pid, name])).toEqual([
    [32, "dump.exe"],
    [48, "services.exe"],
    [68, "explorer.exe"],
    [104, "winedevice.exe"],
    [164, "svchost.exe"],
    [188, "plugplay.exe"],
    [232, "winedevice.exe"],
  ]);
  expect(live).toEqual({ processes: 7, threads: 33, handles: 416 });
});

test("drivers: both classes list the same", () => {
  const drivers = parseModuleList(answer("class11"), 8);
  expect(drivers.map(({ file }) => file)).toEqual(["ntoskrnl.exe", "hal.dll", "mountmgr.sys"]);
  expect(parseModuleListEx(answer("class77"), 8)).toEqual(drivers);
});

test("handles: the sum is the number of entries", () => {
  const counts = countHandles(answer("class64"), 8);
  expect(counts[0]).toEqual({ pid: 48, typeIndex: 8, handles: 46 });
  expect(counts.reduce((sum, { handles }) => sum + handles, 0)).toBe((10_616 - 16) / 40);
});
