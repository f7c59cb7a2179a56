// `serve` and `report` as processes: from a file, of a stand-in for Windows, of nothing; addresses, tokens, exit codes.

import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Overview, Status } from "../../src/web/contract.ts";
import { buildFakeNt } from "../build/fakent.ts";

const program = fileURLToPath(new URL("../../bin/poolscope.mjs", import.meta.url));
const sample = fileURLToPath(new URL("../../data/samples/event-leak.csv.gz", import.meta.url));
const library = buildFakeNt();
if (library === undefined)
  process.stderr.write("gcc is missing: `serve` is not tested against the stand-in for ntdll\n");
const folder = mkdtempSync(join(tmpdir(), "poolscope-web-"));
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Served {
  readonly url: string;
  readonly json: <T>(path: string) => Promise<T>;
  /** Ends it as Ctrl+C does; answers the exit code. */
  readonly stop: () => Promise<number | null>;
}

function serve(args: readonly string[], env: Record<string, string> = {}): Promise<Served> {
  return start(["serve", "--port", "0", ...args], env);
}

async function start(args: readonly string[], env: Record<string, string>): Promise<Served> {
  const child = spawn(process.execPath, [program, ...args, "--json"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const stop = (): Promise<number | null> => {
    child.kill("SIGINT");
    return closed;
  };
  stops.push(stop);
  let output = "";
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString();
      if (output.includes("\n")) resolve();
    });
    void closed.then(() => reject(new Error(errors)));
  });
  const { url } = JSON.parse(output) as { url: string };
  const json = async <T>(path: string): Promise<T> => (await (await fetch(new URL(path, url))).json()) as T;
  return { url, json, stop };
}

/** Asks until the answer fits. */
async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8", cwd: folder });
}

describe("serve", () => {
  test("a file is read, diagnosed and served until Ctrl+C", async () => {
    const { json, stop } = await serve([sample]);
    const status = await until(
      () => json<Status>("/api/v1/status"),
      ({ phase }) => phase !== "reading",
    );
    expect(status).toMatchObject({ phase: "complete", snapshots: 106 });
    const { source, diagnosis } = await json<Overview>("/api/v1/overview");
    expect(source).toBe("event-leak.csv.gz");
    expect(diagnosis?.span.snapshots).toBe(106);
    expect(await json("/api/v1/diagnosis")).toMatchObject({ span: { snapshots: 106 } });
    expect(await stop()).toBe(0);
  });

  test("the sample of demo, with the words that must stand beside it", async () => {
    const { json } = await start(["demo", "--serve"], {});
    const { diagnosis } = await until(
      () => json<Overview>("/api/v1/overview"),
      ({ status }) => status.phase !== "reading",
    );
    expect(diagnosis?.origin.notice).toContain("this is not Windows");
  });

  test("with --follow what is added to the file appears", async () => {
    const file = join(folder, "growing.csv");
    const row = (time: number): string => `${time},Leak,Nonp,${time},0,${time * 100}\n`;
    writeFileSync(file, `time,tag,type,allocs,frees,bytes\n${row(1000)}${row(1010)}${row(1020)}`);
    const { json } = await serve([file, "--follow", "--every", "100ms"]);
    const status = (): Promise<Status> => json<Status>("/api/v1/status");
    await until(status, ({ phase, snapshots }) => phase === "live" && snapshots === 3);
    appendFileSync(file, row(1030));
    expect(await until(status, ({ snapshots }) => snapshots === 4)).toMatchObject({ lastTime: 1_030_000 });
  });

  test.skipIf(library === undefined)("this machine, measured again and again", async () => {
    const { json, url } = await serve(["--every", "50ms", "--watch", "Aa*"], {
      POOLSCOPE_NTDLL: library ?? "",
      FAKENT: "tags=200",
    });
    const status = await until(
      () => json<Status>("/api/v1/status"),
      ({ snapshots }) => snapshots > 3,
    );
    expect(status).toMatchObject({ phase: "live", everyMs: 50 });
    const metrics = await (await fetch(new URL("/metrics", url))).text();
    expect(metrics).toMatch(/^poolscope_source_read_duration_seconds \d/m);
    expect(metrics).toMatch(/^windows_pool_tag_allocs_total\{/m);
  });

  test("beyond loopback nobody gets in without the token", async () => {
    const { url, json } = await serve([sample, "--listen", "0.0.0.0"], { POOLSCOPE_TOKEN: "from-the-environment" });
    expect(url).toContain("?token=from-the-environment");
    expect((await fetch(new URL("/api/v1/status", url))).status).toBe(401);
    expect(await json("/api/v1/status?token=from-the-environment")).toMatchObject({ snapshots: expect.any(Number) });
  });

  test("a token that guards nothing is refused", () => {
    for (const token of ["", "short", "with spaces in it"]) {
      const args = [program, "serve", sample, "--port", "0", "--host", "0.0.0.0"];
      const env = { ...process.env, POOLSCOPE_TOKEN: token };
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
      expect(status).toBe(2);
      expect(stderr).toMatch(/POOLSCOPE_TOKEN: a token has at least 12 characters/);
    }
  });

  test("a file that is not there or not readable, a taken port, a wrong port and a foreign address are one line and exit code 2", async () => {
    const { url } = await serve([sample]);
    const text = join(folder, "hello.txt");
    writeFileSync(text, "hello\n");
    for (const [words, ...args] of [
      ["of no known format", text],
      ["no-such.pool", "no-such.pool"],
      ["another program uses it", sample, "--port", new URL(url).port],
      ["give a number from 0 to 65535", sample, "--port", "http"],
      ["--listen must be an address of this machine", sample, "--listen", "203.0.113.7"],
    ]) {
      const { status, stderr } = run("serve", ...args);
      expect(status).toBe(2);
      expect(stderr.trim().split("\n").length).toBe(1);
      expect(stderr).toContain(words);
    }
  });
});

describe("report", () => {
  test("one file, whose name and finding can be had as JSON", () => {
    const { status, stdout } = run("report", sample, "-o", "out.html", "--json");
    expect(status).toBe(0);
    const { file, bytes, finding } = JSON.parse(stdout) as { file: string; bytes: number; finding: string };
    expect(file).toBe("out.html");
    expect(statSync(join(folder, file)).size).toBe(bytes);
    expect(readFileSync(join(folder, file), "utf8")).toContain(finding);
  });

  test("to stdout, with the talk on stderr", () => {
    const { stdout, stderr } = run("report", sample, "-o", "-");
    expect(stdout.startsWith("<!doctype html>")).toBe(true);
    expect(stdout.trimEnd().endsWith("</html>")).toBe(true);
    expect(stderr).not.toBe("");
  });

  test.each([
    [["report", "no-such-file.pool"], /no-such-file\.pool/],
    [["report", sample, "--to", "2001-01-01"], /no snapshot in that time/],
    [["report", sample, "-o", "no/such/folder/r.html"], /cannot be written.*-o/],
  ])("%j is one line and exit code 2", (args, words) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/ {4}at /);
  });
});
