// Time and bytes read for `dump FILE used` on a sparse 64 GiB bitmap dump with full tables. Bar: 1 s and 64 MB.
// The file is written into a temporary folder first; it takes about 20 MB of disk.

import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { answerPoolUse } from "../src/formats/crash-dump/answers.ts";
import { openDump } from "../src/formats/crash-dump/dump.ts";
import { openDumpFile } from "../src/sources/dump-file.ts";
import { header } from "../test/build/dump/files.ts";
import { buildMachine } from "../test/build/dump/machine.ts";

const RAM = 64 * 2 ** 30;
const PAGES = RAM / 4096;
const CPUS = 32;
const SLOTS = 4096;

/** Every page of memory is in the dump: the file has 64 GiB, of which only the kernel's part is written. */
function writeDump(path: string, debuggerData: boolean): number {
  const machine = buildMachine({
    kind: "x64",
    tagRecipe: "C64",
    bigRecipe: "new-64",
    build: 22631,
    cpus: CPUS,
    slots: SLOTS,
    tags: 2500,
    debuggerData,
    placement: { distance: 0x2000, firstLarge: 0xe0_0000 },
  });
  const file = openSync(path, "w");
  const bitmap = new Uint8Array(PAGES / 8).fill(0xff);
  const block = new Uint8Array(0x38);
  const view = new DataView(block.buffer);
  const first = Math.ceil((0x2038 + bitmap.length) / 4096) * 4096;
  block.set(Uint8Array.from("SDMPDUMP", (char) => char.charCodeAt(0)));
  view.setBigUint64(0x20, BigInt(first), true);
  view.setBigUint64(0x28, BigInt(PAGES), true);
  view.setBigUint64(0x30, BigInt(PAGES), true);
  ftruncateSync(file, first + RAM);
  writeSync(file, header(machine, 6), 0, 0x2000, 0);
  writeSync(file, block, 0, block.length, 0x2000);
  writeSync(file, bitmap, 0, bitmap.length, 0x2038);
  for (const [number, page] of machine.memory.pages) writeSync(file, page, 0, 4096, first + number * 4096);
  closeSync(file);
  return machine.memory.pages.size;
}

const RUNS = 5;

/** The best of a few runs: the machine may be busy with something else. */
async function measure(label: string, path: string): Promise<void> {
  const entry = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
  let inside = Number.POSITIVE_INFINITY;
  let whole = Number.POSITIVE_INFINITY;
  let told = "";
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    const file = await openDumpFile(path);
    const dump = openDump(file.bytes);
    const uses = answerPoolUse(dump);
    inside = Math.min(inside, performance.now() - start);
    file.close();
    told = `${uses.tags} tags, ${uses.cpusSummed} CPUs summed; ${(dump.source.bytesRead / 1e6).toFixed(1)} MB read`;
    const before = performance.now();
    const child = spawnSync(process.execPath, [entry, "dump", path, "used"], { encoding: "utf8", maxBuffer: 2 ** 26 });
    whole = Math.min(whole, performance.now() - before);
    if (child.status !== 0) throw new Error(child.stderr);
  }
  console.log(
    `${label}: ${told}; reading ${(inside / 1000).toFixed(2)} s, whole command ${(whole / 1000).toFixed(2)} s (best of ${RUNS})`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
try {
  for (const [label, debuggerData] of [
    ["with debugger data block", true],
    ["without it, by the tag hash alone", false],
  ] as const) {
    const path = join(folder, "memory.dmp");
    const pages = writeDump(path, debuggerData);
    console.log(`64 GiB dump, ${pages} pages written, ${CPUS} CPUs, tables of ${SLOTS} slots`);
    await measure(label, path);
    rmSync(path);
  }
} finally {
  rmSync(folder, { recursive: true });
}
