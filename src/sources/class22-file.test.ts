import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Snapshot } from "../model/snapshot.ts";
import { openSources } from "./open.ts";

const SAMPLE = fileURLToPath(new URL("../../../shared/samples/nt-kernel/x64/class22_snap89.bin", import.meta.url));

/** One row per number: tag `A000`..., all in nonpaged pool, in the 64-bit layout. */
function answerOf(rows: number): Buffer {
  const bytes = Buffer.alloc(8 + 40 * rows);
  bytes.writeUInt32LE(rows);
  for (let row = 0; row < rows; row++) {
    bytes.write(`A${String(row % 1000).padStart(3, "0")}`, 8 + 40 * row);
    bytes.writeUInt32LE(5, 8 + 40 * row + 24);
    bytes.writeUInt32LE(320, 8 + 40 * row + 32);
  }
  return bytes;
}

async function snapshotsOf(path: string): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for await (const snapshot of (await openSources([path])).snapshots()) snapshots.push(snapshot);
  return snapshots;
}

describe("raw answers as files", () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-class22-"));
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  it("are recognised by content, small, large and gzipped", async () => {
    for (const path of [
      file("small.bin", answerOf(12)),
      file("padded.bin", Buffer.concat([answerOf(12), Buffer.alloc(500)])),
      file("small.bin.gz", gzipSync(answerOf(12))),
    ]) {
      expect((await snapshotsOf(path)).map((each) => each.columns.length)).toEqual([12]);
    }
    const [large] = await snapshotsOf(file("large.bin", answerOf(4000)));
    expect(large?.columns.length).toBe(1000);
    expect(large?.columns.bytes[7]).toBe(4 * 320);
    expect(large?.origin).toMatchObject({ source: "class22", timeBasis: "file-modified" });
  });

  it("are of no known format where they are cut off", async () => {
    await expect(snapshotsOf(file("cut.bin", answerOf(12).subarray(0, 300)))).rejects.toThrow(/no known format/);
    await expect(snapshotsOf(file("cut-large.bin", answerOf(4000).subarray(0, 99_000)))).rejects.toThrow(/no known/);
  });

  it.skipIf(!existsSync(SAMPLE))("of a kernel give every row", async () => {
    const [snapshot] = await snapshotsOf(SAMPLE);
    expect(snapshot?.columns.length).toBe(186);
  });
});
