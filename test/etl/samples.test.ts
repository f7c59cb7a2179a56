// Real traces: every count agrees with an independent walk of the same files.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { GROUP } from "../../src/formats/etl/event-groups.ts";
import { parseIdentityEvent } from "../../src/formats/etl/identity-events.ts";
import { parseImageEvent } from "../../src/formats/etl/image-events.ts";
import { parseProcessEvent } from "../../src/formats/etl/process-events.ts";
import { readTrace, type TraceTally } from "../../src/formats/etl/read-trace.ts";
import type { RecordReader } from "../../src/formats/etl/records.ts";
import * as stackEvents from "../../src/formats/etl/stack-events.ts";
import { readLogHeader } from "../../src/formats/etl/log-header.ts";
import { KernelImages } from "../../src/traces/kernel-images.ts";
import { NO_EVENT, PendingEvents } from "../../src/traces/pending-events.ts";
import { readPoolTrace } from "../../src/traces/pool-trace.ts";
import { StackTable } from "../../src/traces/stack-table.ts";

const folder = fileURLToPath(new URL("../../../shared/samples/etl/", import.meta.url));
const missing = !existsSync(folder);
if (missing) console.warn(`real traces not tested: ${folder} is missing`);

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(`${folder}${name}`));

function walk(name: string, visit: (record: RecordReader) => void = () => {}): TraceTally {
  return readTrace(bytesSource(bytesOf(name)), visit);
}

function byKind(tally: TraceTally): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [kind, count] of tally.recordsByKind.entries())
    if (count > 0) counts[kind.toString(16).toUpperCase().padStart(2, "0")] = count;
  return counts;
}

function event(tally: TraceTally, group: number, type: number): number {
  return tally.kernelEvents[group * 256 + type] ?? 0;
}

/** All kernel addresses of a 64-bit stack, also those after user frames (calls back into user mode), low word first. */
function kernelWords(record: RecordReader, from: number): number[] {
  const words: number[] = [];
  for (let at = from; at + 8 <= record.dataBytes; at += 8) {
    if (record.u32(at + 4) >= 0x8000_0000) words.push(record.u32(at), record.u32(at + 4));
  }
  return words;
}

const NET = "perfview_net452_x64.etl";

