// The agents that send: `record`, its task and `serve`, with the stand-in for ntdll and receivers of our own on loopback.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../src/store/recording.test-support.ts";
import { buildFakeNt } from "../build/fakent.ts";
import { until } from "./engines.ts";
import { decodeWriteRequest, endReceivers, receiver } from "./receivers.ts";

afterEach(endReceivers);

const library = buildFakeNt();
const program = fileURLToPath(new URL("../../bin/poolscope.mjs", import.meta.url));

test("a task is given whole paths, since it starts in another folder, and no secret", () => {
  const args = ["record", "--install", "--dry-run", "--remote-write", "http://127.0.0.1:9/w", "--bearer-file", "token"];
  const env = { ...process.env, ProgramData: String.raw`C:\ProgramData`, POOLSCOPE_BEARER: "hush" };
  const { stdout } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8", env });
  expect(stdout).toContain(resolve("token"));
  expect(stdout).not.toContain("hush");
});

describe.skipIf(library === undefined)("record", () => {
  const env = { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: "tags=50" };
  const record = (...args: string[]): Promise<{ status: number | null; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [program, "record", ...args], { env });
      let stderr = "";
      child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
      child.on("close", (status) => resolve({ status, stderr }));
    });

  test("writes a textfile that promtool accepts, and sends the same to a receiver with the token from a file", async () => {
    const folder = temporaryFolder();
    const textfiles = join(folder, "textfile_inputs");
    mkdirSync(textfiles);
    writeFileSync(join(folder, "token"), "hush-hush\n");
    const { url, received } = await receiver([204]);
    const { status, stderr } = await record(
      join(folder, "a.pool"),
      "--every",
      "300ms",
      "--for",
      "2s",
      "--send-every",
      "1s",
      "--textfile",
      textfiles,
      "--remote-write",
      url.href,
      "--bearer-file",
      join(folder, "token"),
      "--instance",
      "ME",
    );
    expect(status).toBe(0);
    expect(stderr).not.toContain("hush");
    const text = readFileSync(join(textfiles, "poolscope.prom"), "utf8");
    expect(text).toMatch(/^poolscope_snapshot_timestamp_seconds \d+/m);
    expect(text).toMatch(/^windows_pool_tag_bytes\{/m);
    expect(text).toMatch(
      /^windows_pool_host_info\{build="\d+",ubr="4651",edition="Professional",architecture="\w+"\} 1$/m,
    );
    // Two seconds are too little to judge: that must not look like health.
    expect(text).not.toContain("poolscope_judged_timestamp_seconds");
    const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    if (checked.error === undefined) expect(`${checked.stdout}${checked.stderr}`).toBe("");
    expect(received.length).toBeGreaterThanOrEqual(2);
    expect(received[0]?.headers).toMatchObject({ authorization: "Bearer hush-hush", "content-encoding": "snappy" });
    const series = decodeWriteRequest(received.at(-1)?.body ?? new Uint8Array());
    expect(series.every(({ labels }) => labels.some(([name, value]) => name === "instance" && value === "ME"))).toBe(
      true,
    );
    expect(series.length).toBe(text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length);
  });

  test("a receiver that is down costs no snapshot and one line; wrong options cost no file", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "b.pool");
    const { status, stderr } = await record(
      file,
      "--every",
      "300ms",
      "--for",
      "2s",
      "--send-every",
      "1s",
      "--remote-write",
      "http://127.0.0.1:9/write",
    );
    expect(status).toBe(0);
    expect(stderr.match(/cannot be reached/g)).toHaveLength(1);
    expect(readdirSync(`${file}-remote-write-unsent`).length).toBeGreaterThanOrEqual(2);
    const none = join(folder, "c.pool");
    expect((await record(none, "--for", "1s", "--textfile", join(folder, "none"))).status).toBe(2);
    const secret = await record(none, "--for", "1s", "--remote-write", "http://me:hush@127.0.0.1/");
    expect({ status: secret.status, shown: secret.stderr.includes("hush") }).toEqual({ status: 2, shown: false });
    expect(readdirSync(folder)).not.toContain("c.pool");
  });
});

describe.skipIf(library === undefined)("serve", () => {
  test("sends what it measures, keeps in the cache folder what is not taken, and refuses to send a recording", async () => {
    const cache = temporaryFolder();
    const textfiles = join(cache, "textfile_inputs");
    mkdirSync(textfiles);
    const { url, received } = await receiver([204, 503]);
    const env = { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: "tags=50", POOLSCOPE_CACHE: cache };
    const ways = ["--textfile", textfiles, "--remote-write", url.href, "--instance", "ME", "--send-every", "1s"];
    const child = spawn(process.execPath, [program, "serve", "--port", "0", "--every", "300ms", ...ways], { env });
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    const ended = new Promise<number | null>((done) => child.once("close", done));
    await until(
      () => Promise.resolve(stderr.includes("answered 503")),
      (isTold) => isTold,
      60,
    );
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    const series = decodeWriteRequest(received[0]?.body ?? new Uint8Array());
    const text = readFileSync(join(textfiles, "poolscope.prom"), "utf8");
    expect(series.length).toBe(text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length);
    expect(readdirSync(join(cache, "serve-remote-write-unsent")).length).toBeGreaterThan(0);
    expect(stderr.match(/answered 503/g)).toHaveLength(1);
    const recorded = spawnSync(process.execPath, [program, "serve", "a.pool", "--textfile", textfiles], {
      encoding: "utf8",
    });
    expect(recorded).toMatchObject({ status: 2, stdout: "" });
    expect(recorded.stderr).toContain("only what is measured now is sent");
  }, 120_000);
});
