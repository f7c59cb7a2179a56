// Dumps in other containers: hibernation files, VMware memory with and without its metadata, archives, split files.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { parseVmwareRegions } from "../../src/formats/crash-dump/vmware.ts";
import { readZipMembers } from "../../src/formats/zip.ts";
import { FormatError } from "../../src/model/errors.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { cabinetArchive, hibernationFile, vmwareMemory, zipArchive } from "../build/dump/containers.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine, type Machine } from "../build/dump/machine.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-containers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64", debuggerData: false });

function expectTruth(source: Parameters<typeof openDump>[0], of: Machine, kind: string): readonly string[] {
  const dump = openDump(source);
  expect(dump.container.kind).toBe(kind);
  const rows = usesOf(answerPoolUse(dump).columns);
  expect(new Map(rows.map((use) => [`${formatTag(use.tag)} ${use.kind}`, [use.allocs, use.frees, use.bytes]]))).toEqual(
    of.truth,
  );
  return dump.problems;
}

describe("hibernation files", () => {
  test.each(["plain", "huffman", "stored", undefined] as const)("pieces that are %s", (form) => {
    const file = hibernationFile(machine, form === undefined ? {} : { form });
    expect(expectTruth(bytesSource(file), machine, "hibernation")).toEqual([]);
  });

  test("one that was resumed from says so", () => {
    const problems = expectTruth(bytesSource(hibernationFile(machine, { sign: "WAKE" })), machine, "hibernation");
    expect(problems[0]).toContain("was resumed from");
  });

  test("an unknown form and an emptied file are refused by name", () => {
    expect(() => openDump(bytesSource(hibernationFile(machine, { length: 0x111 })))).toThrow(/form not known here/);
    const empty = hibernationFile(machine).fill(0, 0x58, 0x300);
    expect(() => openDump(bytesSource(empty))).toThrow(/holds no pages/);
  });

  test("cut off or damaged anywhere: what is missing is counted, or a FormatError", () => {
    const file = hibernationFile(machine);
    const cut = openDump(bytesSource(file.subarray(0, file.length - 5000)));
    expect(cut.problems.join()).toMatch(/kernel set of the hibernation file .* pages are missing/);
    fc.assert(
      fc.property(fc.nat(file.length - 9), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, noise) => {
        const bytes = file.slice();
        bytes.set(noise, at);
        try {
          answerPoolUse(openDump(bytesSource(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("VMware memory", () => {
  // The first pages lie below the hole, everything that is mapped with large pages above 4 GiB.
  const split = buildMachine({
    kind: "x64",
    tagRecipe: "B64",
    bigRecipe: "ten-64",
    debuggerData: false,
    placement: { distance: 0x40, firstLarge: 0x10_0000 },
  });
  const { vmem, vmsn } = vmwareMemory(split, 0x4000);

  test("the .vmsn beside the .vmem says where memory lies; without it the file is no readable image", async () => {
    const path = join(folder, "lab.vmem");
    writeFileSync(path, vmem);
    expect(() => expectTruth(bytesSource(vmem), split, "raw")).toThrow();
    writeFileSync(join(folder, "lab.vmsn"), vmsn);
    const file = await openDumpFile(path);
    expectTruth(file.bytes, split, "vmware");
    file.close();
  });

  test.each([0x8000_0000, 0xc000_0000])(
    "without metadata a hole from 0x%i to 4 GiB is told by the kernel's pages",
    (hole) => {
      // Three GiB and more, of which only the machine's pages are there.
      const high = 2 ** 20;
      const pages = new Map(
        [...split.memory.pages].map(([n, page]) => [n < high ? n : hole / 4096 + n - high, page] as const),
      );
      // Memory ends with the last large page, not in it.
      const size = Math.ceil((Math.max(...pages.keys()) + 1) / 512) * 512 * 4096;
      const read = (offset: number, length: number): Uint8Array => {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
        for (let done = 0; done < bytes.length;) {
          const inPage = (offset + done) % 4096;
          const part = Math.min(4096 - inPage, bytes.length - done);
          const page = pages.get(Math.floor((offset + done) / 4096));
          if (page !== undefined) bytes.set(page.subarray(inPage, inPage + part), done);
          done += part;
        }
        return bytes;
      };
      const problems = expectTruth({ size, read }, split, "raw");
      expect(problems).toEqual([
        `its memory has a hole from 0x${hole.toString(16)} to 4 GiB, told by where the kernel's pages lie`,
      ]);
    },
  );

  test("damaged metadata: regions or nothing", () => {
    fc.assert(
      fc.property(fc.nat(vmsn.length - 5), fc.uint8Array({ minLength: 1, maxLength: 4 }), (at, noise) => {
        const bytes = vmsn.slice();
        bytes.set(noise, at);
        expect(parseVmwareRegions(bytesSource(bytes))?.length ?? 0).toBeLessThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
  });

  test("the metadata itself is refused by name", () => {
    const padded = new Uint8Array(0x20000);
    padded.set(vmsn);
    expect(() => openDump(bytesSource(padded))).toThrow(/name the .vmem beside it/);
  });
});

describe("archives and parts", () => {
  const dump = bitmapDump(machine);
  const put = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  test.each([
    [
      "a.zip",
      zipArchive([
        ["readme.txt", new Uint8Array(10)],
        ["MEMORY.DMP", dump],
      ]),
    ],
    ["stored.zip", zipArchive([["MEMORY.DMP", dump]], true)],
    [
      "a.cab",
      cabinetArchive([
        ["readme.txt", new Uint8Array(40_000).fill(65)],
        ["MEMORY.DMP", dump],
      ]),
    ],
    ["stored.cab", cabinetArchive([["MEMORY.DMP", dump]], true)],
    ["a.dmp.zst", zstdCompressSync(dump)],
    ["a.dmp.gz", gzipSync(dump)],
  ])("%s", async (name, bytes) => {
    const file = await openDumpFile(put(name, bytes));
    expectTruth(file.bytes, machine, "bitmap");
    file.close();
  });

  test("a split file is read as one", async () => {
    const half = Math.floor(dump.length / 3);
    put("b.dmp.001", dump.subarray(0, half));
    put("b.dmp.002", dump.subarray(half, 2 * half));
    put("b.dmp.003", dump.subarray(2 * half));
    const file = await openDumpFile(join(folder, "b.dmp.001"));
    expectTruth(file.bytes, machine, "bitmap");
    file.close();
  });

  test("more than fits into memory goes through a temporary file, which is gone afterwards", async () => {
    const large = Buffer.alloc(80 * 2 ** 20, 7);
    dump.forEach((byte, i) => (large[i] = byte));
    const own = mkdtempSync(join(folder, "tmp-"));
    // What os.tmpdir() reads, on each system.
    vi.stubEnv("TMPDIR", own);
    vi.stubEnv("TEMP", own);
    const file = await openDumpFile(put("large.zip", zipArchive([["MEMORY.DMP", large]])));
    expect(readdirSync(own).length).toBe(1);
    expectTruth(file.bytes, machine, "bitmap");
    expect(file.bytes.read(70 * 2 ** 20, 3)).toEqual(new Uint8Array([7, 7, 7]));
    file.close();
    expect(readdirSync(own)).toEqual([]);
    vi.unstubAllEnvs();
  });

  test("a cabinet that is cut, damaged, one of a set or of another method: one clear error", async () => {
    const whole = cabinetArchive([["MEMORY.DMP", dump]]);
    const changed = (at: number, value: number): Uint8Array => {
      const bytes = Uint8Array.from(whole);
      bytes[at] = value;
      return bytes;
    };
    const cut = whole.subarray(0, whole.length - 30);
    await expect(openDumpFile(put("cut.cab", cut))).rejects.toThrow(/damaged or end early/);
    await expect(openDumpFile(put("head.cab", whole.subarray(0, 50)))).rejects.toThrow(/ends early/);
    await expect(openDumpFile(put("set.cab", changed(30, 2)))).rejects.toThrow(/one of a set/);
    await expect(openDumpFile(put("lzx.cab", changed(42, 3)))).rejects.toThrow(/not MSZIP/);
    const first = 36 + 8 + 16 + 11;
    // A checksum that is told and wrong; a block that does not begin with its mark.
    await expect(openDumpFile(put("sum.cab", changed(first, 1)))).rejects.toThrow(/damaged or end early/);
    await expect(openDumpFile(put("mark.cab", changed(first + 8, 0)))).rejects.toThrow(/damaged or end early/);
  });

  test("a cut archive, an empty one, a damaged member: one clear error", async () => {
    const whole = zipArchive([["MEMORY.DMP", dump]]);
    await expect(openDumpFile(put("cut.zip", whole.subarray(0, whole.length - 30)))).rejects.toThrow(/directory/);
    await expect(openDumpFile(put("empty.zip", zipArchive([["a", new Uint8Array(0)]])))).rejects.toThrow(/empty/);
    const damaged = whole.slice().fill(0xff, 100, 4000);
    await expect(openDumpFile(put("damaged.zip", damaged))).rejects.toThrow(/damaged or end early/);
    fc.assert(
      fc.property(fc.nat(200), fc.uint8Array({ minLength: 1, maxLength: 6 }), (back, noise) => {
        const bytes = whole.slice();
        bytes.set(noise, Math.max(0, bytes.length - 8 - back));
        try {
          readZipMembers(bytesSource(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

test.each([
  ["\xfd7zXZ\0", /xz file/],
  ["BZh9", /bzip2/],
  ["\x14\x20\x28\x01", /Hyper-V/],
  ["\x7fVirtualBox SavedState V2", /dumpvmcore/],
  ["LibvirtQemudSave", /virsh dump --memory-only/],
  ["KDUMP   ", /without compression/],
  ["EVF\t\r\n\xff\0", /EWF/],
])("%j is named, with the way to a readable file", (sign, message) => {
  const bytes = new Uint8Array(0x20000);
  bytes.set(Uint8Array.from(sign, (char) => char.charCodeAt(0)));
  expect(() => openDump(bytesSource(bytes))).toThrow(message);
});
