import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccessError, FormatError } from "../model/errors.ts";
import type { Gap, Origin, Snapshot, SystemTotals } from "../model/snapshot.ts";
import { parseTag } from "../model/tag.ts";
import { HEADER_BYTES, isRecording } from "./database.ts";
import { RecordingReader } from "./reader.ts";
import {
  BOOT,
  leakingSnaps,
  openWriter,
  ORIGIN,
  readRecording,
  snap,
  T0,
  temporaryFolder,
  writeRecording,
} from "./recording.test-support.ts";

const text = fc.string({ maxLength: 12, unit: "grapheme" });
const whole = fc.oneof(fc.nat(), fc.maxSafeInteger().map(Math.abs));
const origins: fc.Arbitrary<Origin> = fc
  .record(
    {
      source: fc.constantFrom("poolmon" as const, "csv" as const, "windows-live" as const),
      timeBasis: fc.constantFrom("measured" as const, "marker" as const, "none" as const),
      file: text,
      host: fc.constantFrom("A", "ü"),
      windowsBuild: fc.nat(99999),
      windowsRevision: fc.nat(9999),
      windowsEdition: fc.constantFrom("Professional", "ServerDatacenter"),
      architecture: fc.constantFrom("x64" as const, "arm64" as const),
      bootTime: fc.constantFrom(BOOT, BOOT + 17, BOOT + 90_000_000),
      session: fc.oneof(fc.nat(9), fc.constant("all" as const)),
      listing: fc.constantFrom("partial" as const, "blocks" as const),
      bytesRoundedTo: fc.constantFrom(1024, 0.5),
      notice: text,
    },
    { requiredKeys: ["source", "timeBasis"] },
  )
  .map((origin) => ({ ...origin }));
const totals: fc.Arbitrary<SystemTotals> = fc.record(
  { nonpagedBytes: whole, pagedLimitBytes: whole, physicalBytes: whole, commitPeakBytes: whole },
  { requiredKeys: [] },
);
const gaps: fc.Arbitrary<Gap[]> = fc.array(
  fc.record(
    { where: text, problem: text, from: fc.integer(), to: fc.integer() },
    { requiredKeys: ["where", "problem"] },
  ),
  { maxLength: 2 },
);

