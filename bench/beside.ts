// `npm run bench:beside`: what it costs to measure and to keep what stands beside the counters: a sample through the stand-in
// for ntdll with everything on, and a day of it in a recording against the same day without.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isNewBoot } from "../src/detect/series/boots.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import type { LoadedDriver, ObjectCount, Program, Surroundings } from "../src/model/surroundings.ts";
import { createLiveSampler } from "../src/sources/windows-live/sampler.ts";
import { RecordingWriter } from "../src/store/writer.ts";
import { buildFakeNt } from "../test/build/fakent.ts";
import { DAY, random, workload } from "./pool-workload.ts";

const SNAPSHOTS = Number(process.argv[2] ?? 8640);
const PROGRAMS = 400;
const TYPES = 75;

/** Object types of a busy machine: a few move all the time, most now and then; programs that open handles and do other I/O. */
function* surroundings(seed: number): Generator<Surroundings> {
  const next = random(seed);
  const drivers = Array.from({ length: 250 }, (_, i): LoadedDriver => ({
    file: `driver${i}.sys`,
    path: String.raw`\SystemRoot\System32\drivers\driver${i}.sys`,
    imageBytes: 4096 * (10 + i),
    stamp: 0x60000000 + i,
    version: `10.0.${i}.1`,
    company: "Example Corporation",
    signer: "Example Corporation",
    fileTime: DAY.start - i * 86_400_000,
  }));
  const objects = Array.from({ length: TYPES }, (_, i) => ({
    objects: 100 + 997 * i,
    handles: 80 + 631 * i,
    busy: 1 / (1 + i / 6),
  }));
  const programs = Array.from({ length: PROGRAMS }, (_, i) => ({
    pid: 4 * i + 4,
    handles: 150 + Math.floor(4000 / (1 + i)),
    otherOperations: 1000,
    rate: 3000 / (1 + i),
  }));
  for (let step = 0; ; step++) {
    for (const one of objects) {
      if (next() > one.busy) continue;
      one.objects += Math.round((next() - 0.5) * 20);
      one.handles += Math.round((next() - 0.5) * 20);
    }
    for (const one of programs) {
      one.otherOperations += Math.round(one.rate * next());
      if (next() < 0.4) one.handles += Math.round((next() - 0.5) * 6);
    }
    const time = DAY.start + step * DAY.intervalMs;
    yield {
      objects: objects.map((one, i): ObjectCount => ({
        type: `Type${i}`,
        objects: one.objects,
        handles: one.handles,
        peakObjects: 200_000,
        peakHandles: 200_000,
      })),
      live: { processes: PROGRAMS, threads: 5200 + (step % 9), handles: 160_000 + Math.round(next() * 400) },
      programs: {
        time,
        isWhole: true,
        programs: programs.map((one, i): Program => ({
          pid: one.pid,
          name: `program${i}.exe`,
          started: DAY.start - i,
          handles: one.handles,
          threads: 10 + (i % 20),
          nonpagedQuota: 20_000 + one.handles * 16,
          pagedQuota: 200_000 + i * 100,
          otherOperations: one.otherOperations,
          otherBytes: one.otherOperations * 40,
          privateBytes: 30_000_000 + Math.round(next() * 200) * 4096,
          workingSet: 40_000_000 + Math.round(next() * 300) * 4096,
        })),
      },
      drivers,
    };
  }
}

function day(withSurroundings: boolean): { readonly bytes: number; readonly msEach: number } {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
  const file = join(folder, "day.pool");
  const beside = surroundings(7);
  let cpu = 0;
  const writer = RecordingWriter.open(file, { isNewBoot, now: DAY.start });
  for (const snapshot of workload(DAY).take(SNAPSHOTS)) {
    const more = withSurroundings ? beside.next().value : undefined;
    const taken: Snapshot = more === undefined ? snapshot : { ...snapshot, surroundings: more as Surroundings };
    const start = process.cpuUsage();
    writer.append(taken);
    const used = process.cpuUsage(start);
    cpu += used.user + used.system;
  }
  writer.close(DAY.start);
  const { size } = statSync(file);
  if (withSurroundings) {
    const db = new DatabaseSync(file);
    const sums = db
      .prepare("SELECT sum(length(counts)) AS counts, sum(length(programs)) AS programs FROM beside")
      .get();
    process.stdout.write(
      `of it in blobs: counts ${Number(sums?.["counts"])}, programs ${Number(sums?.["programs"])} bytes\n`,
    );
    db.close();
  }
  rmSync(folder, { recursive: true });
  return { bytes: size, msEach: cpu / 1000 / SNAPSHOTS };
}

async function sampleMicroseconds(withSurroundings: boolean): Promise<number> {
  const library = buildFakeNt();
  if (library === undefined) return Number.NaN;
  process.env["FAKENT"] = `tags=4000,procs=${PROGRAMS},threads=13,modules=250`;
  let now = DAY.start;
  const sampler = await createLiveSampler({
    library,
    now: () => now,
    env: {},
    ...(withSurroundings && { surroundings: { every: 1, driversEvery: 60_000 } }),
  });
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    now += 10_000;
    const start = performance.now();
    sampler.sample();
    times.push((performance.now() - start) * 1000);
  }
  sampler.close();
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

const plain = await sampleMicroseconds(false);
const full = await sampleMicroseconds(true);
process.stdout.write(
  `a sample of 4,000 tags: ${plain.toFixed(0)} us; with ${PROGRAMS} processes, object types, drivers: ${full.toFixed(0)} us (medians of 300)\n`,
);
const without = day(false);
const withAll = day(true);
process.stdout.write(
  `${SNAPSHOTS} snapshots every 10 s: ${without.bytes} bytes, ${without.msEach.toFixed(3)} ms CPU each; with everything beside: ` +
    `${withAll.bytes} bytes (+${((withAll.bytes / without.bytes - 1) * 100).toFixed(1)} %), ${withAll.msEach.toFixed(3)} ms\n`,
);
