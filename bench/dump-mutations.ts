// 500 mutations of each kind of dump: how often the answer is exact, differs with a named gap, or differs and says nothing of it.
// Bar: no answer differs with certainty 100 %, or without a doubt named that the undamaged file does not have.
// Run: node bench/dump-mutations.ts [mutations of each kind] [seed]

import { answerPoolUse } from "../src/formats/crash-dump/answers.ts";
import { openDump } from "../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../src/formats/crash-dump/source.ts";
import { certaintyOf } from "../src/formats/crash-dump/table-checks.ts";
import { FormatError } from "../src/model/errors.ts";
import { usesOf } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import { hibernationFile } from "../test/build/dump/containers.ts";
import { bitmapDump, elfCore, fullDump, limeImage, rangesDump, rawImage } from "../test/build/dump/files.ts";
import { buildMachine, type Machine } from "../test/build/dump/machine.ts";
import { addObjects } from "../test/build/dump/objects.ts";

const EACH = Number(process.argv[2] ?? 500);
/** Where the changes fall: anywhere, into the headers, into the tag tables. */
const PLACES = ["anywhere", "early", "tables"] as const;

let state = Number(process.argv[3] ?? 1);
/** A number from 0 up to 1; the same run gives the same mutations (mulberry32). */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (limit: number): number => Math.floor(random() * limit);

/** A machine whose object types agree with its tags, so that only the unmade checks are below 100 %. */
function machineWithTypes(): Machine {
  const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64", slots: 512 });
  const blocks = (tag: string): number =>
    ["nonpaged", "paged"].reduce((sum, pool) => {
      const [allocs = 0, frees = 0] = machine.truth.get(`${tag} ${pool}`) ?? [];
      return sum + allocs - frees;
    }, 0);
  const types: [string, string][] = [
    ["Type", "Pool"],
    ["Directory", "MmSt"],
    ["Process", "Proc"],
    ["Thread", "Thre"],
    ["Event", "Even"],
    ["Key", "Ntfx"],
    ["File", "File"],
  ];
  addObjects(machine, {
    build: "19041",
    processes: [{ pid: 4, name: "System", holds: { Even: 3 } }],
    types: types.map(([name, tag]) => [name, tag, blocks(tag), 0]),
    poolSlack: 1.1,
  });
  return machine;
}

interface Answer {
  readonly rows: ReadonlyMap<string, string>;
  readonly certainty: number;
  readonly problems: readonly string[];
}

function answer(bytes: Uint8Array): Answer | undefined {
  try {
    const dump = openDump(bytesSource(bytes));
    const uses = answerPoolUse(dump);
    const rows = usesOf(uses.columns).map(
      (use) => [`${formatTag(use.tag)} ${use.kind}`, [use.allocs, use.frees, use.bytes].join()] as const,
    );
    return {
      rows: new Map(rows),
      certainty: certaintyOf(uses.checks),
      problems: [...dump.problems, ...uses.problems],
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

/** Where the bytes of a page of the tag tables lie in a file: pages are stored as they are in all kinds but hibernation files. */
function tablePlaces(machine: Machine, bytes: Uint8Array): number[] {
  const places: number[] = [];
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const table of machine.cpuTables) {
    for (let page = 0n; page < 8n; page++) {
      const content = machine.memory.map(table + page * 4096n);
      if (content.every((byte) => byte === 0)) continue;
      const at = file.indexOf(content);
      if (at >= 0) places.push(at);
    }
  }
  return places;
}

function mutate(file: Uint8Array, tables: readonly number[], where: (typeof PLACES)[number]): Uint8Array {
  const bytes = file.slice();
  const changes = 1 + below(12);
  for (let change = 0; change < changes; change++) {
    const reach = Math.min(bytes.length, where === "early" ? 0x6000 : bytes.length) - 16;
    const inTable = where === "tables" && tables.length > 0;
    const at = inTable ? (tables[below(tables.length)] ?? 0) + below(4096 - 8) : 8 + below(reach);
    const length = 1 + below(8);
    for (let i = 0; i < length; i++) bytes[at + i] = below(256);
  }
  return bytes;
}

const machine = machineWithTypes();
const kinds: readonly (readonly [string, Uint8Array])[] = [
  ["bitmap", bitmapDump(machine)],
  ["full", fullDump(machine)],
  ["ranges 8", rangesDump(machine, 8)],
  ["ranges A", rangesDump(machine, 10)],
  ["ELF", elfCore(machine)],
  ["LiME", limeImage(machine)],
  ["raw", rawImage(machine)],
  ["hibernation", hibernationFile(machine)],
];
let sure = 0;
let silent = 0;
for (const [kind, file] of kinds) {
  const truth = answer(file);
  if (truth === undefined) throw new Error(`${kind}: the undamaged file is not answered`);
  const tables = tablePlaces(machine, file);
  const count = { refused: 0, exact: 0, named: 0, silent: 0, sure: 0 };
  let slowest = 0;
  const examples: string[] = [];
  for (let run = 0; run < EACH; run++) {
    const bytes = mutate(file, tables, PLACES[run % PLACES.length] ?? "anywhere");
    const before = process.cpuUsage();
    const found = answer(bytes);
    const { user, system } = process.cpuUsage(before);
    slowest = Math.max(slowest, (user + system) / 1e6);
    if (found === undefined) {
      count.refused += 1;
      continue;
    }
    const different = [...new Set([...truth.rows.keys(), ...found.rows.keys()])].filter(
      (key) => truth.rows.get(key) !== found.rows.get(key),
    );
    if (different.length === 0) {
      count.exact += 1;
      continue;
    }
    if (found.certainty >= 0.995) count.sure += 1;
    const isNamed = found.problems.some((problem) => !truth.problems.includes(problem));
    if (isNamed) count.named += 1;
    else {
      count.silent += 1;
      const [key = ""] = different;
      examples.push(
        `${key}: ${truth.rows.get(key)} -> ${found.rows.get(key)} (${(100 * found.certainty).toFixed(0)} %)`,
      );
    }
  }
  sure += count.sure;
  silent += count.silent;
  console.log(
    `${kind}: ${count.refused} refused, ${count.exact} exact, ${count.named} differ with a named gap, ${count.silent} without one, ` +
      `${count.sure} at 100 %; undamaged ${(100 * truth.certainty).toFixed(1)} %; slowest ${slowest.toFixed(2)} s`,
  );
  for (const example of examples.slice(0, 4)) console.log(`  ${example}`);
}
console.log(`${silent} without a named gap, ${sure} at 100 %, of ${EACH * kinds.length}`);
