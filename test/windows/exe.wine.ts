// poolscope.exe under Wine, end to end, with the stand-in for ntdll in place of a kernel.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NtExecutable, NtExecutableResource, Resource } from "resedit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../src/cli/version.ts";
import { buildFakeNt } from "../build/fakent.ts";
import {
  prepareExe,
  prepareWine,
  startUnderWine,
  until,
  windowsPath,
  wineEnvironment,
  type Running,
  type Variables,
  type WineResult,
} from "./wine.ts";

const WINE_DRIVERS = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows";
const EXE = fileURLToPath(new URL("../../build/poolscope.exe", import.meta.url));

let programs = "";
let work = "";
let fake: Variables = {};
const started: Running[] = [];

function has(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

function start(args: readonly string[], extra: Variables = fake, program = "poolscope.exe"): Running {
  const running = startUnderWine(join(programs, program), args, extra, work);
  started.push(running);
  return running;
}

function run(args: readonly string[], extra: Variables = fake, program = "poolscope.exe"): Promise<WineResult> {
  return start(args, extra, program).ended;
}

beforeAll(() => {
  const library = buildFakeNt("win64");
  if (library === undefined) throw new Error("x86_64-w64-mingw32-gcc is missing");
  fake = { POOLSCOPE_NTDLL: windowsPath(library), FAKENT: "tags=300" };
  prepareWine();
  programs = prepareExe(EXE, ["poolscope.exe", "poolmon.exe", "windows7.exe"]);
  work = mkdtempSync(join(tmpdir(), "poolscope-wine-work-"));
});

afterAll(async () => {
  for (const { process } of started) process.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  for (const folder of [programs, work]) rmSync(folder, { recursive: true, force: true });
});

describe("the file itself", () => {
  it("has our version, icon and manifest, and no stale certificate", () => {
    const executable = NtExecutable.from(readFileSync(EXE), { ignoreCert: true });
    const { entries } = NtExecutableResource.from(executable);
    const [version] = Resource.VersionInfo.fromEntries(entries);
    expect(version?.getStringValues({ lang: 1033, codepage: 1200 })).toMatchObject({
      ProductName: "poolscope",
      ProductVersion: VERSION,
      OriginalFilename: "poolscope.exe",
    });
    expect(Resource.IconGroupEntry.fromEntries(entries)[0]?.icons.map((icon) => icon.width % 256)).toEqual([
      16, 32, 48, 0,
    ]);
    const manifests = entries.filter((entry) => entry.type === 24);
    expect(manifests).toHaveLength(1);
    expect(Buffer.from(manifests[0]?.bin ?? new ArrayBuffer(0)).toString()).toContain('name="poolscope"');
    expect(executable.newHeader.optionalHeaderDataDirectory.get(4)).toMatchObject({ virtualAddress: 0, size: 0 });
  });

  it.skipIf(!has("osslsigncode") || !has("openssl"))("can be signed, and still runs", async () => {
    const [key, certificate, signed] = ["key.pem", "certificate.pem", "signed.exe"].map((name) => join(work, name));
    if (key === undefined || certificate === undefined || signed === undefined) return;
    const subject = ["-subj", "/CN=poolscope test", "-addext", "extendedKeyUsage=codeSigning"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, ...subject],
      { stdio: "pipe" },
    );
    const source = join(programs, "poolscope.exe");
    execFileSync(
      "osslsigncode",
      ["sign", "-certs", certificate, "-key", key, "-h", "sha256", "-n", "poolscope", "-in", source, "-out", signed],
      { stdio: "pipe" },
    );
    const verified = spawnSync("osslsigncode", ["verify", "-CAfile", certificate, signed], { encoding: "utf8" });
    expect(verified.stdout).toMatch(/Signature verification: ok|Succeeded/);
    copyFileSync(signed, join(programs, "signed.exe"));
    expect((await run(["--version"], {}, "signed.exe")).stdout.trim()).toBe(VERSION);
  });

  it("names the file to use on a Windows that is too old", async () => {
    const { code, stderr } = await run(["--version"], {}, "windows7.exe");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/needs Windows 10 or Server 2016[\s\S]*collect\.ps1/);
  });
});

