// The ways out of `record`, with the stand-in for ntdll and receivers of our own on loopback.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { uncompress } from "snappyjs";
import { afterEach, describe, expect, test } from "vitest";
import type { Sample } from "../../src/fleet/series/machine-metrics.ts";
import { renderMetrics } from "../../src/fleet/series/metric-text.ts";
import { Backlog } from "../../src/fleet/ways/backlog.ts";
import { openOtlp } from "../../src/fleet/ways/otlp.ts";
import { encodeRemoteWrite } from "../../src/fleet/ways/remote-write.ts";
import { Sender } from "../../src/fleet/ways/sender.ts";
import { requireTextfileFolder, writeTextfile } from "../../src/fleet/ways/textfile.ts";
import { ORIGIN, T0, temporaryFolder } from "../../src/store/recording.test-support.ts";
import { buildFakeNt } from "../build/fakent.ts";

const library = buildFakeNt();
const program = fileURLToPath(new URL("../../bin/poolscope.mjs", import.meta.url));
const SAMPLES: readonly Sample[] = [
  { id: "tagBytes", labels: { type: "nonpaged", tag: "Irp " }, value: 4096 },
  { id: "tagAllocs", labels: { tag: 'q"\\\n', type: "paged" }, value: 2 ** 40 },
];

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Received {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** A receiver that answers with the given statuses in turn, the last one for ever. */
async function receiver(...answers: (number | [number, string])[]): Promise<{ url: URL; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const answer = answers[Math.min(received.length, answers.length - 1)] ?? 204;
      received.push({ headers: request.headers, body: Buffer.concat(parts) });
      const [status, text] = typeof answer === "number" ? [answer, ""] : answer;
      response.writeHead(status).end(text);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: new URL(`http://127.0.0.1:${port}/api/v1/write`), received };
}

/** A second reader of WriteRequest, by the field numbers of types.proto. */
function decode(body: Uint8Array): { labels: [string, string][]; value: number; time: number }[] {
  const series: { labels: [string, string][]; value: number; time: number }[] = [];
  const reader = new BinaryReader(uncompress(body));
  while (reader.pos < reader.len) {
    reader.tag();
    const one = { labels: [] as [string, string][], value: Number.NaN, time: 0 };
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) {
      const [field] = reader.tag();
      const stop = reader.uint32() + reader.pos;
      const texts: string[] = [];
      while (reader.pos < stop) {
        const [inner] = reader.tag();
        if (field === 1) texts.push(reader.string());
        else if (inner === 1) one.value = reader.double();
        else one.time = Number(reader.int64());
      }
      if (field === 1) one.labels.push([texts[0] ?? "", texts[1] ?? ""]);
    }
    series.push(one);
  }
  return series;
}

