import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { entry, runCli } from "./run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const log = (blocks: number, extra = ""): string =>
  ` Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n\n Leak Nonp ${blocks + 100} 100 ${blocks} ${blocks * 96} 96\n Irp  Nonp 500 490 10 2400 240\n${extra}`;

describe("the sample investigation", () => {
  test("names the tag, its rate, when memory runs out, its owner and what to do next, and says what the sample is", () => {
    const { code, stdout, stderr } = runCli(["demo"]);
    expect(code).toBe(0);
    expect(stdout).toContain("this is not Windows");
    expect(stdout).toMatch(/1\. Even nonpaged pool +LEAKING +\+3\.2\d MiB\/h/);
    expect(stdout).toMatch(/Owner .*[Ee]vent objects/);
    expect(stdout).toMatch(/Runs out +in 3 days \d h .*about 2026-11-26/);
    expect(stdout.replace(/\s+/g, " ")).toContain("later, at the end of the recording: Even is STOPPED, STILL HELD");
    expect(stdout).toMatch(/Next +\S/);
    expect(stderr).toContain("poolscope --help");
    expect(stdout.split("\n").every((line) => line.length <= 100)).toBe(true);
  });

  test("as JSON", () => {
    const { stdout } = runCli(["demo", "--json"]);
    const diagnosis = JSON.parse(stdout) as {
      verdicts: { tag: string; raw: string; pool: string; bytesPerHour: { value: number } }[];
    };
    expect(diagnosis.verdicts[0]).toMatchObject({ tag: "Even", raw: "0x6e657645", pool: "nonpaged" });
    expect(diagnosis.verdicts[0]?.bytesPerHour.value).toBeGreaterThan(1e6);
  });
});

