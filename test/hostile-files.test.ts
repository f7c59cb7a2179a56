// Files that are made to cost time or memory: zeros without end, pipes, devices, sparse files. Each ends in one line and soon.

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "./cli/run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sparse = join(folder, "sparse.dmp");
closeSync(openSync(sparse, "w"));
truncateSync(sparse, 10 * 2 ** 30);
const bomb = join(folder, "zeros.gz");
writeFileSync(bomb, gzipSync(new Uint8Array(128 * 2 ** 20), { level: 1 }));
const pipe = join(folder, "pipe");
const hasPipe = process.platform !== "win32" && spawnSync("mkfifo", [pipe]).status === 0;

describe("one line, exit code 2, within seconds", () => {
  it.each([
    [["dump", sparse], /no kernel dump, and no memory image: no page tables in its first 128 MiB/],
    [["leaks", sparse], /of no known format/],
    [["dump", bomb], /damaged or hostile: more than 64 MiB of nothing but zeros at its start/],
    [["leaks", bomb], /damaged or hostile: more than 64 MiB of nothing but zeros at its start/],
    [["info", sparse], /this is not a recording|not a poolscope recording|cannot be opened/],
    [["import", "-", sparse], /of no known format/],
  ])("poolscope %j", (args, message) => {
    const started = performance.now();
    const { code, stderr, stdout } = runCli(args);
    expect(stdout + stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it
    .skipIf(!hasPipe)
    .each([
      [["tag", "Leak", "--pooltag", pipe]],
      [["leaks", pipe]],
      [["info", pipe]],
      [["dump", pipe]],
      [["tag", "Leak", "--pooltag", "/dev/zero"]],
      [["info", "/dev/zero"]],
    ])("a pipe or device is no file: poolscope %j", (args) => {
    const { code, stderr } = runCli(args);
    expect(stderr).toMatch(/not a regular file/);
    expect(code).toBe(2);
  });
});

it("a recording is a file with a name", () => {
  const csv = join(folder, "one.csv");
  writeFileSync(csv, "time,tag,type,allocs,frees,outstanding,bytes\n1767225600,=1+2,Nonp,3,1,2,64\n");
  expect(runCli(["import", "-", csv])).toMatchObject({ code: 2, stderr: expect.stringMatching(/name one, not -/) });
  expect(runCli(["export", csv]).stdout).toContain("\n1767225600,=1+2,Nonp,");
  expect(runCli(["export", csv, "--excel"]).stdout).toContain("\n1767225600,'=1+2,Nonp,");
  expect(runCli(["import", join(folder, "none", "r.pool"), csv]).stderr).toMatch(
    /its folder does not exist; make the folder/,
  );
});