describe("remote write", () => {
  test("a request holds every sample with sorted labels and its time", () => {
    const series = decode(encodeRemoteWrite(SAMPLES, T0, { job: "poolscope", instance: "WS-07" }));
    expect(series).toEqual([
      {
        labels: [
          ["__name__", "windows_pool_tag_bytes"],
          ["instance", "WS-07"],
          ["job", "poolscope"],
          ["tag", "Irp "],
          ["type", "nonpaged"],
        ],
        value: 4096,
        time: T0,
      },
      {
        labels: [
          ["__name__", "windows_pool_tag_allocs_total"],
          ["instance", "WS-07"],
          ["job", "poolscope"],
          ["tag", 'q"\\\n'],
          ["type", "paged"],
        ],
        value: 2 ** 40,
        time: T0,
      },
    ]);
  });

  function senderTo(
    url: URL,
    folder = join(temporaryFolder(), "unsent"),
  ): { sender: Sender; lines: string[]; backlog: Backlog; clock: { now: number } } {
    const lines: string[] = [];
    const clock = { now: T0 };
    const backlog = new Backlog(folder);
    const sender = new Sender({
      url,
      headers: { Authorization: "Bearer hush" },
      protocol: {},
      backlog,
      now: () => clock.now,
      report: (line) => lines.push(line),
      timeoutMs: 2000,
    });
    return { sender, lines, backlog, clock };
  }

  test("5xx and 429 are kept and tried again later, in order; the end of the trouble is told", async () => {
    const { url, received } = await receiver(503, 429, 204);
    const { sender, lines, backlog, clock } = senderTo(url);
    await sender.push(1, Uint8Array.of(1));
    await sender.push(2, Uint8Array.of(2));
    expect({ asked: received.length, kept: backlog.length }).toEqual({ asked: 1, kept: 2 });
    clock.now += 60_000;
    await sender.flush();
    clock.now += 600_000;
    await sender.flush();
    expect(received.slice(2).map(({ body }) => body[0])).toEqual([1, 2]);
    expect(backlog.length).toBe(0);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain("takes data again");
    expect(lines.join("\n")).not.toContain("hush");
  });

  test("4xx is final, counted and explained", async () => {
    const { url, received } = await receiver([400, "out of bounds"], [413, "too large"], 204);
    const { sender, lines, backlog } = senderTo(url);
    for (const i of [1, 2, 3]) await sender.push(i, Uint8Array.of(i));
    expect({ asked: received.length, kept: backlog.length, refused: sender.refused }).toEqual({
      asked: 3,
      kept: 0,
      refused: 2,
    });
    expect(lines[0]).toContain("out_of_order_time_window");
    expect(lines[1]).toContain("too large");
  });

  test("a receiver that is down for a day costs one line, and what is kept outlives the process", async () => {
    const folder = join(temporaryFolder(), "unsent");
    const down = senderTo(new URL("http://127.0.0.1:9/write"), folder);
    for (let i = 0; i < 20; i++) {
      down.clock.now += 3_600_000;
      await down.sender.push(i, Uint8Array.of(i));
    }
    expect(down.lines).toHaveLength(1);
    const { url, received } = await receiver(204);
    await senderTo(url, folder).sender.flush();
    expect(received.map(({ body }) => body[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("the backlog has a limit, and a disk that takes nothing is counted", () => {
    const backlog = new Backlog(join(temporaryFolder(), "unsent"), 100);
    for (let i = 0; i < 10; i++) backlog.add(i, new Uint8Array(30).fill(i));
    expect({ length: backlog.length, dropped: backlog.dropped, first: backlog.first()?.body[0] }).toEqual({
      length: 3,
      dropped: 7,
      first: 7,
    });
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const broken = new Backlog(join(file, "unsent"));
    broken.add(1, Uint8Array.of(1));
    expect({ length: broken.length, dropped: broken.dropped }).toEqual({ length: 0, dropped: 1 });
  });
});

describe("textfile", () => {
  test("is replaced as a whole, ends in a line feed, has no times and no double series", async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 2; i++) writeTextfile(folder, await renderMetrics(SAMPLES));
    expect(readdirSync(folder)).toEqual(["poolscope.prom"]);
    const text = readFileSync(join(folder, "poolscope.prom"), "utf8");
    expect(text).toContain('windows_pool_tag_bytes{type="nonpaged",tag="Irp "} 4096\n');
    expect(text).toContain('tag="q\\"\\\\\\n"');
    expect(text.endsWith("\n")).toBe(true);
  });

  test("a folder that is not there is named with the usual one", () => {
    expect(() => requireTextfileFolder(join(temporaryFolder(), "none"))).toThrow(/is not a folder.*textfile_inputs/);
  });
});

test("OTLP: protobuf with names of the conventions and the machine as resource", async () => {
  const encode = await openOtlp();
  const bytes = Buffer.from(encode(SAMPLES, T0, { instance: "WS-07", version: "1", origin: ORIGIN }));
  for (const text of [
    "system.memory.windows.pool.usage",
    "By",
    "system.memory.windows.pool.tag",
    "Irp ",
    "host.name",
    "WS-07",
    "os.build_id",
    "19045",
  ])
    expect(bytes.includes(text), text).toBe(true);
  expect(bytes.includes("windows_pool_tag_bytes")).toBe(false);
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
    const { url, received } = await receiver(204);
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
    // Two seconds are too little to judge: that must not look like health.
    expect(text).not.toContain("poolscope_judged_timestamp_seconds");
    const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    if (checked.error === undefined) expect(`${checked.stdout}${checked.stderr}`).toBe("");
    expect(received.length).toBeGreaterThanOrEqual(2);
    expect(received[0]?.headers).toMatchObject({ authorization: "Bearer hush-hush", "content-encoding": "snappy" });
    const series = decode(received.at(-1)?.body ?? new Uint8Array());
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