describe("streams and exit codes", () => {
  test("snapshot: table, json, csv and poolmon of one log; csv reads back", () => {
    const path = file("one-2026-11-26.txt", log(1000));
    expect(runCli(["snapshot", path]).stdout).toMatch(/Leak +Nonp +1,100 +100 +1,000 +93\.8 KiB/);
    const json = JSON.parse(runCli(["snapshot", path, "--json", "--tag", "Le*"]).stdout) as { uses: unknown[] };
    expect(json.uses).toMatchObject([
      { tag: "Leak", raw: "0x6b61654c", pool: "nonpaged", allocs: 1100, frees: 100, outstanding: 1000, bytes: 96_000 },
    ]);
    const csv = runCli(["snapshot", path, "--format", "csv"]).stdout;
    const again = runCli(["snapshot", file("again.csv", csv), "--format", "csv"]).stdout;
    expect(again).toBe(csv);
    expect(runCli(["snapshot", path, "--format", "poolmon"]).stdout).toContain(
      " Leak Nonp                1100                100              1000          96000               96",
    );
  });

  test("diff: what grew between two logs, per hour where the times are known", () => {
    const a = file("d1-2026-11-26_10-00-00.txt", log(1000));
    const b = file("d2-2026-11-26_12-00-00.txt", log(3000));
    const { code, stdout } = runCli(["diff", a, b]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Leak +Nonp +\+2,000 +0 +\+2,000 +\+188 KiB +\+93\.8 KiB\/h/);
    expect(stdout).not.toMatch(/^Irp /m);
    expect(runCli(["diff", b, a])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("name them in time order") as string,
    });
    expect(runCli(["diff", a])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("only one snapshot") as string,
    });
  });

  test("leaks --fail-on-leak answers 1 for a leak and 0 for none", () => {
    const text = (step: number): string =>
      Array.from({ length: 40 }, (_, i) =>
        `===== 2026-11-26 ${String(10 + Math.floor(i / 6)).padStart(2, "0")}:${(i % 6) * 10}0:00 =====\n${log(1000 + i * step)}`.replace(
          /:(\d)00:00/,
          ":$10:00",
        ),
      ).join("");
    expect(runCli(["leaks", file("grows.txt", text(500)), "--fail-on-leak"])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/Leak nonpaged .*LEAKING/) as string,
    });
    expect(runCli(["leaks", file("flat.txt", text(0)), "--fail-on-leak"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("No leak found") as string,
    });
  });

  test("tag: owner, the truth about tutorials, known leaks; an unprintable tag; no tag at all", () => {
    const { stdout } = runCli(["tag", "MmSt", "Lis\\x00"]);
    expect(stdout).toMatch(/In truth /);
    expect(stdout).toMatch(/Lis\\x00 +0x0073694c/);
    expect(runCli(["tag", "TooLong"])).toMatchObject({
      code: 2,
      stderr: 'poolscope: "TooLong" is no pool tag; a tag has one to four characters\n',
    });
  });

  test("a source that cannot be read is one line on stderr and exit code 2", () => {
    for (const args of [
      ["leaks", join(folder, "missing")],
      ["snapshot", file("empty.txt", "")],
      ["diff", file("x.bin", "\u0001\u0002\u0003"), "y"],
    ]) {
      const { code, stdout, stderr } = runCli(args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^poolscope: [^\n]+\n$/);
    }
  });

  test("snapshots out of order are put in order, which is told; a file that ends early is shown, then the damage, and the code is 2", () => {
    const csv = `time,tag,type,allocs,frees,bytes\n${[10, 20, 30, 5, 15].map((t) => `${t},Leak,Nonp,${t},0,96`).join("\n")}\n`;
    const back = runCli(["leaks", file("back.csv", csv)]);
    expect([back.code, back.stderr]).toEqual([0, ""]);
    expect(back.stdout).toMatch(/Repaired: snapshots put in the order of their times, 5 snapshots\./);
    const many = `time,tag,type,allocs,frees,bytes\n${Array.from({ length: 9000 }, (_, t) => `${t},Leak,Nonp,${t},0,96`).join("\n")}\n`;
    const cut = gzipSync(many).subarray(0, -9000);
    const { code, stdout, stderr } = runCli(["leaks", file("cut.csv.gz", cut)]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/\d snapshots/);
    expect(stderr).toMatch(/^poolscope: .*cut\.csv\.gz: gzip: the compressed data ends early[^\n]+\n$/);
  });

  test("- is standard input, gzip or not", () => {
    for (const input of [log(1000), gzipSync(log(1000))]) {
      const { status, stdout } = spawnSync(process.execPath, [entry, "snapshot", "-"], { input, encoding: "utf8" });
      expect(status).toBe(0);
      expect(stdout).toMatch(/^1 file, 1 snapshot, no times\n\nstandard input/);
      expect(stdout).toMatch(/Leak +Nonp +1,100/);
    }
    expect(spawnSync(process.execPath, [entry, "snapshot", "-"], { input: "", encoding: "utf8" })).toMatchObject({
      status: 2,
      stderr: "poolscope: standard input: source: it is empty (found 0 bytes)\n",
    });
  });

  test("hostile names do not reach the terminal as control characters", () => {
    const { stdout } = runCli([
      "snapshot",
      file("evil-2026-01-01.txt", log(5, " Evil Nonp 1 0 1 96 96 [\u001B[31mred\u0007]\n")),
    ]);
    expect(stdout).toContain("\\u{1b}[31mred");
    expect(stdout).not.toContain("\u001B");
  });
});

describe("the command line itself", () => {
  test("without a command: the list and a pointer to the demo", () => {
    const { code, stdout } = runCli([]);
    expect(code).toBe(0);
    for (const name of Object.keys(commands)) expect(stdout).toContain(`  ${name}`);
    expect(stdout).toContain("poolscope demo");
  });

  test("unknown command, unknown option, bad value: one line and exit code 2", () => {
    for (const args of [
      ["nonsense"],
      ["leaks", "--nonsense", "x"],
      ["leaks"],
      ["snapshot", "--top", "many"],
      ["leaks", "x", "--interval", "5"],
    ]) {
      const { code, stderr } = runCli(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^poolscope: [^\n]+\n$/);
    }
  });

  test("completion scripts ask the program; bash accepts its own", () => {
    for (const shell of ["bash", "zsh", "fish", "powershell"])
      expect(runCli(["completion", shell]).stdout).toContain("completion --words");
    const check = spawnSync("bash", ["-n"], { input: runCli(["completion", "bash"]).stdout });
    if (check.error === undefined) expect(check.status).toBe(0);
  });

  test("a Node that is too old is told in one line", () => {
    const version = spawnSync("/usr/bin/node", ["-p", "process.versions.node"], { encoding: "utf8" }).stdout ?? "";
    if (version === "" || Number(version.split(".")[0]) >= 24) {
      console.log("skipped: no Node older than 24 at /usr/bin/node");
      return;
    }
    const { code, stderr } = runCli(["demo"], { node: "/usr/bin/node" });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^poolscope: needs Node 24 or newer, this is 2[0-9.]+ [^\n]+\n$/);
  });
});
