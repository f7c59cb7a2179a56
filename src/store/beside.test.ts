import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Snapshot } from "../model/snapshot.ts";
import type { LoadedDriver, Program, Surroundings } from "../model/surroundings.ts";
import { readLastJudgement, type Judgement } from "./judgements.ts";
import {
  leakingSnaps,
  openWriter,
  readRecording,
  snap,
  T0,
  temporaryFolder,
  writeRecording,
} from "./recording.test-support.ts";
import { RecordingReader } from "./reader.ts";
import { checkSeals } from "./seals.ts";
import { PROGRAMS_EVERY } from "./standing-out.ts";
import { thin } from "./thin.ts";

const kernel: LoadedDriver = { file: "ntoskrnl.exe", imageBytes: 1000, stamp: 7 };
const before = [kernel, { file: "x.sys", version: "1.2" }];
const after = [kernel, { file: "x.sys", version: "1.3" }];

function system(handles: number): Program {
  return { pid: 4, name: "System", handles };
}

/** A snapshot a minute with everything beside its counters. */
function full(count: number): Snapshot[] {
  return leakingSnaps(count, PROGRAMS_EVERY).map((snapshot, i) => {
    const surroundings: Surroundings = {
      objects: [
        { type: "Process", objects: 100 + i, handles: 300, peakObjects: 200 },
        { type: "File", objects: 5000 - i, handles: 4000 + 7 * i },
      ],
      live: { processes: 90 + (i % 3), threads: 900, handles: 40_000 },
      programs: {
        time: snapshot.time - 5,
        isWhole: true,
        programs: [system(1000 + i), { pid: 8, name: "a.exe", started: T0, handles: 5, otherOperations: 9 * i }],
      },
      drivers: i < count / 2 ? before : after,
      ...(i === 1 && { holders: [{ type: "Process", pid: 8, name: "a.exe", handles: 70, of: "b.exe" }] }),
    };
    return { ...snapshot, surroundings };
  });
}

test("what stands beside the counters comes back, over keyframes and sessions", () => {
  const file = join(temporaryFolder(), "all");
  const snapshots = full(20);
  writeRecording(file, snapshots.slice(0, 7), { keyframeEvery: 5 });
  writeRecording(file, snapshots.slice(7), { keyframeEvery: 5 });
  const read = readRecording(file);
  expect(read.snapshots).toEqual(snapshots);
  expect(read.gaps).toEqual([]);
  expect(read.snapshots[12]?.surroundings?.drivers).toBe(read.snapshots[13]?.surroundings?.drivers);
});

test("programs are kept once a minute, those that stand out by handles, gain, quota or other I/O", () => {
  const crowd = (i: number): Program[] => [
    ...Array.from({ length: 60 }, (_, n): Program => ({ pid: n, name: `p${n}`, handles: 100 - n, otherOperations: 7 })),
    { pid: 101, name: "grows.exe", handles: 30 + i },
    { pid: 102, name: "quota.exe", nonpagedQuota: 9 },
    { pid: 103, name: "busy.exe", otherOperations: 1000 * i },
    { pid: 104, name: "was-busy.exe", otherOperations: 1e9 },
  ];
  const file = join(temporaryFolder(), "crowd");
  writeRecording(
    file,
    Array.from({ length: 13 }, (_, i) => {
      const time = T0 + i * 10_000;
      return snap(time, [], { surroundings: { programs: { time, isWhole: true, programs: crowd(i) } } });
    }),
  );
  const kept = readRecording(file).snapshots.flatMap(({ surroundings }) => surroundings?.programs ?? []);
  expect(kept.map(({ time, isWhole }) => [time - T0, isWhole])).toEqual([
    [0, false],
    [60_000, false],
    [120_000, false],
  ]);
  const last = kept.at(-1)?.programs.map(({ name }) => name) ?? [];
  expect(last).toEqual(expect.arrayContaining(["p0", "p9", "grows.exe", "quota.exe", "busy.exe"]));
  expect(last).not.toContain("p40");
  expect(last).not.toContain("was-busy.exe");
});