describe("a recording", () => {
  test("gives back what was put in: origins, totals, gaps, boots, times that go back, in any number of sessions", () => {
    const folder = temporaryFolder();
    let run = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(origins, totals, gaps, fc.integer({ min: -5, max: 50 }), fc.boolean()), { maxLength: 8 }),
        (draws) => {
          const file = join(folder, `r${run++}`);
          let time = T0;
          const all: Snapshot[] = draws.map(([origin, totals, gaps, step], i) => ({
            ...snap((time += step * 1000), [
              `Leak nonpaged ${i * 7} 0 ${i * 48}`,
              `a\\x00\\xff\\x1b paged ${5 + i} 5 ${i * 16}`,
            ]),
            origin,
            totals: { ...totals, figureOfTomorrow: i } as SystemTotals,
            gaps,
          }));
          let writer = openWriter(file, { keyframeEvery: 3 });
          for (const [i, one] of all.entries()) {
            writer.append(one);
            if (draws[i]?.[4] === true) {
              writer.close(T0);
              writer = openWriter(file, { keyframeEvery: 3 });
            }
          }
          writer.close(T0);
          expect(readRecording(file)).toEqual({ snapshots: all.map((one) => ({ ...one })), gaps: [] });
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is told by its first bytes, also while it is being written", () => {
    const file = join(temporaryFolder(), "r");
    const writer = openWriter(file);
    expect(isRecording(readFileSync(file).subarray(0, HEADER_BYTES))).toBe(true);
    writer.close(T0);
    expect(isRecording(readFileSync(file).subarray(0, HEADER_BYTES))).toBe(true);
    expect(isRecording(new TextEncoder().encode("SQLite format 3\0".repeat(10)))).toBe(false);
    expect(isRecording(new Uint8Array(3))).toBe(false);
  });

  test("a range is read from the keyframe before it, and ends where it ends", () => {
    const file = join(temporaryFolder(), "r");
    const all = leakingSnaps(100);
    writeRecording(file, all, { keyframeEvery: 8 });
    const reader = RecordingReader.open(file);
    const read = [...reader.snapshots({ from: T0 + 333_000, to: T0 + 500_000 })];
    expect(read).toEqual(all.slice(34, 51));
    expect([...reader.snapshots({ from: T0 + 1e9 })]).toEqual([]);
    expect(reader.around(T0 + 339_999)).toEqual({ from: T0 + 330_000, to: T0 + 340_000 });
    expect(reader.around(T0 + 339_999, { to: T0 + 335_000 })).toEqual({ from: T0 + 330_000, to: T0 + 330_000 });
    expect(reader.around(Infinity)).toEqual({ from: T0 + 990_000, to: T0 + 990_000 });
    expect(reader.around(T0, { from: T0 + 1e9 })).toBeUndefined();
    reader.close();
  });

  test("a coarse read takes about as many as asked for, evenly, with the first and last of every boot", () => {
    const file = join(temporaryFolder(), "r");
    const first = leakingSnaps(500);
    const second = leakingSnaps(300, 10_000, T0 + 8_000_000, { origin: { ...ORIGIN, bootTime: T0 + 7_900_000 } });
    writeRecording(file, [...first, ...second], { keyframeEvery: 16 });
    const reader = RecordingReader.open(file);
    const times = Array.from(reader.snapshots({ maxSnapshots: 40 }), ({ time }) => time);
    reader.close();
    expect(times.length).toBeLessThanOrEqual(41);
    expect(times.length).toBeGreaterThan(25);
    expect(times).toEqual(expect.arrayContaining([T0, T0 + 4_990_000, T0 + 8_000_000, T0 + 10_990_000]));
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(Math.max(...steps)).toBeLessThan(3_200_000);
  });

  test("a coarse read keeps what the snapshots it leaves out say of gaps", () => {
    const file = join(temporaryFolder(), "r");
    const gap = { where: "recorder", problem: "not recorded: an example" };
    writeRecording(
      file,
      leakingSnaps(100).map((one, i) => ([0, 33, 34].includes(i) ? { ...one, gaps: [gap] } : one)),
    );
    const reader = RecordingReader.open(file);
    const taken = [...reader.snapshots({ maxSnapshots: 4 })];
    expect(taken.length).toBeLessThan(10);
    expect(taken[0]?.gaps).toEqual([gap]);
    expect(reader.gaps).toEqual([gap]);
    reader.close();
  });

  test("series come as typed arrays, with holes where a tag was not listed", () => {
    const file = join(temporaryFolder(), "r");
    writeRecording(file, [
      snap(T0, ["Aaaa paged 3 1 32"]),
      snap(T0 + 1, ["Bbbb paged 4 0 64", "Aaaa paged 5 1 64"]),
      snap(T0 + 2, ["Bbbb paged 4 1 48"]),
    ]);
    const reader = RecordingReader.open(file);
    const [a, b] = reader.series([
      { tag: parseTag("Aaaa") ?? 0, kind: "paged" },
      { tag: parseTag("Bbbb") ?? 0, kind: "paged" },
    ]);
    reader.close();
    expect(a?.times).toEqual(Float64Array.of(T0, T0 + 1, T0 + 2));
    expect(a?.bytes).toEqual(Float64Array.of(32, 64, Number.NaN));
    expect(b?.outstanding).toEqual(Float64Array.of(Number.NaN, 4, 3));
  });

  test("one writer: the second one is told so, and the next may write after the first is done", () => {
    const file = join(temporaryFolder(), "r");
    const writer = openWriter(file);
    expect(() => openWriter(file)).toThrow(/is being written by another poolscope/);
    writer.append(...leakingSnaps(2));
    expect(readRecording(file).snapshots).toHaveLength(2);
    writer.close(T0);
    expect(existsSync(`${file}-lock`)).toBe(false);
    const next = openWriter(file);
    expect(next.previous).toMatchObject({ ended: T0, outcome: "ended" });
    next.close(T0);
  });

  test("a reader sees whole snapshots while a writer goes on", () => {
    const file = join(temporaryFolder(), "r");
    const writer = openWriter(file);
    const all = leakingSnaps(20);
    writer.append(...all.slice(0, 10));
    const reader = RecordingReader.open(file);
    const stream = reader.snapshots();
    expect(stream.next().value).toEqual(all[0]);
    writer.append(...all.slice(10));
    expect([...stream]).toEqual(all.slice(1, 10));
    reader.close();
    expect(readRecording(file).snapshots).toEqual(all);
    writer.close(T0);
  });

  test("readers leave no other files behind, unless a writer is at work", () => {
    const folder = temporaryFolder();
    const file = join(folder, "r");
    writeRecording(file, leakingSnaps(3));
    readRecording(file);
    expect(readdirSync(folder)).toEqual(["r"]);
    const writer = openWriter(file);
    readRecording(file);
    expect(readdirSync(folder).sort()).toEqual(["r", "r-lock", "r-shm", "r-wal"]);
    writer.close(T0);
    expect(readdirSync(folder)).toEqual(["r"]);
  });

  test("a disk with no room refuses the snapshot, keeps what was there, and takes up again when there is room", () => {
    const file = join(temporaryFolder(), "r");
    const writer = openWriter(file);
    const all = leakingSnaps(3000);
    writer.append(...all.slice(0, 10));
    writer.db.exec("PRAGMA max_page_count = 20");
    expect(() => writer.append(...all.slice(10))).toThrow(/the disk is full/);
    expect(readRecording(file).snapshots).toEqual(all.slice(0, 10));
    writer.db.exec("PRAGMA max_page_count = 1000000");
    writer.append(...all.slice(10, 20));
    writer.close(T0);
    expect(readRecording(file)).toEqual({ snapshots: all.slice(0, 20), gaps: [] });
  });
});