describe.skipIf(missing)("real traces", () => {
  test("a merged, compressed trace of Windows 8: buffers, records, order, loss", () => {
    let last = -Infinity;
    let backwards = 0;
    const tally = walk(NET, (record) => {
      if (record.ticks < last) backwards += 1;
      last = record.ticks;
    });
    expect(tally).toMatchObject({ buffers: 360, compressedBuffers: 359, records: 179_474 });
    // 359 bodies unpack to their exact length; each has a header of 72 bytes, and the first buffer is not compressed.
    const firstBytes = new DataView(bytesOf(NET).buffer).getUint32(4, true);
    expect(tally.uncompressedBytes - 359 * 72 - firstBytes).toBe(23_016_304);
    expect(byKind(tally)).toEqual({
      "01": 2,
      "02": 3189,
      "0A": 27,
      "11": 100_157,
      "12": 33_378,
      "13": 34_765,
      "14": 7956,
    });
    expect(backwards).toBe(0);
    expect(tally.header).toMatchObject({
      processors: 8,
      windowsBuild: 9200,
      clock: "qpc",
      ticksPerSecond: 10_000_000,
      closed: true,
    });
    expect(tally.loss).toEqual({
      eventsLost: 0,
      buffersLost: 0,
      flaggedBuffers: 0,
      unreadableBuffers: 0,
      brokenBuffers: 0,
      unreadBytes: 0,
      cut: false,
    });
    const stacks = [0x20, 0x25, 0x26, 0x23, 0x24, 0x22].map((type) => event(tally, GROUP.stack, type));
    expect(stacks).toEqual([252, 2061, 7046, 1909, 1012, 0]);
    const images = [3, 4, 2].map((type) => event(tally, GROUP.image, type));
    expect([...images, event(tally, GROUP.process, 0x0a)]).toEqual([1763, 1766, 32, 35]);
  });

  test("its identity records, kernel images and companies", () => {
    const kinds: Record<string, number> = {};
    const images = new KernelImages();
    const present = { "present-at-start": 0, "present-at-end": 0 };
    walk(NET, (record) => {
      if (record.group === GROUP.identity) {
        const type = record.type.toString(16).padStart(2, "0");
        kinds[type] = (kinds[type] ?? 0) + 1;
        const identity = parseIdentityEvent(record);
        if (identity !== undefined) images.identify(identity);
      }
      if (record.group !== GROUP.image && !(record.group === GROUP.process && record.type === 0x0a)) return;
      const image = parseImageEvent(record);
      if (image === undefined) return;
      images.take(image, record.ticks);
      if (image.process === 0 && image.change in present) present[image.change as keyof typeof present] += 1;
    });
    expect(kinds).toEqual({ "00": 3590, "20": 12, "24": 3534, "25": 44, "40": 705 });
    expect(present).toEqual({ "present-at-start": 141, "present-at-end": 141 });
    expect(images.images).toHaveLength(141);
    const known = images.images.map((image) => ({ image, ...images.identityOf(image) }));
    expect(known.filter((each) => each.company !== undefined)).toHaveLength(139);
    const foreign = known.filter((each) => each.company !== undefined && !each.company.startsWith("Microsoft"));
    expect(foreign.map((each) => [each.image.module, each.company])).toEqual([
      ["secdrv.sys", "Macrovision Corporation, Macrovision Europe Limited, and Macrovision Japan and Asia K.K."],
    ]);
    expect(known.find((each) => each.image.module === "ntoskrnl.exe")?.pdb?.file).toMatch(/^ntkrnlmp\.pdb$/);
  });

  test("its stack keys: every reference resolves, every kernel stack has exactly one event", () => {
    const table = new StackTable();
    const frames = stackEvents.emptyFrames();
    const images = new KernelImages();
    const seen = new Map<string, boolean>();
    const reused = new Set<string>();
    const references: number[] = [];
    const frameCounts = { defined: [0, 0], plain: [0, 0] };
    const pending = new PendingEvents(10_000_000, () => {});
    let matched = 0;
    const kernelStacks: (() => void)[] = [];
    walk(NET, (record) => {
      const { group, type } = record;
      if (group === GROUP.image || (group === GROUP.process && type === 0x0a)) {
        const image = parseImageEvent(record);
        if (image !== undefined) images.take(image, record.ticks);
      }
      if (group !== GROUP.stack) {
        if (!record.kernel) return;
        pending.pass(record.processor, record.ticks);
        pending.add(record.processor, record.ticks, 1);
        return;
      }
      const at = stackEvents.keyOffset(record);
      const low = record.u32(at);
      const high = record.u32(at + 4);
      const key = `${high} ${low}`;
      if (type === stackEvents.KERNEL_KEY || type === stackEvents.USER_KEY) {
        references.push(table.ofKey(low, high));
        if (seen.get(key) === true) reused.add(key);
        seen.set(key, false);
        if (
          type === stackEvents.KERNEL_KEY &&
          pending.take(record.processor, stackEvents.eventTicksOf(record)) !== NO_EVENT
        )
          matched += 1;
        return;
      }
      stackEvents.parseKernelFrames(record, frames);
      const words = kernelWords(record, type === stackEvents.STACK ? 16 : 8);
      const counts = type === stackEvents.STACK ? frameCounts.plain : frameCounts.defined;
      const { ticks } = record;
      kernelStacks.push(() => {
        for (let i = 0; i < words.length; i += 2) {
          const inside = images.at(words[i] ?? 0, words[i + 1] ?? 0, ticks) !== undefined;
          counts[inside ? 0 : 1] = (counts[inside ? 0 : 1] ?? 0) + 1;
        }
      });
      if (type === stackEvents.STACK) return;
      table.define(low, high, frames);
      if (seen.has(key)) seen.set(key, true);
    });
    for (const count of kernelStacks) count();
    expect(references).toHaveLength(9107);
    expect(references.filter((reference) => table.stackOf(reference) === undefined)).toEqual([]);
    expect(reused.size).toBe(646);
    expect(matched).toBe(2061);
    expect(frameCounts).toEqual({ defined: [7738, 4], plain: [309, 44] });
  });

  test("processes by name", () => {
    const names = new Map<number, string>();
    walk(NET, (record) => {
      const process = record.group === GROUP.process ? parseProcessEvent(record) : undefined;
      if (process !== undefined) names.set(process.process, process.name);
    });
    expect(names.get(4)).toBe("System");
    expect(names.get(3988)).toBe("PerfView.exe");
    // 32 ran when it began, one was started.
    expect(names.size).toBe(33);
  });

  test("a raw trace of Windows 10: records, images of version 3", () => {
    const images = new KernelImages();
    const tally = walk("ShutdownPerfDiagLogger.etl", (record) => {
      if (record.group !== GROUP.image && !(record.group === GROUP.process && record.type === 0x0a)) return;
      const image = parseImageEvent(record);
      if (image !== undefined) images.take(image, record.ticks);
    });
    expect(tally).toMatchObject({ buffers: 49, compressedBuffers: 0, records: 17_078 });
    expect(byKind(tally)).toEqual({ "02": 8433, "11": 8645 });
    expect([3, 4, 2].map((type) => event(tally, GROUP.image, type))).toEqual([6745, 2145, 4791]);
    expect(event(tally, GROUP.process, 0x0a)).toBe(72);
    expect(new Set(images.images.map((image) => image.path)).size).toBe(196);
    expect(images.images).toHaveLength(196);
  });

  test.each(["32_v0", "32_v2", "64_v1", "64_v2"])(
    "image payloads of sawbuck %s, whatever pointer size the log header claims",
    (name) => {
      const changes: Record<string, number> = {};
      const paths: string[] = [];
      const tally = walk(`sawbuck_image_data_${name}.etl`, (record) => {
        const image = record.group === GROUP.image ? parseImageEvent(record) : undefined;
        if (image === undefined) return;
        changes[image.change] = (changes[image.change] ?? 0) + 1;
        paths.push(image.path);
      });
      expect(tally.records).toBe(27);
      expect(changes).toEqual({ "present-at-start": 24, load: 1, unload: 1 });
      for (const path of paths) expect(path).toMatch(/^C:\\.*\.(dll|exe)$/i);
    },
  );

  test.each([
    ["SelfDescribingSingleEvent.etl", 22],
    ["perfview_gcevents.etl", 71],
    ["lxcore_kernel.etl", 4],
  ] as const)("%s has %i records", (name, records) => {
    expect(walk(name).records).toBe(records);
  });

  test("none of them holds pool events, and the error says how they were recorded", () => {
    for (const name of [NET, "ShutdownPerfDiagLogger.etl", "perfview_gcevents.etl", "lxcore_kernel.etl"]) {
      expect(() => readPoolTrace(bytesSource(bytesOf(name)), { isWindowsModule: () => false })).toThrow(
        /holds no pool events: recorded without the pool keyword/,
      );
    }
  });

  test("the clock and the boot of every sample are read", () => {
    const header = readLogHeader(bytesSource(bytesOf(NET)));
    expect(new Date(header.startTime ?? 0).toISOString()).toBe("2020-07-29T00:07:00.624Z");
    expect(new Date(header.bootTime ?? 0).toISOString()).toBe("2020-07-29T00:03:46.487Z");
  });
});