test("thinning keeps counts as they were and the newest programs with their age; seals are made anew", () => {
  const file = join(temporaryFolder(), "thin");
  const writer = openWriter(file, { keyframeEvery: 16 });
  const snapshots = full(300);
  writer.append(...snapshots);
  const { dropped } = thin(writer.db, file, T0 + 9 * 86_400_000, { keep: undefined });
  writer.reload();
  writer.append({ ...snap(T0 + 310 * PROGRAMS_EVERY, []), surroundings: { drivers: after } });
  writer.close(T0);
  expect(dropped).toBeGreaterThan(100);
  const reader = RecordingReader.open(file);
  const kept = [...reader.snapshots()];
  expect(reader.gaps).toEqual([]);
  const known = new Map(snapshots.map((snapshot) => [snapshot.time, snapshot.surroundings]));
  for (const { time, surroundings } of kept.slice(0, -1)) {
    expect(surroundings?.objects).toEqual(known.get(time)?.objects);
    expect(surroundings?.live).toEqual(known.get(time)?.live);
    expect(surroundings?.drivers).toEqual(known.get(time)?.drivers);
    expect(surroundings?.programs).toEqual(known.get(time)?.programs);
  }
  expect(checkSeals(reader.db)).toMatchObject({ broken: [], isChainWhole: true, sealed: kept.length });
  reader.close();
});

test("programs of a snapshot that thinning drops go on with the next one that stays", () => {
  const file = join(temporaryFolder(), "carry");
  const writer = openWriter(file);
  // Programs stand in one of the snapshots that go, none in those that stay after it.
  writer.append(
    ...leakingSnaps(400, 10_000).map((one, i): Snapshot => {
      const programs = { time: one.time, isWhole: true, programs: [system(5)] };
      return i === 200 ? { ...one, surroundings: { programs } } : one;
    }),
  );
  thin(writer.db, file, T0 + 3 * 86_400_000, { keep: undefined });
  writer.reload();
  writer.close(T0);
  const lists = readRecording(file).snapshots.flatMap(({ surroundings }) => surroundings?.programs ?? []);
  expect(lists).toEqual([{ time: T0 + 200 * 10_000, isWhole: true, programs: [system(5)] }]);
});

test("damage beside the counters costs no counters, and is told", () => {
  const file = join(temporaryFolder(), "damaged");
  writeRecording(file, full(12), { keyframeEvery: 4 });
  const db = new DatabaseSync(file);
  db.exec("UPDATE beside SET counts = zeroblob(9) WHERE id = 6");
  db.close();
  const { snapshots, gaps } = readRecording(file);
  expect(snapshots).toHaveLength(12);
  expect(snapshots.map(({ surroundings }) => surroundings?.objects !== undefined)).toEqual(
    Array.from({ length: 12 }, (_, i) => i < 5 || i > 7),
  );
  expect(gaps).toHaveLength(1);
  expect(gaps[0]?.problem).toMatch(/^object counts and programs from .* cannot be read for a while: .*checksum/);
});

test("what the recorder said is kept as it said it", () => {
  const file = join(temporaryFolder(), "judged");
  const judgement: Judgement = {
    time: T0 + 5,
    from: T0,
    snapshots: 3,
    verdicts: [
      {
        tag: 0xff61654c,
        kind: "paged",
        state: "leaking",
        bytesPerHour: { value: 2, low: 1, high: Number.POSITIVE_INFINITY },
        heldBytes: 9,
        confidence: 0.5,
        since: T0,
        suspect: { name: "x.sys", certainty: "likely" },
        exhaustionHours: { value: 30, low: 20.5, high: Infinity },
        drivers: [{ file: "x.sys", version: "1.3" }, { file: "y.sys" }],
      },
      { tag: 1, kind: "nonpaged", state: "not-judged", heldBytes: 0, drivers: [] },
    ],
  };
  const writer = openWriter(file);
  writer.append(...leakingSnaps(3));
  expect(readLastJudgement(writer.db)).toBeUndefined();
  writer.addJudgement({ ...judgement, time: T0, verdicts: [] });
  writer.addJudgement(judgement);
  writer.close(T0);
  const reader = RecordingReader.open(file);
  expect(readLastJudgement(reader.db)).toEqual(judgement);
  reader.close();
});
