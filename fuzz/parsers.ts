// What the campaign feeds: every parser of bytes or text, each with a few whole inputs to start from.

import { openDump } from "../src/formats/crash-dump/dump.ts";
import { answerBigPages, answerModules, answerPoolUse } from "../src/formats/crash-dump/answers.ts";
import { bytesSource } from "../src/formats/crash-dump/source.ts";
import { parsePoolTagAnswer } from "../src/formats/class22.ts";
import { collectorFormat } from "../src/formats/collector.ts";
import { csvFormat } from "../src/formats/csv.ts";
import { readDate } from "../src/formats/date-text.ts";
import { poolusedFormat } from "../src/formats/debugger/session.ts";
import { repairText } from "../src/formats/paste/repair.ts";
import { parsePdb } from "../src/formats/pdb/pdb.ts";
import { poolmonFormat } from "../src/formats/poolmon.ts";
import { parsePoolTagFile } from "../src/formats/pooltag-file.ts";
import { parseSnapshotLine } from "../src/formats/snapshot-lines.ts";
import { parseText } from "../src/formats/text-format.test-support.ts";
import type { TextFormat } from "../src/formats/text-format.ts";
import { decompressXpressHuffman } from "../src/formats/xpress/huffman.ts";
import { decompressXpress } from "../src/formats/xpress/plain.ts";
import { compileTagPattern, parseTag } from "../src/model/tag.ts";
import { parseBytes, parseDuration } from "../src/model/units.ts";
import { decodeRows, noRows } from "../src/store/rows.ts";
import { binaryParsers } from "./binary-parsers.ts";
import type { FuzzedParser } from "./fuzzed-parser.ts";
import { bitmapDump, fullDump, triageDump } from "../test/build/dump/files.ts";
import { buildMachine } from "../test/build/dump/machine.ts";

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const bytesOf = (...lines: readonly string[]): Uint8Array => new Uint8Array(Buffer.from(lines.join("\n"), "latin1"));

function text(name: string, format: TextFormat, ...seeds: readonly Uint8Array[]): FuzzedParser {
  return {
    name,
    weight: 8,
    seeds,
    parse: (bytes) => (format.isFormat(latin1(bytes)), parseText(format, latin1(bytes))),
  };
}

const POOLMON = bytesOf(
  " Memory:16776176K Avail:11534336K  PageFlts: 40404   InRam Krnl:12345K P:234567K",
  " Commit:9437184K Limit:33552384K Peak:12582912K            Pool N:516096K P:834560K",
  " Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc",
  "",
  " Leak Nonp       1200 (  10)       200 (   0)     1000    64000 (  640)     64",
  " Ea=+ Paged        15 (   0)         1 (   0)       14     4096 (    0)    292  [win32k.sys]",
  "===== 2026-11-20 10:00:00 =====",
  " Leak Nonp       1300 ( 100)       200 (   0)     1100    70400 ( 6400)     64",
);
const POOLUSED = bytesOf(
  "   Sorting by  NonPaged Pool Consumed",
  "               NonPaged                  Paged",
  " Tag     Allocs         Used     Allocs         Used",
  " Leak      1000        64000          0            0\tUNKNOWN pooltag 'Leak', please update pooltag.txt",
  " MmSt         0            0       3000      9000000\tMm section object prototype ptes , Binary: nt!mm",
  "TOTAL      1000        64000       3000      9000000",
);
const CSV = bytesOf(
  "time,tag,type,allocs,frees,outstanding,bytes,driver",
  '2026-11-20T10:00:00Z,Leak,Nonp,1200,200,1000,64000,"a ""b"".sys"',
  "1767225600,Ea=+,Paged,15,1,14,4096,",
);
const COLLECTOR = bytesOf(
  "# poolscope collector 1",
  "time 1767225600000",
  "Leak 1200 200 64000 0 0 0",
  "Ease 1 1 0 15 1 4096",
);
const POOLTAG = bytesOf(
  "rem a list",
  "Leak - leak.sys   - something that leaks",
  "Ea** - nt!ex - Ease",
  "<unknown> - [a b, c.sys]",
);
const LINE = bytesOf(
  '{"time":1767225600000,"origin":{"source":"csv","timeBasis":"measured"},"rows":[["Leak","nonpaged",12,2,640]]}',
);

function class22(): Uint8Array {
  const bytes = new Uint8Array(8 + 40 * 3);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 3, true);
  for (let i = 0; i < 3; i++) {
    view.setUint32(8 + 40 * i, 0x6b61654c + i, true);
    view.setUint32(12 + 40 * i, 15, true);
    view.setUint32(16 + 40 * i, 5, true);
    view.setUint32(24 + 40 * i, 640, true);
  }
  return bytes;
}

const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });

export const parsers: readonly FuzzedParser[] = [
  text("poolmon", poolmonFormat, POOLMON),
  text("poolused", poolusedFormat, POOLUSED),
  text("csv", csvFormat, CSV),
  text("collector", collectorFormat, COLLECTOR),
  { name: "pooltag", weight: 32, seeds: [POOLTAG], parse: (bytes) => parsePoolTagFile(bytes, "fuzzed") },
  { name: "snapshot-line", weight: 32, seeds: [LINE], parse: (bytes) => parseSnapshotLine(latin1(bytes)) },
  { name: "paste", weight: 8, seeds: [POOLMON, POOLUSED], parse: (bytes) => repairText(latin1(bytes)) },
  {
    name: "words",
    weight: 32,
    seeds: [bytesOf("20.11.2026 10:00:00"), bytesOf("1h30m 64KiB \\x41ea? ***"), bytesOf("Nov 20, 2026 10:00 PM")],
    parse: (bytes) => {
      const word = latin1(bytes).slice(0, 200);
      return [
        readDate(word),
        parseBytes(word),
        parseDuration(word),
        parseTag(word),
        compileTagPattern(word)(0x6b61654c),
      ];
    },
  },
  { name: "class22", weight: 32, seeds: [class22()], parse: (bytes) => parsePoolTagAnswer(bytes) },
  {
    name: "xpress",
    weight: 32,
    seeds: [bytesOf("abcabcabcabcabc")],
    parse: (bytes) => decompressXpress(bytes, 65_536),
  },
  {
    name: "xpress-huffman",
    weight: 16,
    seeds: [new Uint8Array(300).fill(0x88)],
    parse: (bytes) => decompressXpressHuffman(bytes, 65_536),
  },
  {
    name: "rows",
    weight: 32,
    seeds: [new Uint8Array([1, 0x21, 0x43, 0x65, 0, 0, 0, 0])],
    parse: (bytes) => decodeRows(bytes, noRows(), 64, { tag: [1, 2, 3], kind: [0, 1, 0] }),
  },
  {
    name: "pdb",
    weight: 16,
    seeds: [bytesOf("Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0", "\0\x02\0\0\x02\0\0\0\x09\0\0\0\x30\0\0\0")],
    parse: (bytes) => parsePdb(bytes),
  },
  {
    name: "crash-dump",
    weight: 1,
    seeds: [fullDump(machine), bitmapDump(machine), triageDump(machine)],
    parse: (bytes) => {
      const dump = openDump(bytesSource(bytes));
      return [answerPoolUse(dump), answerBigPages(dump), answerModules(dump)];
    },
  },
  ...binaryParsers,
];
