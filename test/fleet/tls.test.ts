// Ways out and questions over TLS, with an authority of our own; credentials right and wrong; a server that never answers.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCredentials } from "../../src/cli/fleet/credentials.ts";
import type { Io } from "../../src/cli/io.ts";
import { ask } from "../../src/fleet/http.ts";
import { Backlog } from "../../src/fleet/ways/backlog.ts";
import { Sender } from "../../src/fleet/ways/sender.ts";
import { temporaryFolder } from "../../src/store/recording.test-support.ts";
import { buildFakeNt } from "../build/fakent.ts";
import {
  decodeExportRequest,
  decodeWriteRequest,
  endReceiver,
  makeAuthority,
  makeCertificate,
  startReceiver,
  type Answer,
  type Received,
  type Receiver,
} from "./receivers.ts";

const program = fileURLToPath(new URL("../../bin/poolscope.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "poolscope-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const authority = makeAuthority(folder, "authority");
const USER = "agent:hush-hush";
const basic = `Basic ${Buffer.from(USER).toString("base64")}`;

function run(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Takes what comes with the right password: as a receiver, and as an engine without any series. */
function guarded({ headers, path }: Received): Answer {
  if (headers["authorization"] !== basic) return { status: 401, body: "who are you?" };
  if (!path.includes("/query")) return 204;
  return { status: 200, body: JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } }) };
}

