// The binary part of the campaign: traces, drivers, symbols, packed streams, containers of dumps, archives.

import { readFileSync } from "node:fs";
import { packTar } from "modern-tar";
import { loadScanTools } from "../src/driver-index/tools.ts";
import { lintDriver } from "../src/drivers/lint-driver.ts";
import { scanDriver } from "../src/drivers/scan.ts";
import { answerPoolUse } from "../src/formats/crash-dump/answers.ts";
import { openDump } from "../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../src/formats/crash-dump/source.ts";
import { parsePdb } from "../src/formats/pdb/pdb.ts";
import { PeImage } from "../src/formats/pe/image.ts";
import { readSignatures } from "../src/formats/pe/signature.ts";
import { readVersion } from "../src/formats/pe/version.ts";
import { decompressXpressHuffman } from "../src/formats/xpress/huffman.ts";
import { decompressXpress } from "../src/formats/xpress/plain.ts";
import type { Gap } from "../src/model/snapshot.ts";
import { archiveKindOf, readMembers } from "../src/sources/archive.ts";
import { readPoolTrace } from "../src/traces/pool-trace.ts";
import { hibernationFile, zipArchive } from "../test/build/dump/containers.ts";
import { elfCore, limeImage, summaryDump } from "../test/build/dump/files.ts";
import { buildMachine } from "../test/build/dump/machine.ts";
import { writeLeakScenario } from "../test/build/etl/leak-scenario.ts";
import { writePdb } from "../test/build/pdb.ts";
import { compressHuffman, compressPlain } from "../test/build/xpress.ts";
import type { FuzzedParser } from "./fuzzed-parser.ts";

const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
const tools = await loadScanTools();
const driver = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../test/fixtures/drivers/${name}.sys`, import.meta.url)));
const plain = new Uint8Array(Buffer.from("Leak Nonp 1200 200 1000 64000\n".repeat(200)));
const UNPACKED = 65_536;
const MEMBER = new Uint8Array(
  Buffer.from("time,tag,type,allocs,frees,outstanding,bytes\n1767225600,Leak,Nonp,3,1,2,64\n"),
);

async function readArchive(bytes: Uint8Array): Promise<unknown> {
  const kind = archiveKindOf(bytes);
  if (kind === undefined) return undefined;
  const gaps: Gap[] = [];
  const file = {
    path: "fuzzed",
    size: bytes.length,
    modified: 0,
    isPacked: false,
    onDisk: false,
    head: bytes.subarray(0, 512),
    async *content() {
      yield bytes;
    },
  };
  return [await readMembers(file, kind, gaps), gaps];
}

export const binaryParsers: readonly FuzzedParser[] = [
  {
    name: "trace",
    weight: 2,
    seeds: [writeLeakScenario(), writeLeakScenario({ compressed: true }), writeLeakScenario({ lossy: true })],
    parse: (bytes) => readPoolTrace(bytesSource(bytes), { isWindowsModule: () => false }),
  },
  {
    name: "driver",
    weight: 2,
    seeds: ["kmdf_pointer.clang-x64", "wrapper.clang-x86", "structures.clang-arm64", "filter.gcc-x64"].map(driver),
    parse: (bytes) => lintDriver(scanDriver(bytes, "fuzzed.sys", tools)),
  },
  {
    name: "pe",
    weight: 4,
    seeds: ["direct.clang-x64", "computed.clang-x86"].map(driver),
    parse: (bytes) => {
      const image = new PeImage(bytes);
      return [readVersion(image), readSignatures(image)];
    },
  },
  {
    name: "pdb-symbols",
    weight: 4,
    seeds: [
      writePdb({
        sections: [0x1000, 0x3000],
        omap: [[0x1000, 0x5000]],
        publics: [
          { name: "first", segment: 1, offset: 0x10, code: true },
          { name: "second", segment: 2, offset: 0x20, code: false },
        ],
      }),
    ],
    parse: (bytes) => parsePdb(bytes),
  },
  {
    name: "xpress-real",
    weight: 8,
    seeds: [compressPlain(plain)],
    parse: (bytes) => decompressXpress(bytes, UNPACKED),
  },
  {
    name: "xpress-huffman-real",
    weight: 8,
    seeds: [compressHuffman(plain)],
    parse: (bytes) => decompressXpressHuffman(bytes, UNPACKED),
  },
  {
    name: "dump-containers",
    weight: 1,
    seeds: [
      hibernationFile(machine),
      hibernationFile(machine, { form: "huffman" }),
      summaryDump(machine),
      elfCore(machine),
      limeImage(machine),
    ],
    parse: (bytes) => answerPoolUse(openDump(bytesSource(bytes))),
  },
  {
    name: "archive",
    weight: 4,
    seeds: [
      zipArchive([
        ["a/one.csv", MEMBER],
        ["two.csv", MEMBER],
      ]),
      zipArchive([["one.csv", MEMBER]], true),
      new Uint8Array(await packTar([{ header: { name: "one.csv", size: MEMBER.length }, body: MEMBER }])),
    ],
    parse: readArchive,
  },
];
