// 500 mutations of each kind of dump and a tenth of that of each named kind of damage: how often the answer is exact, differs with
// a named gap, or differs and says nothing of it; as `used` answers, and as `used --recount` does.
// Bar: no answer differs with certainty 100 %, or without a doubt named that the undamaged file does not have.
// Run: node bench/dump-mutations.ts [mutations of each kind] [seed]

import { answerPoolUse, recountPoolUse } from "../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../src/formats/crash-dump/dump.ts";
import type { TagUses } from "../src/formats/crash-dump/read-tag-table.ts";
import { bytesSource } from "../src/formats/crash-dump/source.ts";
import { certaintyOf } from "../src/formats/crash-dump/table-checks.ts";
import { FormatError } from "../src/model/errors.ts";
import { usesOf } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import { avmlImage } from "../test/build/dump/avml.ts";
import { hibernationFile } from "../test/build/dump/containers.ts";
import { DAMAGE } from "../test/build/dump/damage.ts";
import { damaged, machineForDamage } from "../test/build/dump/damaged.ts";
import { bitmapDump, elfCore, fullDump, limeImage, rangesDump, rawImage } from "../test/build/dump/files.ts";
import type { Machine } from "../test/build/dump/machine.ts";

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

interface Answer {
  readonly rows: ReadonlyMap<string, string>;
  readonly certainty: number;
  readonly problems: readonly string[];
}

/** As `used` answers, and as `used --recount` does; undefined where the dump is refused. */
function answers(bytes: Uint8Array): readonly [Answer, Answer] | undefined {
  try {
    const dump = openDump(bytesSource(bytes));
    const uses = answerPoolUse(dump);
    const recounted = recountPoolUse(dump, uses, { pages: 0, notInDump: 0, exhausted: false });
    return [toAnswer(dump, uses), toAnswer(dump, recounted)];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

function toAnswer(dump: Dump, uses: TagUses): Answer {
  const rows = usesOf(uses.columns).map(
    (use) => [`${formatTag(use.tag)} ${use.kind}`, [use.allocs, use.frees, use.bytes].join()] as const,
  );
  return { rows: new Map(rows), certainty: certaintyOf(uses.checks), problems: [...dump.problems, ...uses.problems] };
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

interface Counts {
  exact: number;
  named: number;
  silent: number;
  sure: number;
  readonly examples: string[];
}

const counts = (): Counts => ({ exact: 0, named: 0, silent: 0, sure: 0, examples: [] });

/** Enters one answer; `what` names the damage in the example. */
function enter(count: Counts, truth: Answer, found: Answer, what: string): void {
  const different = [...new Set([...truth.rows.keys(), ...found.rows.keys()])].filter(
    (key) => truth.rows.get(key) !== found.rows.get(key),
  );
  if (different.length === 0) {
    count.exact += 1;
    return;
  }
  if (found.certainty >= 0.995) count.sure += 1;
  if (found.problems.some((problem) => !truth.problems.includes(problem))) {
    count.named += 1;
    return;
  }
  count.silent += 1;
  const [key = ""] = different;
  count.examples.push(
    `${what}${key}: ${truth.rows.get(key)} -> ${found.rows.get(key)} (${(100 * found.certainty).toFixed(0)} %)`,
  );
}

const total = [counts(), counts()] as const;
let slowest = 0;
let files = 0;

/** Answers `runs` damaged files of one kind and prints what came of them. */
function measure(
  kind: string,
  whole: Uint8Array,
  runs: number,
  damagedFile: (run: number) => readonly [string, Uint8Array],
): void {
  const truth = answers(whole);
  if (truth === undefined) throw new Error(`${kind}: the undamaged file is not answered`);
  const own = [counts(), counts()] as const;
  let refused = 0;
  let slowestOfKind = 0;
  for (let run = 0; run < runs; run++) {
    const [what, bytes] = damagedFile(run);
    const before = process.cpuUsage();
    const found = answers(bytes);
    const { user, system } = process.cpuUsage(before);
    slowestOfKind = Math.max(slowestOfKind, (user + system) / 1e6);
    if (found === undefined) refused += 1;
    else found.forEach((each, i) => enter(own[i === 0 ? 0 : 1], truth[i === 0 ? 0 : 1], each, what));
  }
  const text = ({ exact, named, silent, sure }: Counts): string =>
    `${exact} exact, ${named} differ with a named gap, ${silent} without one, ${sure} at 100 %`;
  console.log(
    `${kind}: ${refused} of ${runs} refused; used: ${text(own[0])}; --recount: ${text(own[1])}; slowest ${slowestOfKind.toFixed(2)} s`,
  );
  for (const example of [...own[0].examples.slice(0, 3), ...own[1].examples.slice(0, 3)]) console.log(`  ${example}`);
  own.forEach((each, i) => {
    const sum = total[i === 0 ? 0 : 1];
    sum.silent += each.silent;
    sum.sure += each.sure;
  });
  slowest = Math.max(slowest, slowestOfKind);
  files += runs;
}

const machine = machineForDamage();
const kinds: readonly (readonly [string, Uint8Array])[] = [
  ["bitmap", bitmapDump(machine)],
  ["full", fullDump(machine)],
  ["ranges 8", rangesDump(machine, 8)],
  ["ranges A", rangesDump(machine, 10)],
  ["ELF", elfCore(machine)],
  ["LiME", limeImage(machine)],
  ["AVML", avmlImage(machine)],
  ["raw", rawImage(machine)],
  ["hibernation", hibernationFile(machine)],
];
for (const [kind, file] of kinds) {
  const tables = tablePlaces(machine, file);
  measure(kind, file, EACH, (run) => ["", mutate(file, tables, PLACES[run % PLACES.length] ?? "anywhere")]);
}
const seeds = Math.ceil(EACH / 10);
measure(`${DAMAGE.length} named kinds of damage`, bitmapDump(machine), DAMAGE.length * seeds, (run) => {
  const damage = DAMAGE[run % DAMAGE.length];
  if (damage === undefined) throw new Error("no damage");
  return [`${damage.name}: `, damaged(damage, Number(process.argv[3] ?? 1) * 1000 + run)];
});
console.log(
  `${files} files: used: ${total[0].silent} without a named gap, ${total[0].sure} at 100 %; ` +
    `--recount: ${total[1].silent} without a named gap, ${total[1].sure} at 100 %; slowest ${slowest.toFixed(2)} s of CPU`,
);
