// The report that is sent along when a dump is not understood: it tells the form, and nothing else.

import { expect, test } from "vitest";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { structureReport } from "../../src/formats/crash-dump/structure-report.ts";
import { bitmapDump, triageDump } from "../build/dump/files.ts";
import { buildMachine } from "../build/dump/machine.ts";

const machine = buildMachine({ kind: "x64", tagRecipe: "C64", bigRecipe: "new-64", build: 22631 });
const report = (bytes: Uint8Array): string => JSON.stringify(structureReport(bytesSource(bytes)));

test("no module, tag, path or address is in it", () => {
  const text = report(bitmapDump(machine));
  const secrets = [
    ...machine.modules.flatMap(({ name, base }) => [name, base.toString(16)]),
    ...[...machine.truth.keys()].map((key) => `"${key.slice(0, 4)}"`),
    "SystemRoot",
    "Windows",
    machine.trackTable.toString(16),
    machine.moduleList.toString(16),
  ];
  for (const secret of secrets) expect(text).not.toContain(secret);
});

test("the form is in it: container, paging, layout, words beside the variable", () => {
  expect(structureReport(bytesSource(bitmapDump(machine)))).toMatchObject({
    signature: "PAGEDU64",
    body: "SDMPDUMP",
    container: { kind: "bitmap", dumpType: 6, build: 22631 },
    kernel: { paging: "x64", dataMissing: 4096 },
    tagTable: { layout: "C64", slots: 512, cpusSummed: 2, score: 1 },
    tagTableVariable: expect.arrayContaining(["-48 0x1ff", "-40 0x201", "0 page-aligned kernel address"]),
    bigPages: { layout: "server-2022", rows: 512 },
    modules: { listed: 3, withName: 3, unloaded: 1 },
    problems: [],
  });
});

test("a row width that no known layout has still shows as an array that obeys the hash", () => {
  const odd = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64", cpus: 1 });
  const rows = Array.from({ length: 512 }, (_, slot) => {
    const at = odd.trackTable + BigInt(slot * 56);
    return odd.memory.map(at).slice(Number(at % 4096n), Number(at % 4096n) + 4);
  });
  for (let page = 0n; page < 9n; page++) odd.memory.put(odd.trackTable + page * 4096n, new Uint8Array(4096));
  rows.forEach((key, slot) => odd.memory.put(odd.trackTable + BigInt(slot * 72), key));
  expect(structureReport(bytesSource(bitmapDump(odd)))).toMatchObject({
    tagTable: { refused: expect.stringContaining("no tag table was found") },
    arraysThatObeyTheHash: expect.arrayContaining([expect.objectContaining({ stride: 72, slots: 512 })]),
  });
});

test("what cannot be read at all is described as far as it goes", () => {
  const user = new Uint8Array(0x4000);
  user.set(Uint8Array.from("MDMP", (char) => char.charCodeAt(0)));
  expect(structureReport(bytesSource(user))).toMatchObject({
    signature: "MDMP",
    container: { refused: expect.stringContaining("user-mode minidump") },
  });
  expect(structureReport(bytesSource(triageDump(machine)))).toMatchObject({
    container: { kind: "triage", triage: { modules: 3, unloaded: 1, pieces: 1 } },
  });
});
