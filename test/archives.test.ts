// Archives are read as folders, within limits; what cannot be read is named with what to do.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { packTar } from "modern-tar";
import { afterAll, expect, test } from "vitest";
import { isKnownError } from "../src/model/errors.ts";
import { openSources } from "../src/sources/open.ts";
import { crc32 } from "node:zlib";

const folder = mkdtempSync(join(tmpdir(), "poolscope-archives-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface File {
  readonly name: string;
  readonly text: string | Uint8Array;
  readonly method?: number;
  readonly flags?: number;
}

/** A zip by hand, after APPNOTE.TXT 4.3: local headers, directory, end. */
function zip(files: readonly File[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, method = 8, flags = 0 } of files) {
    const plain = Buffer.from(text);
    const data = method === 8 ? deflateRawSync(plain) : plain;
    const title = Buffer.from(name);
    const head = (mark: number, made: number[]): Buffer => {
      const bytes = Buffer.alloc(28 + made.length * 2);
      bytes.writeUInt32LE(mark);
      made.forEach((value, i) => bytes.writeUInt16LE(value, 4 + 2 * i));
      const at = 4 + 2 * made.length;
      [flags, method, 0x6000, 0x5a21].forEach((value, i) => bytes.writeUInt16LE(value, at + 2 * i));
      bytes.writeUInt32LE(crc32(plain), at + 8);
      bytes.writeUInt32LE(data.length, at + 12);
      bytes.writeUInt32LE(plain.length, at + 16);
      bytes.writeUInt16LE(title.length, at + 20);
      return bytes;
    };
    const local = Buffer.concat([head(0x04034b50, [20]), title, data]);
    const extra = Buffer.alloc(14);
    extra.writeUInt32LE(offset, 10);
    directory.push(head(0x02014b50, [20, 20]), extra, title);
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}

const log = (i: number): File => ({
  name: `srv/pool_0${i + 1}.03.2026_0600.txt`,
  text: ` Tag  Type     Allocs            Frees            Diff   Bytes      Per Alloc\r\n AcmQ Nonp     ${1000 + i} (   1)       0 (   0)     ${1000 + i} ${(1000 + i) * 64} (   64)     64\r\n`,
});
const logs = [0, 1, 2].map(log);

async function read(name: string, bytes: Uint8Array): Promise<{ snapshots: number; gaps: string[] }> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const timeline = await openSources([path]);
  let snapshots = 0;
  for await (const _ of timeline.snapshots()) snapshots += 1;
  return { snapshots, gaps: timeline.gaps.map(({ where, problem }) => `${where.slice(path.length + 1)}: ${problem}`) };
}

const tar = async (): Promise<Uint8Array> =>
  await packTar(logs.map(({ name, text }) => ({ header: { name, size: text.length }, body: text })));

test("zip, tar, and each packed once more, are folders", async () => {
  const packed = await tar();
  for (const [name, bytes] of [
    ["a.zip", zip(logs)],
    ["a.tar", packed],
    ["a.tgz", gzipSync(packed)],
    ["a.tar.zst", zstdCompressSync(packed)],
    ["a.tar.br", brotliCompressSync(packed)],
    ["stored.zip", zip(logs.map((each) => ({ ...each, method: 0 })))],
  ] as const) {
    expect(await read(name, bytes), name).toEqual({ snapshots: 3, gaps: [] });
  }
});

test("one packed file is that file", async () => {
  const text = Buffer.from(logs[0]?.text ?? "");
  for (const [name, bytes] of [
    ["one.zst", zstdCompressSync(text)],
    ["one.txt.br", brotliCompressSync(text)],
    ["one.gz", gzipSync(text)],
  ] as const) {
    expect((await read(name, bytes)).snapshots, name).toBe(1);
  }
});

test("what is not read is said by name, and the rest is", async () => {
  const inner = zip(logs);
  const found = await read(
    "mixed.zip",
    zip([
      ...logs,
      { name: "in.zip", text: inner },
      { name: "x.bin", text: "\0\0\0" },
      { name: "secret.txt", text: "a", flags: 1 },
      { name: "big.txt", text: "a", method: 9 },
    ]),
  );
  expect(found.snapshots).toBe(3);
  expect(found.gaps.join("\n")).toMatch(/in\.zip: .*archive within an archive/);
  expect(found.gaps.join("\n")).toMatch(/secret\.txt: .*encrypted/);
  expect(found.gaps.join("\n")).toMatch(/big\.txt: .*not deflate/);
  expect(found.gaps.join("\n")).toMatch(/x\.bin/);
});

test.each([
  ["bomb.zip", () => zip([{ name: "a.txt", text: Buffer.alloc(64 * 2 ** 20) }]), /damaged or hostile/],
  [
    "many.zip",
    () => zip(Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}.txt`, text: "x", method: 0 }))),
    /more than 10000 files/,
  ],
  ["empty.zip", () => zip([]), /no file in it/],
  ["cut.zip", () => zip(logs).subarray(0, 90), /damaged or ends early/],
] as const)("%s is refused in one line", async (name, make, words) => {
  const error: unknown = await read(name, make()).catch((caught: unknown) => caught);
  expect(isKnownError(error)).toBe(true);
  expect(String(error)).toMatch(words);
});

test("any damage to a zip ends in a typed error or in what is whole", async () => {
  const whole = zip(logs);
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, flip, cut) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        number += 1;
        try {
          await read(`damaged-${number}.zip`, cut ? bytes.subarray(0, at) : bytes);
        } catch (error) {
          if (!isKnownError(error)) throw error;
        }
      },
    ),
    { numRuns: 60 },
  );
  expect(readFileSync(join(folder, "damaged-1.zip")).length).toBeGreaterThanOrEqual(0);
});