describe("live data", () => {
  it.each(["node", "koffi"])("comes through %s's native calls", async (ffi) => {
    const { code, stdout, stderr } = await run(["snapshot", "--json"], { ...fake, POOLSCOPE_FFI: ffi });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const snapshot = JSON.parse(stdout) as { origin: Record<string, unknown>; rows?: unknown[] };
    expect(snapshot.origin).toMatchObject({
      source: "windows-live",
      windowsBuild: 19045,
      windowsRevision: 4651,
      windowsEdition: "Professional",
      architecture: "x64",
    });
    expect(stdout.match(/"tag"/g)).toHaveLength(400);
  });

  it("is refused by Wine's own ntdll, in words", async () => {
    const { code, stdout, stderr } = await run(["snapshot"], {});
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^poolscope: .*does not tell pool tags \(STATUS_INVALID_INFO_CLASS, 0xC0000003\); Wine never does/,
    );
  });

  it("says what to do where Windows refuses access", async () => {
    const { code, stderr } = await run(["snapshot"], { ...fake, FAKENT: "status22=0xC0000022" });
    expect(code).toBe(2);
    expect(stderr).toMatch(/Windows refused access .*Run as administrator/);
  });
});

describe("PoolMon's place", () => {
  it("is taken by the program when it is named poolmon.exe", async () => {
    expect(await run(["/b", "-p", "/n"], fake, "poolmon.exe")).toEqual({ code: 0, stdout: "", stderr: "" });
    const lines = readFileSync(join(work, "poolsnap.log"), "latin1").split("\r\n");
    expect(lines[3]).toBe(
      " Tag  Type     Allocs            Frees               Diff            Bytes                 Per Alloc",
    );
    expect(lines.slice(5, -1).every((line) => /^ .{4} Nonp [ \d]{88}$/.test(line))).toBe(true);
    expect(lines.slice(5, -1)).toHaveLength(200);
  });

  it("does not write into a folder that is not there, and knows its flags", async () => {
    expect((await run(["/n", "missing\\x.log"], fake, "poolmon.exe")).stderr).toMatch(
      /missing\\x\.log: no such folder/,
    );
    expect((await run(["/z"], fake, "poolmon.exe")).stderr).toBe(
      'poolscope: poolmon: "/z" is no flag of PoolMon; see poolmon /?\n',
    );
  });

  it("scans the machine's drivers where localtag.txt is missing", async () => {
    const made = await run(["/c", "/n"], fake, "poolmon.exe");
    expect({ code: made.code, stdout: made.stdout }).toEqual({ code: 0, stdout: "" });
    const [comment, ...lines] = readFileSync(join(work, "localtag.txt"), "latin1").trimEnd().split("\r\n");
    expect(comment).toMatch(/^rem made by poolscope/);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^.{4} - [\w.-]+\.(?:sys|exe)/);
    writeFileSync(join(work, "localtag.txt"), "Leak - one.sys, two.sys\r\n");
    expect((await run(["/c", "/iLeak", "/n", "mapped.log"], fake, "poolmon.exe")).code).toBe(0);
    expect(readFileSync(join(work, "mapped.log"), "latin1").split("\r\n")[5]?.slice(107)).toBe("[one][two]");
  });

  it.skipIf(!has("tmux"))("shows its screen on a console", async () => {
    const screen = terminal("poolmon.exe", ["/b", "/p"]);
    // Wine's console draws lines in pieces and leaves holes, so only parts that it gets right are looked for.
    await until("PoolMon's screen", () => /System pool information[\s\S]*Leak/.test(screen.text()), screen.text);
    screen.press("q");
    await until("the end of the screen", () => !screen.isOpen(), screen.text);
  });
});

