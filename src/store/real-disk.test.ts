// A real file system that is full or read-only: a small tmpfs, where the tests may mount one.

import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AccessError } from "../model/errors.ts";
import {
  leakingSnaps,
  openWriter,
  readRecording,
  T0,
  temporaryFolder,
  writeRecording,
} from "./recording.test-support.ts";

/** A folder of `kib` KiB that is gone after the test, or undefined where nothing can be mounted. */
function smallDisk(kib: number): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const folder = temporaryFolder();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "none", folder]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync("umount", ["-l", folder]));
  return folder;
}

const canMount = ((): boolean => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
})();
if (!canMount)
  process.stderr.write("nothing can be mounted here: recordings on a full and a read-only disk are not tested\n");

test.skipIf(!canMount)("a full disk: what was committed stays, and recording goes on once there is room", () => {
  const disk = smallDisk(600) ?? "";
  const file = join(disk, "r");
  const all = leakingSnaps(20_000);
  const writer = openWriter(file, { durable: true });
  let written = 0;
  expect(() => {
    for (; written < all.length; written += 20) writer.append(...all.slice(written, written + 20));
  }).toThrow(/the disk is full/);
  expect(readRecording(file)).toEqual({ snapshots: all.slice(0, written), gaps: [] });
  expect(spawnSync("mount", ["-o", "remount,size=5m", disk]).status).toBe(0);
  writer.append(...all.slice(written, written + 20));
  writer.close(T0);
  expect(readRecording(file)).toEqual({ snapshots: all.slice(0, written + 20), gaps: [] });
});

test.skipIf(!canMount)("a read-only disk is read, not written; after a kill both files are asked for", () => {
  const disk = smallDisk(5000) ?? "";
  const file = join(disk, "r");
  const all = leakingSnaps(50);
  writeRecording(file, all);
  const writer = openWriter(join(disk, "open"));
  writer.append(...all);
  for (const suffix of ["", "-wal"]) copyFileSync(join(disk, `open${suffix}`), join(disk, `killed${suffix}`));
  writer.close(T0);
  expect(spawnSync("mount", ["-o", "remount,ro", disk]).status).toBe(0);
  expect(readRecording(file)).toEqual({ snapshots: all, gaps: [] });
  expect(() => openWriter(file)).toThrow(AccessError);
  expect(() => openWriter(join(disk, "new"))).toThrow(/cannot be (?:opened|written)/);
  expect(() => readRecording(join(disk, "killed"))).toThrow(/was not closed cleanly.*copy both to a folder/);
  expect(readdirSync(disk).sort()).toEqual(["killed", "killed-wal", "open", "r"]);
});