describe.skipIf(authority === undefined)("TLS", () => {
  const ca = authority ?? "";
  const receivers: Receiver[] = [];
  const files = { right: join(folder, "right"), wrong: join(folder, "wrong") };
  let good: Receiver;
  beforeAll(async () => {
    writeFileSync(files.right, `${USER}\n`);
    writeFileSync(files.wrong, "agent:psst-psst\n");
    good = await serve("IP:127.0.0.1");
  }, 60_000);
  afterAll(() => {
    for (const each of receivers) endReceiver(each);
  });

  async function serve(name: string, days?: number): Promise<Receiver> {
    const started = await startReceiver(guarded, makeCertificate(folder, ca, name, days));
    receivers.push(started);
    return started;
  }

  const credentials = (options: Parameters<typeof readCredentials>[0]): ReturnType<typeof readCredentials> =>
    readCredentials(options, { env: {} } as Io);
  const knock = (url: URL, options: Parameters<typeof readCredentials>[0]): Promise<unknown> =>
    ask(url, { method: "POST", body: "" }, credentials(options)).then(({ status }) => status);

  test("the right authority and password are let in; a wrong password is an answer", async () => {
    expect(await knock(good.url, { caFile: ca, basicFile: files.right })).toBe(204);
    expect(await knock(good.url, { caFile: ca, basicFile: files.wrong })).toBe(401);
  });

  test("every fault of a certificate has its own words and remedy", async () => {
    const other = makeAuthority(folder, "other") ?? "";
    await expect(knock(good.url, {})).rejects.toThrow(/certificate is not trusted.*; name the authority's.*--ca-file/);
    await expect(knock(good.url, { caFile: other })).rejects.toThrow(/certificate is not trusted/);
    const elsewhere = await serve("DNS:elsewhere.example");
    await expect(knock(elsewhere.url, { caFile: ca })).rejects.toThrow(/for another name than 127\.0\.0\.1/);
    const expired = await serve("IP:127.0.0.1", 0);
    // A certificate of no days is over within a second.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await expect(knock(expired.url, { caFile: ca })).rejects.toThrow(/not valid now \(CERT_HAS_EXPIRED\)/);
    const plain = await startReceiver([204]);
    receivers.push(plain);
    const https = new URL(plain.url.href.replace("http:", "https:"));
    await expect(knock(https, { caFile: ca })).rejects.toThrow(/does not speak TLS/);
  });

  test("a file that is no certificate is said to be none", () => {
    expect(() => credentials({ caFile: files.right })).toThrow(/--ca-file: .* holds no certificate in PEM/);
  });

  test("a sender keeps what a wrong password or certificate holds up, tells it once, and no line has the secret", async () => {
    for (const [options, words] of [
      [{ caFile: ca, basicFile: files.wrong }, "answered 401 (it refuses these credentials); kept"],
      [{ basicFile: files.right }, "certificate is not trusted"],
    ] as const) {
      const lines: string[] = [];
      let now = Date.now();
      const backlog = new Backlog(join(temporaryFolder(), "unsent"));
      const sender = new Sender({
        ...credentials(options),
        url: good.url,
        protocol: { headers: {} },
        backlog,
        now: () => now,
        report: (line) => lines.push(line),
      });
      for (const i of [1, 2, 3]) {
        now += 400_000;
        await sender.push(i, Uint8Array.of(i));
      }
      const told = lines.filter((line) => !line.includes("clock"));
      expect({ kept: backlog.length, lines: told.length }).toEqual({ kept: 3, lines: 1 });
      expect(told[0]).toContain(words);
      for (const secret of ["hush", "psst", Buffer.from(USER).toString("base64")])
        expect(lines.join()).not.toContain(secret);
    }
  });

  test("fleet --url: let in, refused, not trusted; one line each", async () => {
    const url = `https://${good.url.host}/prometheus/api/v1`;
    const fleet = (...args: string[]): ReturnType<typeof run> => run({}, "fleet", "--url", url, ...args);
    const right = await fleet("--ca-file", ca, "--basic-file", files.right);
    expect(right.stderr).toContain("no machine has sent series");
    expect(good.received.at(-1)?.path).toBe("/prometheus/api/v1/query");
    const wrong = await fleet("--ca-file", ca, "--basic-file", files.wrong);
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^poolscope: https:\S+ refuses \(401\).*--basic-file\n$/);
    const byName = await run({ POOLSCOPE_BASIC: USER }, "fleet", "--url", url);
    expect(byName.stderr).toMatch(/^poolscope: https:\S+: its certificate is not trusted .*--ca-file\n$/);
    expect(right.stderr + wrong.stderr + byName.stderr).not.toMatch(/hush|psst/);
  });

  const library = buildFakeNt();
  test.skipIf(library === undefined)(
    "record sends over TLS by both protocols, and says nothing of the password",
    async () => {
      const { received } = good;
      received.length = 0;
      const ways = ["--remote-write", good.url.href, "--otlp", new URL("/v1/metrics", good.url).href];
      const times = ["--every", "300ms", "--for", "2s", "--send-every", "1s"];
      const file = join(temporaryFolder(), "a.pool");
      const env = { POOLSCOPE_NTDLL: library ?? "", FAKENT: "tags=50" };
      const secret = ["--ca-file", ca, "--basic-file", files.right, "--instance", "ME"];
      const { status, stdout, stderr } = await run(env, "record", file, ...times, ...ways, ...secret);
      expect({ status, secret: /hush/.test(stdout + stderr) }, stderr).toEqual({ status: 0, secret: false });
      const written = received.filter(({ path }) => path === "/api/v1/write");
      const exported = received.filter(({ path }) => path === "/v1/metrics");
      expect({ written: written.length > 0, exported: exported.length }).toEqual({
        written: true,
        exported: written.length,
      });
      const series = decodeWriteRequest(written[0]?.body ?? new Uint8Array());
      const points = decodeExportRequest(exported[0]?.body ?? new Uint8Array());
      expect(points.length).toBe(series.length);
      expect(points.every(({ resource }) => resource["host.name"] === "ME")).toBe(true);
      const bytesOf = series.filter(({ labels }) => labels.some(([, value]) => value === "windows_pool_tag_bytes"));
      const usage = points.filter(({ name }) => name === "system.memory.windows.pool.usage");
      expect(usage.map(({ value }) => value)).toEqual(bytesOf.map(({ value }) => value));
    },
  );
});

test("a server that never answers: in time, kept, and asked again later", async () => {
  const silent = await startReceiver(["hang"]);
  const lines: string[] = [];
  let now = 0;
  const backlog = new Backlog(join(temporaryFolder(), "unsent"));
  const options = { headers: {}, protocol: { headers: {} }, backlog, timeoutMs: 300 };
  const sender = new Sender({ ...options, url: silent.url, now: () => now, report: (line) => lines.push(line) });
  for (const i of [1, 2, 3]) {
    await sender.push(i, Uint8Array.of(i));
    now += 1000;
  }
  expect({ asked: silent.received.length, kept: backlog.length }).toEqual({ asked: 1, kept: 3 });
  expect(lines).toEqual([
    expect.stringMatching(/did not answer in time; check that it runs.*; kept, and tried again$/),
  ]);
  now += 60_000;
  await sender.flush();
  expect(silent.received.length).toBe(2);
  endReceiver(silent);
});
