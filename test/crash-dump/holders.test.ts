// Who holds the objects: on the memory of a real kernel, on made-up machines of three builds, and damaged.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerHolders, answerObjectTypes, answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { FormatError } from "../../src/model/errors.ts";
import { formatTag } from "../../src/model/tag.ts";
import { toSnapshot } from "../../src/sources/crash-dump.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { bitmapDump, rawImage } from "../build/dump/files.ts";
import { buildMachine, type Machine, type MachineOptions } from "../build/dump/machine.ts";
import { addObjects, type ObjectsOptions } from "../build/dump/objects.ts";
import { imagePath, sampleMissing } from "./nt-kernel.ts";

function heldText(dump: Dump): string[] {
  return answerHolders(dump).held.map(
    ({ process, tag, handles }) =>
      `${process.name} ${process.pid} ${tag === undefined ? "?" : formatTag(tag)} ${handles}`,
  );
}

describe.skipIf(sampleMissing !== undefined)("on the memory of a real kernel", () => {
  test.each([
    ["x64", 1500],
    ["x86", 2500],
  ] as const)("%s: autochk.exe holds %d events, all with handles; 15 types agree", async (name, events) => {
    const file = await openDumpFile(imagePath(name));
    const dump = openDump(file.bytes);
    const holders = answerHolders(dump);
    expect(heldText(dump)[0]).toBe(`autochk.exe 96 Even ${events}`);
    expect(holders).toMatchObject({ proven: 3, withTable: 3, countsAgree: 3, missingPages: 0, ended: 0 });
    expect(holders.tagged).toBe(holders.handles);
    expect(holders.objectsByTag.get(0x6e657645)).toBe(events + 2);
    const { witness, checks } = answerPoolUse(dump);
    expect(witness?.agreement).toMatchObject({ agreeing: 15, compared: 17 });
    expect(witness?.agreement.differing.map((each) => each.name).toSorted()).toEqual(["Callback", "Port"]);
    expect(checks.find((each) => each.name === "object-types")).toMatchObject({ state: "passed" });
    file.close();
  });
});

const TYPES: ObjectsOptions["types"] = [
  ["Type", "ObjT", 0, 0],
  ["Directory", "Dire", 0, 0],
  ["Process", "Proc", 0, 0],
  ["Thread", "Thre", 0, 0],
  ["Event", "Even", 0, 0],
  ["Key", "Key ", 0, 0],
  ["File", "File", 0, 0],
  ["Section", "T000", 0, 0],
  ["Token", "T001", 0, 0],
];

/** The types' counts are those of the tag table. */
function countedTypes(machine: Machine, wrong: readonly string[] = []): ObjectsOptions["types"] {
  return TYPES.map(([name, tag]) => {
    const blocks = ["nonpaged", "paged"].reduce((sum, pool) => {
      const [allocs, frees] = machine.truth.get(`${tag} ${pool}`) ?? [0, 0];
      return sum + allocs - frees;
    }, 0);
    return [name, tag, wrong.includes(name) ? 2 * blocks : blocks, blocks];
  });
}

const PROCESSES: ObjectsOptions["processes"] = [
  { pid: 4, name: "System", holds: { Even: 3, File: 12 } },
  { pid: 388, name: "smss.exe", holds: { Even: 1 } },
  { pid: 1200, name: "leaky.exe", holds: { Even: 700, File: 2 }, holdsProcesses: [3, 4, 5] },
  { pid: 1300, name: "cmd.exe", ended: true },
  { pid: 1304, name: "cmd.exe", ended: true },
  { pid: 1308, name: "cmd.exe", ended: true },
];

function machineWith(options: MachineOptions, build: ObjectsOptions["build"], wrong?: readonly string[]): Machine {
  const machine = buildMachine(options);
  addObjects(machine, { build, processes: PROCESSES, types: countedTypes(machine, wrong) });
  return machine;
}

