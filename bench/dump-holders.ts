// Time and memory for `dump FILE holders` of a made-up machine with 5,000 processes and 2 million handles, and the speed of
// unpacking: both forms of XPRESS, and a dump in a ZIP archive. Bars: 3 s and 200 MB; 200, 60 and 200 MB/s.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decompressXpressHuffman } from "../src/formats/xpress/huffman.ts";
import { decompressXpress } from "../src/formats/xpress/plain.ts";
import { openDumpFile } from "../src/sources/dump-file.ts";
import { zipArchive } from "../test/build/dump/containers.ts";
import { bitmapDump } from "../test/build/dump/files.ts";
import { buildMachine } from "../test/build/dump/machine.ts";
import { addObjects } from "../test/build/dump/objects.ts";
import { compressHuffman, compressPlain } from "../test/build/xpress.ts";

const PROCESSES = 5000;
const HANDLES_EACH = 400;
const OBJECTS_PER_TAG = 150_000;
const PIECE = 65_536;

const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
try {
  const machine = buildMachine({
    kind: "x64",
    tagRecipe: "B64",
    bigRecipe: "ten-64",
    placement: { distance: 8, firstLarge: 0x40000 },
  });
  addObjects(machine, {
    build: "19041",
    shareObjects: OBJECTS_PER_TAG,
    processes: Array.from({ length: PROCESSES }, (_, i) => ({
      pid: 4 * (i + 1),
      name: i === 0 ? "System" : `p${i}.exe`,
      holds: { Even: HANDLES_EACH / 2, File: HANDLES_EACH / 4, "Key ": HANDLES_EACH / 4 },
    })),
    types: ["Type", "Directory", "Process", "Thread", "Event", "Key"].map((name) => [
      name,
      name.slice(0, 4).padEnd(4),
      0,
      0,
    ]),
  });
  const dump = bitmapDump(machine);
  const path = join(folder, "MEMORY.DMP");
  writeFileSync(path, dump);
  holders(path);
  await archive(dump);
  xpress(readFileSync(path));
} finally {
  rmSync(folder, { recursive: true });
}

/** The whole command in a process of its own; its memory is told by that process. */
function holders(path: string): void {
  const entry = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
  // The child's own high-water mark: resourceUsage() of a child begins with what its parent had when it was started.
  const code = `import { readFileSync } from "node:fs"; process.argv.splice(1, 0, ${JSON.stringify(entry)}); process.on("exit", () => { const use = process.resourceUsage(); const peak = /VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8")); process.stderr.write("RSS " + (peak?.[1] ?? 0) + " CPU " + (use.userCPUTime + use.systemCPUTime)); }); await import(${JSON.stringify(entry)});`;
  const start = performance.now();
  const child = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", code, "dump", path, "holders", "Even", "--top", "3", "--json"],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    },
  );
  const seconds = (performance.now() - start) / 1000;
  if (child.status !== 0) throw new Error(child.stderr);
  const told = JSON.parse(child.stdout) as { handles: number; processes: number };
  // KiB, by /proc (Linux).
  const memory = Number(/RSS (\d+)/.exec(child.stderr)?.[1] ?? 0) / 1024;
  const cpu = Number(/CPU (\d+)/.exec(child.stderr)?.[1] ?? 0) / 1e6;
  console.log(
    `holders: ${told.processes} processes, ${told.handles} handles: whole command ${seconds.toFixed(2)} s (${cpu.toFixed(2)} s of CPU), ${memory.toFixed(0)} MB`,
  );
}

async function archive(dump: Uint8Array): Promise<void> {
  const path = join(folder, "dump.zip");
  writeFileSync(path, zipArchive([["MEMORY.DMP", dump]]));
  const start = performance.now();
  const file = await openDumpFile(path);
  const seconds = (performance.now() - start) / 1000;
  file.close();
  console.log(`zip: ${statSync(path).size} bytes packed, ${(dump.length / 1e6 / seconds).toFixed(0)} MB/s unpacked`);
}

/** Pieces as hibernation files have them: 64 KiB of the dump's memory. */
function xpress(dump: Uint8Array): void {
  const pieces = Array.from({ length: 160 }, (_, i) => {
    const at = (i * 7919 * PIECE) % (dump.length - PIECE);
    return dump.subarray(at - (at % 4096), at - (at % 4096) + PIECE);
  });
  for (const [name, compress, decompress] of [
    ["plain XPRESS", compressPlain, decompressXpress],
    ["XPRESS with Huffman codes", compressHuffman, decompressXpressHuffman],
  ] as const) {
    const packed = pieces.map((piece) => compress(piece));
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run++) {
      const start = performance.now();
      for (const each of packed) decompress(each, PIECE);
      best = Math.min(best, performance.now() - start);
    }
    const share = packed.reduce((sum, each) => sum + each.length, 0) / (pieces.length * PIECE);
    console.log(
      `${name}: ${((pieces.length * PIECE) / 1e3 / best).toFixed(0)} MB/s (packed to ${(100 * share).toFixed(0)} %)`,
    );
  }
}
