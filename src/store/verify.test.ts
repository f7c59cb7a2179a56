import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RecordingReader } from "./reader.ts";
import { leakingSnaps, temporaryFolder, writeRecording } from "./recording.test-support.ts";
import { verifyRecording, type Verification } from "./verify.ts";

function verified(file: string): Verification {
  const reader = RecordingReader.open(file);
  try {
    return verifyRecording(reader);
  } finally {
    reader.close();
  }
}

function recording(change = "", snapshots = 20): string {
  const file = join(temporaryFolder(), "r.pool");
  writeRecording(file, leakingSnaps(snapshots), { keyframeEvery: 8 });
  const db = new DatabaseSync(file);
  db.exec(change);
  db.close();
  return file;
}

test("a recording that was ended is whole and sealed", () => {
  expect(verified(recording())).toMatchObject({
    version: 4,
    pagesInPlace: true,
    whole: 20,
    listed: 20,
    boots: 1,
    timesBack: 0,
    damage: [],
    seals: { sealed: 20, broken: [], isChainWhole: true },
    isWhole: true,
  });
});

test.each([
  ["a snapshot taken out", "DELETE FROM snapshot WHERE id = 20"],
  [
    "a run taken out with its seal",
    "DELETE FROM snapshot WHERE id BETWEEN 9 AND 16; DELETE FROM seal WHERE keyframe = 9",
  ],
  ["a time changed", "UPDATE snapshot SET time = time + 1 WHERE id = 12"],
  ["counters changed", "UPDATE snapshot SET rows = (SELECT rows FROM snapshot WHERE id = 1) WHERE id = 4"],
])("%s is found", (_, change) => {
  expect(verified(recording(change)).isWhole).toBe(false);
});

test("damaged pages are told, and what is left counted", () => {
  // Long enough that the pages cut off hold snapshots, not the list of tables.
  const file = recording("", 400);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length - 4096 * 3));
  const found = verified(file);
  expect(found).toMatchObject({ pagesInPlace: false, listed: undefined, seals: undefined, isWhole: false });
  expect(found.damage.at(-1)?.problem).toMatch(/the file is damaged; \d+ snapshots? could be read/);
});

test("a recording of version 1 has no seals, and that is no fault of it", () => {
  const file = join(temporaryFolder(), "old.pool");
  copyFileSync(fileURLToPath(new URL("../../test/fixtures/recordings/version-1.pool", import.meta.url)), file);
  expect(verified(file)).toMatchObject({ version: 1, seals: undefined, isWhole: true });
});
