// What is sent and kept: remote write, OTLP, the textfile, against receivers of our own on loopback.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { Sample } from "../../src/fleet/series/machine-metrics.ts";
import { renderMetrics } from "../../src/fleet/series/metric-text.ts";
import { Backlog } from "../../src/fleet/ways/backlog.ts";
import { openOtlp, OTLP } from "../../src/fleet/ways/otlp.ts";
import { encodeRemoteWrite, REMOTE_WRITE } from "../../src/fleet/ways/remote-write.ts";
import { Sender, type Protocol } from "../../src/fleet/ways/sender.ts";
import { requireTextfileFolder, writeTextfile } from "../../src/fleet/ways/textfile.ts";
import { ORIGIN, T0, temporaryFolder } from "../../src/store/recording.test-support.ts";
import { decodeExportRequest, decodeWriteRequest, endReceivers, receiver, type Receiver } from "./receivers.ts";

afterEach(endReceivers);

const SAMPLES: readonly Sample[] = [
  { id: "tagBytes", labels: { type: "nonpaged", tag: "Irp " }, value: 4096 },
  { id: "tagAllocs", labels: { tag: 'q"\\\n', type: "paged" }, value: 2 ** 40 },
];

describe("remote write", () => {
  test("a request holds every sample with sorted labels and its time", () => {
    const series = decodeWriteRequest(encodeRemoteWrite(SAMPLES, T0, { job: "poolscope", instance: "WS-07" }));
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
    protocol: Protocol = { headers: {} },
  ): { sender: Sender; lines: string[]; backlog: Backlog; clock: { now: number } } {
    const lines: string[] = [];
    const clock = { now: T0 };
    const backlog = new Backlog(folder);
    const sender = new Sender({
      url,
      headers: { Authorization: "Bearer hush" },
      protocol,
      backlog,
      now: () => clock.now,
      report: (line) => lines.push(line),
      timeoutMs: 2000,
    });
    return { sender, lines, backlog, clock };
  }

  test("5xx and 429 are kept and tried again later, in order; the end of the trouble is told", async () => {
    const { url, received } = await receiver([503, 429, 204]);
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
    const { url, received } = await receiver([
      { status: 400, body: "out of bounds" },
      { status: 413, body: "too large" },
      204,
    ]);
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
    const { url, received } = await receiver([204]);
    await senderTo(url, folder).sender.flush();
    expect(received.map(({ body }) => body[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("the backlog has a limit", () => {
    const backlog = new Backlog(join(temporaryFolder(), "unsent"), { bytes: 100, bytesInMemory: 100 });
    for (let i = 0; i < 10; i++) backlog.add(i, new Uint8Array(30).fill(i));
    expect({ length: backlog.length, dropped: backlog.dropped, oldest: backlog.oldest(1)[0]?.body[0] }).toEqual({
      length: 3,
      dropped: 7,
      oldest: 7,
    });
  });

  test("without being told otherwise 16 MB on the disk, and 1 MB in memory where it takes nothing", () => {
    const kept = (folder: string, bytes: number): { length: number; dropped: number } => {
      const backlog = new Backlog(folder);
      for (let i = 0; i < 5; i++) backlog.add(i, new Uint8Array(bytes));
      return { length: backlog.length, dropped: backlog.dropped };
    };
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expect(kept(join(temporaryFolder(), "unsent"), 4 * 2 ** 20)).toEqual({ length: 4, dropped: 1 });
    expect(kept(join(file, "unsent"), 2 ** 18)).toEqual({ length: 4, dropped: 1 });
  });

  test("what a disk does not take is sent out of memory, within a bound, and told once", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const { url, received } = await receiver([503, 204]);
    const { sender, lines, clock } = senderTo(url, join(file, "unsent"));
    for (const i of [1, 2, 3]) await sender.push(i, Uint8Array.of(i));
    clock.now += 600_000;
    await sender.flush();
    expect(received.slice(1).map(({ body }) => body[0])).toEqual([1, 2, 3]);
    expect(lines.filter((line) => line.includes("cannot be written"))).toHaveLength(1);
    const bounded = new Backlog(join(file, "unsent"), { bytes: 1000, bytesInMemory: 100 });
    for (let i = 0; i < 10; i++) bounded.add(i, new Uint8Array(30).fill(i));
    expect({ length: bounded.length, dropped: bounded.dropped }).toEqual({ length: 3, dropped: 7 });
  });

  const sampleAt = (time: number): Uint8Array =>
    encodeRemoteWrite([{ id: "sourceUp", labels: {}, value: 1 }], time, { instance: "WS-07" });
  const timesOf = ({ received }: Receiver): number[] =>
    received.flatMap(({ body }) => decodeWriteRequest(body).map(({ time }) => time));

  test("a receiver that is down for a day gets all of it, in order, in few requests and two lines", async () => {
    const day = Array.from({ length: 1440 }, (_, i) => T0 + i * 60_000);
    let isUp = false;
    const to = await receiver(() => (isUp ? 204 : 503));
    const { sender, lines, clock, backlog } = senderTo(to.url, undefined, REMOTE_WRITE);
    for (const time of day) {
      clock.now = time;
      await sender.push(time, sampleAt(time));
    }
    const askedInVain = to.received.splice(0).length;
    // Every five minutes or so, not every minute.
    expect(askedInVain).toBeLessThan(500);
    isUp = true;
    clock.now += 600_000;
    await sender.flush();
    expect(timesOf(to)).toEqual(day);
    expect({ requests: to.received.length, left: backlog.length, sent: sender.sent }).toEqual({
      requests: 29,
      left: 0,
      sent: 1440,
    });
    expect(lines).toHaveLength(2);
  });

  test("of many that are refused together only those are given up that are refused alone", async () => {
    const tooOld = T0 + 5;
    const taken: number[] = [];
    const to = await receiver(({ body }) => {
      if (Buffer.from(body).equals(Buffer.from("damaged"))) return { status: 400, body: "snappy: corrupt input" };
      const times = decodeWriteRequest(body).map(({ time }) => time);
      if (times.some((time) => time < tooOld)) return { status: 400, body: "out of bounds" };
      taken.push(...times);
      return 204;
    });
    const { sender, lines, backlog } = senderTo(to.url, undefined, REMOTE_WRITE);
    for (let i = 0; i < 20; i++) backlog.add(T0 + i, sampleAt(T0 + i));
    // Somebody damaged one of the kept files: it must not hold up the others.
    writeFileSync(join(backlog.folder, backlog.oldest(20)[10]?.name ?? ""), "damaged");
    await sender.flush();
    const whole = Array.from({ length: 20 }, (_, i) => T0 + i).filter((time) => time >= tooOld && time !== T0 + 10);
    expect({ taken, refused: sender.refused }).toEqual({ taken: whole, refused: 6 });
    expect(backlog.length).toBe(0);
    expect(lines[0]).toContain("out_of_order_time_window");
  });

  test("a clock that is wrong by a day is told once, by the time that the receiver answers with", async () => {
    const day = 86_400_000;
    const headers = { Date: new Date(T0 - day).toUTCString() };
    const { url } = await receiver([{ status: 204, headers }]);
    const { sender, lines } = senderTo(url);
    for (const i of [1, 2]) await sender.push(i, Uint8Array.of(i));
    expect(lines).toEqual([expect.stringMatching(/^the clock of this machine is 1 day ahead of that of 127\.0\.0\.1/)]);
    const nearly = await receiver([{ status: 204, headers: { Date: new Date(T0 - 9 * 60_000).toUTCString() } }]);
    const other = senderTo(nearly.url);
    await other.sender.push(1, Uint8Array.of(1));
    expect(other.lines).toEqual([]);
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

describe("OTLP", () => {
  test("names, units and kinds of the conventions, and the machine as resource", async () => {
    const encode = await openOtlp();
    const points = decodeExportRequest(encode(SAMPLES, T0, { instance: "WS-07", version: "1", origin: ORIGIN }));
    const resource = {
      "host.name": "WS-07",
      "os.type": "windows",
      "os.build_id": "19045",
      "service.name": "poolscope",
      "service.version": "1",
    };
    const pool = (tag: string, type: string): Record<string, string> => ({
      "system.memory.windows.pool.tag": tag,
      "system.memory.windows.pool.type": type,
    });
    expect(points).toEqual([
      {
        name: "system.memory.windows.pool.usage",
        unit: "By",
        kind: "cumulative sum",
        attributes: pool("Irp ", "nonpaged"),
        value: 4096,
        timeMs: T0,
        resource,
      },
      {
        name: "system.memory.windows.pool.allocation.count",
        unit: "{allocation}",
        kind: "cumulative monotonic sum",
        attributes: pool('q"\\\n', "paged"),
        value: 2 ** 40,
        timeMs: T0,
        resource,
      },
    ]);
  });

  test("two requests are one; what a receiver left out is told", async () => {
    const encode = await openOtlp();
    const at = (time: number): Uint8Array => encode(SAMPLES, time, { instance: "W", version: "1", origin: ORIGIN });
    const merged = decodeExportRequest(OTLP.merge?.([at(T0), at(T0 + 1000)]) ?? new Uint8Array());
    expect(merged.map(({ timeMs }) => timeMs)).toEqual([T0, T0, T0 + 1000, T0 + 1000]);
    // partial_success { rejected_data_points: 3, error_message: "no" }, and an empty one.
    expect(OTLP.leftOut?.(Uint8Array.of(10, 6, 8, 3, 18, 2, 110, 111))).toBe("3 points, no");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(typeof (OTLP.leftOut?.(bytes) ?? "")).toBe("string");
      }),
    );
    for (const none of [[], [10, 0], [0xff], [0x7b, 0x7d]])
      expect(OTLP.leftOut?.(Uint8Array.from(none))).toBe(undefined);
  });
});
