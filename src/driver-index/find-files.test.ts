import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findDriverFiles } from "./find-files.ts";
import { updateDrivers } from "./update.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "poolscope-find-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const update = (paths: readonly string[], index?: string): ReturnType<typeof updateDrivers> =>
  updateDrivers(paths, { index, fresh: false, now: 1_700_000_000_000, onProgress: () => {} });

test("takes .sys files and other programs that import from the kernel, and leaves the rest alone", async () => {
  mkdirSync(join(folder, "deep"));
  writeFileSync(join(folder, "deep", "A.SYS"), "not a driver");
  writeFileSync(join(folder, "note.txt"), "MZ ntoskrnl.exe");
  writeFileSync(join(folder, "kernel.dll"), "MZ ... ntoskrnl.exe ...");
  writeFileSync(join(folder, "user.dll"), "MZ ... kernel32.dll ...");
  symlinkSync(folder, join(folder, "deep", "loop"));
  const { files, gaps } = await findDriverFiles([folder]);
  expect(files.map(({ file }) => file)).toEqual([join(folder, "deep", "A.SYS"), join(folder, "kernel.dll")]);
  expect(gaps).toEqual([]);
});

test("what is named is taken as it is; what is missing or no file is a gap", async () => {
  const pipe = join(folder, "pipe.sys");
  if (process.platform !== "win32") execFileSync("mkfifo", [pipe]);
  else mkdirSync(pipe);
  const { files, gaps } = await findDriverFiles([pipe, join(folder, "missing.sys")]);
  expect(files).toEqual([]);
  expect(gaps.map(({ where }) => where)).toContain(join(folder, "missing.sys"));
  expect(gaps.length).toBe(process.platform === "win32" ? 1 : 2);
});

test("a sparse file of 4 GB is refused unread, with its size", async () => {
  const file = join(folder, "huge.sys");
  writeFileSync(file, "MZ");
  truncateSync(file, 4 * 1024 ** 3);
  const { records } = await update([file]);
  expect(records[0]?.status).toContain("too large");
});

test.skipIf(process.getuid?.() === 0)("a file that may not be read is named with the reason", async () => {
  const file = join(folder, "secret.sys");
  writeFileSync(file, "MZ");
  chmodSync(file, 0);
  const { records } = await update([folder]);
  expect(records[0]?.status).toContain("EACCES");
});

test("an index that was made on another machine is not believed here, and that is said", async () => {
  const index = join(folder, "drivers.jsonl");
  writeFileSync(join(folder, "a.sys"), "a");
  const of = (host: string): ReturnType<typeof updateDrivers> =>
    updateDrivers([join(folder, "a.sys")], {
      index,
      fresh: false,
      now: 1_700_000_000_000,
      machine: { host, windowsBuild: 19045, machineId: host, systemRoot: null },
      onProgress: () => {},
    });
  expect((await of("ONE")).scanned).toBe(1);
  expect((await of("ONE")).scanned).toBe(0);
  const other = await of("TWO");
  expect(other.scanned).toBe(1);
  expect(other.gaps).toEqual([{ where: index, problem: "it was made on another machine, ONE, and is made anew" }]);
});

test("the index keeps what is unchanged, scans what changed and reports what is gone", async () => {
  const index = join(folder, "cache", "drivers.jsonl");
  const drivers = join(folder, "drivers");
  mkdirSync(drivers);
  writeFileSync(join(drivers, "a.sys"), "a");
  writeFileSync(join(drivers, "b.sys"), "b");
  expect((await update([drivers], index)).scanned).toBe(2);
  expect((await update([drivers], index)).scanned).toBe(0);
  writeFileSync(join(drivers, "a.sys"), "longer");
  rmSync(join(drivers, "b.sys"));
  const third = await update([drivers], index);
  expect(third.scanned).toBe(1);
  expect(third.records.map(({ file }) => file)).toEqual([join(drivers, "a.sys")]);
  expect(third.gaps).toEqual([{ where: join(drivers, "b.sys"), problem: "it was in the index and is gone" }]);
});
