// One page of the tag table replaced by something else, in each position: the answer is exact, or it says that it is not.

import { describe, expect, test } from "vitest";
import { AddressSpace } from "../../src/formats/crash-dump/address-space.ts";
import { answerPoolUse, poolUseOf } from "../../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../src/formats/crash-dump/dump.ts";
import { PhysicalMemory } from "../../src/formats/crash-dump/physical.ts";
import { bytesSource, type ByteSource } from "../../src/formats/crash-dump/source.ts";
import { certaintyOf } from "../../src/formats/crash-dump/table-checks.ts";
import { FormatError } from "../../src/model/errors.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine, type MachineOptions } from "../build/dump/machine.ts";
import { imagePath, sampleMissing } from "./nt-kernel.ts";

const PAGE = 4096;
const text = Uint8Array.from({ length: PAGE }, (_, i) => "Lorem ipsum dolor sit amet, ".charCodeAt(i % 28));
const ones = new Uint8Array(PAGE).fill(0xff);
const counting = Uint8Array.from({ length: PAGE }, (_, i) => (i * 7919) >>> 3);

/** A file with one page of it replaced. */
function patched(source: ByteSource, offset: number, page: Uint8Array): ByteSource {
  return {
    size: source.size,
    read: (at, length) => {
      const bytes = source.read(at, length).slice();
      for (let i = Math.max(0, offset - at); i < Math.min(length, offset + PAGE - at); i++) {
        bytes[i] = page[at + i - offset] ?? 0;
      }
      return bytes;
    },
  };
}

/** The kernel is looked for once; the tables are read anew through the damaged file. */
function figures(
  dump: Dump,
  source: ByteSource,
): { rows: Map<string, string>; certainty: number; problems: readonly string[] } {
  const { memory, container, system } = dump;
  if (memory === undefined || container.map === undefined) throw new Error("no memory");
  const physical = new PhysicalMemory(source, container.map);
  const space = new AddressSpace(physical, memory.space.paging, memory.space.root);
  const uses = poolUseOf({ ...memory, space }, { cpus: system.cpus, physicalBytes: container.map.endPage * PAGE });
  const rows = usesOf(uses.columns).map(
    (use) => [`${formatTag(use.tag)} ${use.kind}`, [use.allocs, use.frees, use.bytes].join()] as const,
  );
  return { rows: new Map(rows), certainty: certaintyOf(uses.checks), problems: uses.problems };
}

/** Replaces each page of each CPU's table in turn. */
function damageEach(source: ByteSource): void {
  const dump = openDump(source);
  const { memory } = dump;
  if (memory === undefined) throw new Error("no memory");
  const truth = figures(dump, source);
  const { table, cpuTables } = answerPoolUse(dump);
  const pages = Math.ceil(((table.slots + 1) * table.layout.stride) / PAGE);
  const offsetOf = (address: bigint): number => {
    const where = memory.space.translate(address);
    const offset = where.state === "present" ? memory.space.memory.map.locate(where.physical / PAGE) : undefined;
    if (offset === undefined) throw new Error("not there");
    return offset;
  };
  for (const address of [table.address, ...cpuTables.map((each) => each.address)]) {
    const kernel = source.read(offsetOf(memory.kernel.moduleList & ~0xfffn), PAGE);
    const pageAt = (page: number): number => offsetOf(address + BigInt(page * PAGE));
    for (let page = 0; page < pages; page++) {
      const other = source.read(pageAt((page + Math.ceil(pages / 2)) % pages), PAGE);
      for (const [name, bytes] of Object.entries({
        text,
        zeros: new Uint8Array(PAGE),
        other,
        kernel,
        ones,
        counting,
      })) {
        const where = `${name} in page ${page} of the table at ${address.toString(16)}`;
        let found: ReturnType<typeof figures>;
        try {
          found = figures(dump, patched(source, pageAt(page), bytes));
        } catch (error) {
          expect(error, where).toBeInstanceOf(FormatError);
          continue;
        }
        const isExact =
          found.rows.size === truth.rows.size && [...truth.rows].every(([k, v]) => found.rows.get(k) === v);
        if (isExact) continue;
        expect(found.certainty, where).toBeLessThan(truth.certainty);
        expect(found.problems.length, where).toBeGreaterThan(truth.problems.length);
        // What is said is true or missing, except of tags whose page was replaced: no row is made up.
        for (const key of found.rows.keys()) expect(truth.rows.has(key), `${where}: ${key}`).toBe(true);
      }
    }
  }
}

describe.skipIf(sampleMissing !== undefined)("on the memory of a real kernel", () => {
  test.each(["x64", "x86"] as const)("%s", async (name) => {
    const file = await openDumpFile(imagePath(name));
    damageEach(file.bytes);
    file.close();
  });
});

