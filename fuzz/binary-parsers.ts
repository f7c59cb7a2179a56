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
import { cabinetBlocks, readCabinetFiles } from "../src/formats/cabinet.ts";
import {
  contextRequest,
  parseAnswer,
  parseRead,
  parseStateChange,
  parseVersion,
  versionRequest,
} from "../src/formats/kd/manipulate.ts";
import { controlPacket, dataPacket, FIRST_ID, PACKET, PacketReader } from "../src/formats/kd/packet.ts";
import { parseModuleList, parseModuleListEx } from "../src/formats/kernel-lists/module-list.ts";
import { parseObjectTypes } from "../src/formats/kernel-lists/object-types.ts";
import { parseProcessList } from "../src/formats/kernel-lists/process-list.ts";
import { parseToolText } from "../src/formats/tools/tools.ts";
import { parseXperfPoolReport } from "../src/formats/xperf-pool.ts";
import { readZipMembers, zipDataOffset } from "../src/formats/zip.ts";
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

/** A cabinet of one stored file in one block. */
function cabinet(): Uint8Array {
  const bytes = Buffer.alloc(36 + 8 + 16 + 8 + 8 + MEMBER.length);
  bytes.write("MSCF", 0, "latin1");
  bytes.writeUInt32LE(bytes.length, 8);
  bytes.writeUInt32LE(44, 16);
  bytes.writeUInt16LE(0x103, 24);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(1, 28);
  bytes.writeUInt32LE(68, 36);
  bytes.writeUInt16LE(1, 40);
  bytes.writeUInt32LE(MEMBER.length, 44);
  bytes.write("one.csv\0", 60, "latin1");
  bytes.writeUInt16LE(MEMBER.length, 72);
  bytes.writeUInt16LE(MEMBER.length, 74);
  bytes.set(MEMBER, 76);
  return new Uint8Array(bytes);
}

/** What a target sends: packets in chunks of odd sizes, then each payload in every meaning it may have. */
function readKdStream(bytes: Uint8Array): unknown {
  const reader = new PacketReader();
  const answers: unknown[] = [];
  for (let at = 0; at < bytes.length; at += 37) {
    for (const packet of reader.push(bytes.subarray(at, at + 37))) {
      if (packet.kind !== "data") continue;
      answers.push(parseStateChange(packet.payload));
      const answer = parseAnswer(packet.payload);
      if (answer !== undefined) answers.push(parseVersion(answer), parseRead(answer, 1024));
    }
  }
  reader.clear();
  return answers;
}

const kdStream = new Uint8Array(
  Buffer.concat([
    controlPacket(PACKET.reset, 0),
    dataPacket(PACKET.stateChange, FIRST_ID, new Uint8Array(240).fill(0x30)),
    dataPacket(PACKET.manipulate, FIRST_ID + 1, versionRequest(0)),
    dataPacket(PACKET.manipulate, FIRST_ID, contextRequest(0)),
    controlPacket(PACKET.acknowledge, FIRST_ID),
  ]),
);

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

export const binaryParsers: readonly FuzzedParser[] = [
  {
    name: "trace",
    weight: 1,
    seeds: [writeLeakScenario(), writeLeakScenario({ compressed: true }), writeLeakScenario({ lossy: true })],
    parse: (bytes) => readPoolTrace(bytesSource(bytes), { isWindowsModule: () => false }),
  },
  {
    name: "driver",
    weight: 1,
    seeds: ["kmdf_pointer.clang-x64", "wrapper.clang-x86", "structures.clang-arm64", "filter.gcc-x64"].map(driver),
    parse: (bytes) => lintDriver(scanDriver(bytes, "fuzzed.sys", tools)),
  },
  {
    name: "pe",
    weight: 32,
    seeds: ["direct.clang-x64", "computed.clang-x86"].map(driver),
    parse: (bytes) => {
      const image = new PeImage(bytes);
      return [readVersion(image), readSignatures(image)];
    },
  },
  {
    name: "pdb-symbols",
    weight: 32,
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
    weight: 32,
    seeds: [compressPlain(plain)],
    parse: (bytes) => decompressXpress(bytes, UNPACKED),
  },
  {
    name: "xpress-huffman-real",
    weight: 16,
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
    weight: 8,
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
  { name: "kd", weight: 32, seeds: [kdStream], parse: readKdStream },
  {
    name: "cabinet",
    weight: 16,
    seeds: [cabinet()],
    parse: (bytes) => {
      const source = bytesSource(bytes);
      return readCabinetFiles(source).map(({ folder }) => [...cabinetBlocks(source, folder)].length);
    },
  },
  {
    name: "zip-directory",
    weight: 16,
    seeds: [zipArchive([["one.csv", MEMBER]], true)],
    parse: (bytes) => {
      const source = bytesSource(bytes);
      return readZipMembers(source).map((member) => zipDataOffset(source, member));
    },
  },
  {
    name: "kernel-lists",
    weight: 32,
    seeds: [new Uint8Array(2048), new Uint8Array(600).fill(1)],
    parse: (bytes) =>
      ([4, 8] as const).map((pointerBytes) => [
        parseModuleList(bytes, pointerBytes),
        parseModuleListEx(bytes, pointerBytes),
        parseObjectTypes(bytes, pointerBytes),
        parseProcessList(bytes, pointerBytes),
      ]),
  },
  {
    name: "tool-text",
    weight: 8,
    seeds: [plain, new Uint8Array(Buffer.from("Process: System  Handles: 12\n  File 3\n"))],
    parse: (bytes) => parseToolText(latin1(bytes)),
  },
  {
    name: "xperf",
    weight: 8,
    seeds: [plain, new Uint8Array(Buffer.from("Tag, Type, AllocSize, Stack\nLeak, NonPaged, 64, a.sys!f\n"))],
    parse: (bytes) => parseXperfPoolReport(latin1(bytes)),
  },
];