const CASES: readonly (readonly [MachineOptions, ObjectsOptions["build"]])[] = [
  [{ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" }, "19041"],
  [{ kind: "x64", tagRecipe: "A64", bigRecipe: "vista-64", build: 7601 }, "7"],
  [{ kind: "x64", tagRecipe: "A64", bigRecipe: "2003-64", build: 3790 }, "2003"],
  [{ kind: "arm64", tagRecipe: "C64", bigRecipe: "new-64", build: 22000 }, "19041"],
  [{ kind: "x86-pae", tagRecipe: "B32", bigRecipe: "ten-32" }, "19041"],
  [{ kind: "x86", tagRecipe: "A32", bigRecipe: "vista-32", build: 7601 }, "7"],
  [{ kind: "x86", tagRecipe: "A32", bigRecipe: "2003-32", build: 3790 }, "2003"],
];

describe.each(CASES)("made-up $0.kind of build", (options, build) => {
  test(`${build}: processes, handles, exited processes, types`, () => {
    const dump = openDump(bytesSource(bitmapDump(machineWith(options, build))));
    const holders = answerHolders(dump);
    expect(heldText(dump)).toEqual([
      "leaky.exe 1200 Even 700",
      "System 4 File 12",
      "System 4 Even 3",
      "leaky.exe 1200 Proc 3",
      "leaky.exe 1200 File 2",
      "smss.exe 388 Even 1",
    ]);
    expect(holders).toMatchObject({ handles: 721, tagged: 721, proven: 3, withTable: 3, countsAgree: 3, ended: 3 });
    expect(holders.endedHeld.map(({ holder, name, handles }) => [holder.pid, name, handles])).toEqual([
      [1200, "cmd.exe", 3],
    ]);
    expect(holders.processes[3]).toMatchObject({
      start: 1_714_979_289_000 - 2_997_000,
      exit: 1_714_979_289_000 - 60_000,
    });
    const { witness, checks } = answerPoolUse(dump);
    expect(witness?.agreement).toMatchObject({ agreeing: 6, compared: 6 });
    // No kernel has a second count of every row.
    expect(checks.filter((each) => each.state !== "passed").map((each) => each.name)).toEqual(["figures"]);
  });
});

const X64: MachineOptions = { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" };

test("a dump as a source carries types, processes, holders and drivers", () => {
  const dump = openDump(bytesSource(bitmapDump(machineWith(X64, "19041"))));
  const { surroundings } = toSnapshot(dump, answerPoolUse(dump), { path: "a.dmp", modified: 0 });
  expect(surroundings?.objects?.map((each) => each.type)).toContain("Event");
  expect(surroundings?.programs?.programs.map(({ name, handles }) => [name, handles])).toEqual([
    ["System", 15],
    ["smss.exe", 1],
    ["leaky.exe", 705],
  ]);
  expect(surroundings?.holders?.[0]).toEqual({ type: "Event", pid: 1200, name: "leaky.exe", handles: 700 });
  expect(surroundings?.holders).toContainEqual({
    type: "Process",
    pid: 1200,
    name: "leaky.exe",
    handles: 3,
    of: "cmd.exe",
  });
  expect(surroundings?.drivers?.map((each) => each.file)).toEqual(["ntoskrnl.exe", "hal.dll", "leaky.sys"]);
});

test("without a debugger data block the processes are found by structure; the types are not, and certainty says so", () => {
  const dump = openDump(bytesSource(rawImage(machineWith({ ...X64, debuggerData: false }, "19041"))));
  expect(answerHolders(dump).handles).toBe(721);
  expect(answerObjectTypes(dump)).toBeUndefined();
  expect(answerPoolUse(dump).checks.at(-2)).toMatchObject({ name: "object-types", state: "not-made" });
});

test("a table of CPU 0 alone disagrees with the types: the witness fails", () => {
  const dump = openDump(bytesSource(bitmapDump(machineWith({ ...X64, cpus: 4, noCpuArray: true }, "19041"))));
  const { checks, witness } = answerPoolUse(dump);
  expect(witness?.agreement.agreeing).toBe(0);
  expect(checks.at(-2)).toMatchObject({ name: "object-types", state: "failed", share: 0 });
});

test.each([
  [1.2, "passed"],
  [0.9, "failed"],
  [1.6, "failed"],
] as const)("the memory manager's own total is %d times the sum: %s", (poolSlack, state) => {
  const machine = buildMachine({ ...X64, tags: 400, slots: 1024 });
  addObjects(machine, { build: "19041", processes: PROCESSES, types: countedTypes(machine), poolSlack });
  const { checks } = answerPoolUse(openDump(bytesSource(bitmapDump(machine))));
  expect(checks.find((each) => each.name === "pool-total")).toMatchObject({ state });
});

test("handle-table pages that the dump does not hold are counted: at least", () => {
  const machine = machineWith(X64, "19041");
  // The second leaf of leaky.exe: leaves are written in order, one page each.
  machine.memory.drop(0xffffa40c80000000n + 0x1000n * 4n);
  const holders = answerHolders(openDump(bytesSource(bitmapDump(machine))));
  expect(holders.missingPages).toBe(1);
  expect(holders.handles).toBe(721 - 255);
});

test("damaged bytes anywhere: an answer or a FormatError, in bounded work", () => {
  const file = bitmapDump(machineWith({ ...X64, cpus: 1, slots: 128 }, "19041"));
  const share = fc.noBias(fc.integer({ min: 0, max: 999_999 }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(share, fc.uint8Array({ minLength: 1, maxLength: 16 })), { maxLength: 30 }),
      (changes) => {
        const bytes = file.slice();
        for (const [where, change] of changes)
          bytes.set(change, 0x4000 + Math.floor((where / 1e6) * (bytes.length - 0x5000)));
        try {
          const holders = answerHolders(openDump(bytesSource(bytes)));
          expect(holders.handles).toBeLessThan(4000);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    ),
    { numRuns: 150 },
  );
});