describe("a damaged recording", () => {
  test("a corrupt blob costs the snapshots that build on it; the rest is read, with a gap", () => {
    const file = join(temporaryFolder(), "r");
    const all = leakingSnaps(40);
    writeRecording(file, all, { keyframeEvery: 10 });
    const db = new DatabaseSync(file);
    db.exec("UPDATE snapshot SET rows = zeroblob(length(rows)) WHERE id = 16");
    db.close();
    const { snapshots, gaps } = readRecording(file);
    expect(snapshots).toEqual([...all.slice(0, 15), ...all.slice(20)]);
    expect(gaps).toEqual([
      {
        where: file,
        problem:
          "snapshots after 2026-03-01 00:02:20Z before 2026-03-01 00:03:20Z cannot be read: a blob of rows does not match its checksum",
        from: T0 + 140_000,
        to: T0 + 200_000,
      },
    ]);
  });

  test("a snapshot that is missing, or a column of another kind, is a gap too", () => {
    const file = join(temporaryFolder(), "r");
    const all = leakingSnaps(30);
    writeRecording(file, all, { keyframeEvery: 10 });
    const db = new DatabaseSync(file);
    db.exec("DELETE FROM snapshot WHERE id = 5; UPDATE snapshot SET time = 'soon' WHERE id = 25");
    db.close();
    const { snapshots, gaps } = readRecording(file);
    expect(snapshots).toEqual([...all.slice(0, 4), ...all.slice(10, 24)]);
    expect(gaps).toHaveLength(2);
  });

  test("one cut short gives what is left, whatever the place of the cut", () => {
    const folder = temporaryFolder();
    const whole = join(folder, "whole");
    const all = leakingSnaps(2000);
    writeRecording(whole, all, { keyframeEvery: 50 });
    const bytes = readFileSync(whole);
    const pages = statSync(whole).size / 4096;
    let most = 0;
    for (const share of [0.02, 0.1, 0.5, 0.9, 0.99]) {
      const file = join(folder, `cut-${share}`);
      writeFileSync(file, bytes);
      truncateSync(file, Math.floor(pages * share) * 4096 + 1000);
      try {
        const { snapshots, gaps } = readRecording(file);
        expect(gaps.length).toBeGreaterThan(0);
        expect(all).toEqual(expect.arrayContaining(snapshots.slice(0, 3)));
        most = Math.max(most, snapshots.length);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
    expect(most).toBeGreaterThan(1000);
  });

  test("bytes flipped anywhere: only known errors, and no snapshots from nowhere", () => {
    const folder = temporaryFolder();
    const whole = join(folder, "whole");
    const all = leakingSnaps(60);
    writeRecording(whole, all, { keyframeEvery: 10 });
    const bytes = readFileSync(whole);
    const file = join(folder, "flipped");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (flips) => {
          const hurt = Buffer.from(bytes);
          for (const [at, value] of flips) hurt[at] = value;
          writeFileSync(file, hurt);
          try {
            expect(readRecording(file).snapshots.length).toBeLessThanOrEqual(all.length);
          } catch (error) {
            if (!(error instanceof FormatError || error instanceof AccessError)) throw error;
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("what is no recording, or a newer one, or a folder, or nothing, is refused in words", () => {
    const folder = temporaryFolder();
    const file = join(folder, "r");
    writeFileSync(file, "no recording at all, but some text that is long enough to be read as a header\n".repeat(9));
    expect(() => readRecording(file)).toThrow(/this is not a recording/);
    expect(() => openWriter(file)).toThrow(FormatError);
    const other = join(folder, "other");
    const db = new DatabaseSync(other);
    db.exec("CREATE TABLE t (a)");
    db.close();
    expect(() => readRecording(other)).toThrow(/not a poolscope recording/);
    const newer = join(folder, "newer");
    writeRecording(newer, leakingSnaps(2));
    const edit = new DatabaseSync(newer);
    edit.exec("PRAGMA user_version = 99");
    edit.close();
    expect(() => readRecording(newer)).toThrow(/written by a newer poolscope.*found version 99/);
    expect(() => openWriter(newer)).toThrow(FormatError);
    const empty = join(folder, "empty");
    writeFileSync(empty, "");
    expect(() => readRecording(empty)).toThrow(/the file is empty/);
    writeRecording(empty, leakingSnaps(2));
    expect(readRecording(empty).snapshots).toHaveLength(2);
    expect(() => readRecording(folder)).toThrow(/is a folder/);
    expect(() => openWriter(folder)).toThrow(AccessError);
    expect(() => readRecording(join(folder, "none"))).toThrow(/does not exist/);
    expect(() => openWriter(join(folder, "none", "r"))).toThrow(AccessError);
  });
});