describe("analysis", () => {
  it("finds the leak of the sample that it carries", async () => {
    const { code, stdout } = await run(["demo"], {});
    expect(code).toBe(0);
    expect(stdout).toMatch(/1\. Even nonpaged/);
  });

  it.skipIf(!has("tmux"))("shows the live view on a console", async () => {
    const screen = terminal("poolscope.exe", ["live"]);
    await until("the live view", () => /Leak/.test(screen.text()), screen.text);
    screen.press("q");
    await until("the end of the live view", () => !screen.isOpen(), screen.text);
  });

  it.skipIf(!has("tmux"))("a start without arguments shows the live view, and an error stays to be read", async () => {
    const screen = terminal("poolscope.exe", []);
    await until("the live view", () => /Leak/.test(screen.text()), screen.text);
    screen.press("q");
    await until("the end of the live view", () => !screen.isOpen(), screen.text);
    const failing = terminal("poolscope.exe", [], { ...fake, POOLSCOPE_NTDLL: "Z:\\missing.dll" });
    await until("the error", () => /Press Enter/.test(failing.text()), failing.text);
    expect(failing.isOpen()).toBe(true);
    failing.press("Enter");
    await until("the end of the window", () => !failing.isOpen(), failing.text);
  });

  it("reads real drivers, with the workers and the decoder that it carries", async () => {
    // 17 drivers are few; ten copies make the work worth starting workers.
    const drivers = mkdtempSync(join(work, "drivers-"));
    for (const name of readdirSync(WINE_DRIVERS).filter((each) => each.endsWith(".sys"))) {
      for (let copy = 0; copy < 10; copy++) copyFileSync(join(WINE_DRIVERS, name), join(drivers, `${copy}-${name}`));
    }
    const { code, stdout, stderr } = await run(["drivers", windowsPath(drivers), "--no-index", "--json"], {});
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = JSON.parse(stdout) as { drivers: { file: string; tags: { tag: string; tier: string }[] }[] };
    expect(report.drivers.length).toBeGreaterThanOrEqual(170);
    const found = report.drivers.flatMap((driver) => driver.tags.filter(({ tier }) => tier === "proven"));
    expect(found.length).toBeGreaterThan(0);
  });

  it("serves the dashboard", async () => {
    const server = start(["serve", "--port", "0"]);
    const seen = (): string => server.stdout() + server.stderr();
    await until("the address", () => /http:\/\/127\.0\.0\.1:\d+/.test(seen()), seen);
    const [address = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(seen()) ?? [];
    const page = await fetchText(`${address}/`);
    expect(page).toContain("<script");
    expect(await fetchText(`${address}/metrics`)).toContain("poolscope_");
    server.process.kill("SIGKILL");
  });
});

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

let terminals = 0;

/** A program on a console of 120 x 40, inside tmux. */
function terminal(program: string, args: readonly string[], settings: Variables = fake) {
  const name = `poolscope-${process.pid}-${terminals++}`;
  const variables = Object.entries({ ...wineEnvironment(), ...settings, TERM: "xterm-256color" })
    .filter(([key]) => /^(?:WINE|POOLSCOPE|FAKENT|TERM|DISPLAY|HOME|PATH)/.test(key))
    .flatMap(([key, value]) => ["-e", `${key}=${value ?? ""}`]);
  const command = ["wine", join(programs, program), ...args].map((part) => `'${part}'`).join(" ");
  execFileSync(
    "tmux",
    ["-L", "poolscope-test", "new-session", "-d", "-s", name, "-x", "120", "-y", "40", ...variables, command],
    {
      cwd: work,
    },
  );
  return {
    text: () =>
      spawnSync("tmux", ["-L", "poolscope-test", "capture-pane", "-p", "-t", name], { encoding: "utf8" }).stdout,
    press: (key: string) => execFileSync("tmux", ["-L", "poolscope-test", "send-keys", "-t", name, key]),
    isOpen: () =>
      spawnSync("tmux", ["-L", "poolscope-test", "has-session", "-t", name], { stdio: "ignore" }).status === 0,
  };
}
