// The command on files: what people and programs get, and what is refused.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { bitmapDump, fullDump, rawImage, triageDump } from "../build/dump/files.ts";
import { buildMachine } from "../build/dump/machine.ts";
import { addObjects } from "../build/dump/objects.ts";
import { runCli } from "../cli/run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-dump-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
const dump = file("MEMORY.DMP", bitmapDump(machine));

describe("dump", () => {
  test("the summary names the machine, the method, its certainty and the biggest consumers", () => {
    const { code, stdout: out } = runCli(["dump", dump]);
    expect(code).toBe(0);
    expect(out).toContain("x64, build 19041, 2 processors");
    expect(out).toContain("2024-05-06 07:08:09Z, 1 h after start");
    expect(out).toContain("0x161 LIVE_SYSTEM_DUMP");
    expect(out).toContain("confirmed by the tag hash");
    expect(out).toContain("100 % of its keys are where the hash puts them");
    expect(out).toContain("2 of 2 CPUs summed");
    expect(out).toContain("Biggest consumers");
  });

  test("used: every tag, by pattern, as JSON", () => {
    const all = JSON.parse(runCli(["dump", dump, "used", "--json"]).stdout);
    expect(all.pool.rows.length).toBe(new Set([...machine.truth.keys()].map((key) => key.slice(0, 4))).size);
    const one = JSON.parse(runCli(["dump", dump, "used", "--tag", "Lea?", "--json"]).stdout);
    const [allocs, frees, bytes] = machine.truth.get("Leak nonpaged") ?? [0, 0, 0];
    expect(one.pool.rows).toEqual([
      expect.objectContaining({ tag: "Leak", nonpaged: { allocs, frees, outstanding: allocs - frees, bytes } }),
    ]);
  });

  test("big and find", () => {
    const big = JSON.parse(runCli(["dump", dump, "big", "--tag", "Leak", "--json"]).stdout);
    expect(big.big.allocations.length).toBe(10);
    const found = JSON.parse(runCli(["dump", dump, "find", "Leak", "--json"]).stdout);
    expect([found.large.length, found.scan.inUse, found.scan.freed]).toEqual([10, 1, 1]);
  });

  test("holders: the process with its pid, the count, how it is known; the summary names them", () => {
    const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
    const [allocs, frees] = machine.truth.get("Even nonpaged") ?? [0, 0];
    const [pagedAllocs, pagedFrees] = machine.truth.get("Even paged") ?? [0, 0];
    const events = allocs - frees + pagedAllocs - pagedFrees;
    const names = ["Type", "Directory", "Process", "Thread", "Event", "Key"] as const;
    addObjects(machine, {
      build: "19041",
      processes: [
        { pid: 4, name: "System", holds: { Even: 9 } },
        { pid: 4711, name: "leaky.exe", holds: { Even: events - 20 } },
      ],
      types: names.map((name) => [name, name.slice(0, 4).padEnd(4), name === "Event" ? events : 0, 0]),
    });
    const path = file("objects.dmp", bitmapDump(machine));
    const { code, stdout: out } = runCli(["dump", path, "holders", "Even"]);
    expect(code).toBe(0);
    expect(out).toContain(`leaky.exe (pid 4711) holds ${events - 20} handles to the ${events} Event (Even) objects`);
    expect(out).toContain(`11 of ${events} Event (Even) objects are held by no handle`);
    expect(out).toContain("2 of 2 handle tables name their own process");
    const { stdout: summary } = runCli(["dump", path, "--tag", "Even"]);
    expect(summary).toContain("leaky.exe (pid 4711) holds");
    expect(summary.indexOf("Biggest consumers")).toBeLessThan(summary.indexOf("Certainty"));
    const json = JSON.parse(runCli(["dump", path, "holders", "Even", "--json"]).stdout);
    expect(json.holders[0]).toMatchObject({ process: { name: "leaky.exe", pid: 4711 }, handles: events - 20 });
    expect(JSON.parse(runCli(["dump", path, "!handle", "--json"]).stdout).processes).toBe(2);
  });

  test("the debugger's words are the questions that they mean", () => {
    const { stdout } = runCli(["dump", dump, "!poolused 2 Lea*", "--json"]);
    expect(JSON.parse(stdout).pool.rows.map((row: { tag: string }) => row.tag)).toEqual(["Leak"]);
    expect(JSON.parse(runCli(["dump", dump, "!poolfind", "Leak", "--json"]).stdout).scan.inUse).toBe(1);
    expect(runCli(["dump", dump, "!vm"]).stdout).toContain("Pool       nonpaged");
    expect(runCli(["dump", dump, "lm"]).stdout).toContain("hal.dll");
    const unknown = runCli(["dump", dump, "!analyze -v"]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("known are !poolused")]);
  });

  test("modules, loaded and unloaded", () => {
    const { stdout: out } = runCli(["dump", dump, "modules"]);
    expect(out).toContain("3 modules, 1 unloaded module");
    expect(out).toContain("0xfffff80312400000");
    expect(out).toContain("old.sys");
  });

  test("a gzip file is unpacked, a raw image needs no header", () => {
    const gz = file("image.raw.gz", gzipSync(rawImage(machine)));
    const { pool } = JSON.parse(runCli(["dump", gz, "used", "--json"]).stdout);
    expect(pool.cpusSummed).toBe(2);
  });

  test("a small dump: the summary says that it cannot answer, with code 2; a question is refused with code 2", () => {
    const small = file("mini.dmp", triageDump(machine));
    const summary = runCli(["dump", small]);
    expect([summary.code, summary.stdout]).toEqual([
      2,
      expect.stringContaining("This dump cannot answer pool questions"),
    ]);
    const used = runCli(["dump", small, "used"]);
    expect([used.code, used.stdout]).toEqual([2, ""]);
    expect(used.stderr).toMatch(/mini\.dmp: crash-dump: this dump cannot answer pool questions: it is a small/);
    expect(runCli(["dump", small, "modules"]).stdout).toContain("hal.dll");
  });

  test("the header alone, and a user-mode dump", () => {
    const head = runCli(["dump", file("head.dmp", fullDump(machine).subarray(0, 0x2000))]);
    expect([head.code, head.stdout]).toEqual([2, expect.stringContaining("header of a kernel dump (type 1)")]);
    const user = runCli(["dump", file("user.dmp", new TextEncoder().encode("MDMP".padEnd(100_000, "x")))]);
    expect([user.code, user.stdout]).toEqual([2, ""]);
    expect(user.stderr).toContain("user-mode minidump (MDMP)");
  });

  test.each([
    [["nonsense"], /no question to a dump/],
    [["find"], /needs one tag/],
    [["big", "Leak"], /use --tag/],
  ])("%j is refused", (args, message) => {
    const { code, stderr: err } = runCli(["dump", dump, ...args]);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe("a dump as a source", () => {
  test("snapshot: the rows, the time, the build", () => {
    const { code, stdout: out } = runCli(["snapshot", dump, "--json"]);
    expect(code).toBe(0);
    const snapshot = JSON.parse(out);
    expect(snapshot.origin).toMatchObject({ source: "crash-dump", windowsBuild: 19041, architecture: "x64" });
    expect(snapshot.time).toBe("2024-05-06T07:08:09.000Z");
    expect(snapshot.uses.length).toBe(machine.truth.size);
  });

  test("diff of two dumps, tag --in one", () => {
    const later = file("later.dmp", bitmapDump(buildMachine({ ...machine.options, cpus: 3 })));
    expect(runCli(["diff", dump, later]).code).toBe(0);
    expect(runCli(["tag", "Leak", "--in", dump]).stdout).toContain("Holds");
  });

  test("a small dump is refused as a source", () => {
    const { code, stderr: err } = runCli(["snapshot", file("small.dmp", triageDump(machine))]);
    expect([code, err]).toEqual([2, expect.stringContaining("cannot answer pool questions")]);
  });
});