describe("on a made-up machine", () => {
  const cases: MachineOptions[] = [
    { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64", cpus: 2, slots: 1024, tags: 350 },
    { kind: "x64", tagRecipe: "C64", bigRecipe: "new-64", cpus: 1, slots: 1024, tags: 500, debuggerData: false },
    { kind: "x86-pae", tagRecipe: "A32", bigRecipe: "vista-32", cpus: 2, slots: 1024, tags: 300 },
  ];
  test.each(cases)("$kind $tagRecipe, $cpus CPUs, $tags tags", (options) => {
    damageEach(bytesSource(bitmapDump(buildMachine(options))));
  });
});

test("certainty is below one while a check was not made", () => {
  const uses = answerPoolUse(openDump(bytesSource(bitmapDump(buildMachine(cases1)))));
  const unmade = uses.checks.filter((each) => each.state === "not-made").map((each) => each.name);
  // 120 tags on 7 pages: enough to see an emptied page.
  expect(unmade).toEqual(["pool-total", "object-types", "figures"]);
  const sparse = answerPoolUse(openDump(bytesSource(bitmapDump(buildMachine({ ...cases1, slots: 4096 })))));
  expect(sparse.checks.filter((each) => each.state === "not-made").map((each) => each.name)).toEqual([
    "pages",
    "pool-total",
    "object-types",
    "figures",
  ]);
  expect(certaintyOf(sparse.checks)).toBeLessThan(1);
});

const cases1: MachineOptions = { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" };

describe("one figure of one row, which no other row contradicts", () => {
  // Row of CPU 0 in the B64 form: key, then nonpaged allocations, frees and bytes, 8 bytes each from 8 on.
  const leakRow = (bytes: Uint8Array, stride: number): number => {
    for (let at = 0; at < 512 * stride; at += stride) {
      if (String.fromCharCode(...bytes.subarray(at, at + 4)) === "Leak") return at;
    }
    throw new Error("no row");
  };
  const withLeak = (change: (row: DataView) => void): ReturnType<typeof answerPoolUse> => {
    const machine = buildMachine({ ...cases1, cpus: 1 });
    const whole = answerPoolUse(openDump(bytesSource(bitmapDump(machine))));
    const { stride, nonpaged } = whole.table.layout;
    expect(nonpaged.bytes).toBeGreaterThan(0);
    const table = new Uint8Array(513 * stride);
    for (let at = 0; at < table.length; at += PAGE) {
      const page = machine.memory.map(machine.trackTable + BigInt(at));
      table.set(page.subarray(0, Math.min(PAGE, table.length - at)), at);
    }
    const at = leakRow(table, stride);
    change(new DataView(table.buffer, at, stride));
    machine.memory.put(machine.trackTable, table);
    return answerPoolUse(openDump(bytesSource(bitmapDump(machine))));
  };
  const { nonpaged } = answerPoolUse(openDump(bytesSource(bitmapDump(buildMachine(cases1))))).table.layout;

  test("untouched, no row is doubted", () => {
    const uses = withLeak(() => undefined);
    expect(uses.problems).toEqual([]);
    expect(uses.checks.find((each) => each.name === "rows")?.state).toBe("passed");
  });

  test("more blocks than its bytes can hold", () => {
    const uses = withLeak((row) => row.setUint8(nonpaged.allocs + 1, 0x7f));
    expect(uses.problems).toEqual([expect.stringContaining("(16 each) and are doubted: Leak")]);
    expect(uses.checks.find((each) => each.name === "rows")).toMatchObject({ state: "failed" });
  });

  test("more bytes than the list of large allocations and a page for each block can make", () => {
    const uses = withLeak((row) => row.setUint8(nonpaged.bytes + 2, 0x20));
    expect(uses.problems).toEqual([expect.stringMatching(/list of large allocations .* and are doubted: Leak$/)]);
    expect(uses.checks.find((each) => each.name === "rows")).toMatchObject({ state: "failed" });
  });

  test("more allocations than the time since start has room for", () => {
    const uses = withLeak((row) => {
      row.setUint8(nonpaged.allocs + 4, 0x7f);
      row.setUint8(nonpaged.frees + 4, 0x7f);
    });
    expect(uses.problems).toEqual([expect.stringMatching(/than can be made in the time since start.*: Leak$/)]);
    expect(uses.checks.find((each) => each.name === "rows")).toMatchObject({ state: "failed" });
  });

  test("bytes that are no multiple of what all blocks are", () => {
    const uses = withLeak((row) => row.setUint8(nonpaged.bytes, 0x57));
    expect(uses.problems).toEqual([expect.stringMatching(/bytes of 1 rows are no multiple of 16.*: Leak$/)]);
    expect(uses.checks.find((each) => each.name === "rows")).toMatchObject({ state: "failed" });
  });

  test("a count that breaks no rule: certainty is below one and says what was compared with nothing", () => {
    const uses = withLeak((row) => row.setBigUint64(nonpaged.frees, row.getBigUint64(nonpaged.frees, true) + 1n, true));
    expect(uses.problems).toEqual([]);
    expect(uses.checks.at(-1)).toEqual({ name: "figures", state: "not-made", share: 0.98 });
    expect(certaintyOf(uses.checks)).toBeLessThan(1);
  });
});
