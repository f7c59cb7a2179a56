import { statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indexRows, type Snapshot } from "../model/snapshot.ts";
import { openWriter, ORIGIN, readRecording, snap, T0, temporaryFolder } from "./recording.test-support.ts";
import { keptByAge, LADDER, ladderFor } from "./thin-plan.ts";
import { thin } from "./thin.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Highest bytes and blocks of each row and highest paged total of each boot. */
function peaks(snapshots: readonly Snapshot[]): Map<string, number> {
  const found = new Map<string, number>();
  const see = (key: string, value: number): void => void found.set(key, Math.max(found.get(key) ?? -1, value));
  for (const { origin, columns, totals } of snapshots) {
    see(`${origin.bootTime} paged`, totals.pagedBytes ?? 0);
    for (const [key, row] of indexRows(columns)) {
      see(`${origin.bootTime} ${key} bytes`, columns.bytes[row] ?? 0);
      see(`${origin.bootTime} ${key} blocks`, columns.outstanding[row] ?? 0);
    }
  }
  return found;
}

/** A history in which tags wander, with a new boot now and then. */
function history(count: number, every: number, seed: number): Snapshot[] {
  let state = seed;
  const next = (n: number): number => (state = (state * 48271 + 11) % 2147483647) % n;
  let bootTime = T0;
  return Array.from({ length: count }, (_, i) => {
    // A boot is known by a boot time that differs by more than a minute.
    if (next(400) === 0 && T0 + i * every > bootTime + 120_000) bootTime = T0 + i * every - 1;
    const held = Array.from({ length: 5 }, () => next(1000));
    return snap(
      T0 + i * every,
      held.map((blocks, tag) => `Tag${tag} paged ${i + blocks} ${i} ${blocks * 48 + next(2) * 16}`),
      { origin: { ...ORIGIN, bootTime }, totals: { pagedBytes: next(1e9) } },
    );
  });
}

describe("thinning", () => {
  test("by age: all of the last two hours, then minutes, ten minutes, hours; first and last of each boot always", () => {
    const listed = Array.from({ length: 30 * 144 * 10 }, (_, i) => ({ id: i + 1, time: i * 60_000, boot: 1 }));
    const now = 30 * DAY;
    const kept = keptByAge(listed, now, LADDER);
    const times = listed.filter(({ id }) => kept.has(id)).map(({ time }) => time);
    const between = (from: number, to: number): number => times.filter((t) => t >= now - from && t < now - to).length;
    expect(between(2 * HOUR, 0)).toBe(120);
    expect(between(DAY, 2 * HOUR)).toBe(22 * 60);
    expect(between(7 * DAY, DAY)).toBe(6 * 144);
    expect(between(30 * DAY, 7 * DAY)).toBe(23 * 24 + 1);
    expect(times[0]).toBe(0);
    const bare = keptByAge(listed, now + 9 * DAY, ladderFor(1, 8 * DAY));
    expect(bare).toEqual(new Set([1, listed.length]));
  });

  test("thinning step by step ends where thinning at once ends", () => {
    const listed = Array.from({ length: 3000 }, (_, i) => ({ id: i + 1, time: i * 37_000, boot: 1 + (i >> 10) }));
    const now = 4 * DAY;
    let rest = listed;
    for (let at = HOUR; at <= now; at += HOUR) {
      const young = rest.filter(({ time }) => time <= at);
      const kept = keptByAge(young, at, LADDER);
      rest = rest.filter(({ id, time }) => time > at || kept.has(id));
    }
    const once = keptByAge(listed, now, LADDER);
    const ids = rest.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([...once]));
    // Each step has seen another last snapshot of the boot that was going on, no more.
    expect(ids.length).toBeLessThan(once.size + 8);
  });

  test("what stays is unchanged, every boot keeps its ends and every highest value, whenever it is thinned", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 3 }),
        (seed, stops) => {
          const folder = temporaryFolder();
          const file = join(folder, "r");
          const all = history(900, 20_000, seed);
          const writer = openWriter(file, { keyframeEvery: 32 });
          let at = 0;
          let dropped = 0;
          for (const stop of [...stops.sort((a, b) => a - b), 900]) {
            writer.append(...all.slice(at, stop));
            dropped += thin(writer.db, file, T0 + stop * 20_000, { least: 1 }).dropped;
            writer.reload();
            at = stop;
          }
          writer.close(T0);
          const { snapshots, gaps } = readRecording(file);
          expect(gaps).toEqual([]);
          expect(snapshots.length).toBe(all.length - dropped);
          expect(dropped).toBeGreaterThan(100);
          const byTime = new Map(all.map((one) => [one.time, one]));
          expect(snapshots).toEqual(snapshots.map((one) => byTime.get(one.time)));
          expect(peaks(snapshots)).toEqual(peaks(all));
          const ends = all.filter(
            (one, i) =>
              one.origin.bootTime !== all[i - 1]?.origin.bootTime ||
              one.origin.bootTime !== all[i + 1]?.origin.bootTime,
          );
          expect(snapshots).toEqual(expect.arrayContaining(ends));
        },
      ),
      { numRuns: 8 },
    );
  });

  test("a size is kept, oldest history paying most; one that cannot be kept is told", () => {
    const file = join(temporaryFolder(), "r");
    const all = history(6000, 10_000, 5);
    const writer = openWriter(file);
    writer.append(...all);
    const now = T0 + 6000 * 10_000;
    const before = thin(writer.db, file, now, {}).bytes;
    const result = thin(writer.db, file, now, { maxBytes: before / 2 });
    expect(result).toMatchObject({ tooLarge: false });
    expect(result.bytes).toBeLessThan(before / 2);
    expect(thin(writer.db, file, now, { maxBytes: 5000 })).toMatchObject({ tooLarge: true });
    writer.reload();
    writer.close(T0);
    expect(statSync(file).size).toBeLessThan(before / 2);
    expect(peaks(readRecording(file).snapshots)).toEqual(peaks(all));
  });

  test("notes on what could not be read outlive the snapshots that carried them; damage is left alone", () => {
    const file = join(temporaryFolder(), "r");
    const all = history(1000, 20_000, 9).map((one, i) =>
      i === 101 ? { ...one, gaps: [{ where: "recorder", problem: "stood still" }] } : one,
    );
    const writer = openWriter(file, { keyframeEvery: 64 });
    writer.append(...all);
    writer.db.exec("UPDATE snapshot SET rows = zeroblob(20) WHERE id = 300");
    const now = T0 + 1000 * 20_000;
    expect(thin(writer.db, file, now, {}).dropped).toBe(0);
    writer.db.exec("DELETE FROM snapshot WHERE id BETWEEN 257 AND 320");
    expect(thin(writer.db, file, now, {}).dropped).toBeGreaterThan(200);
    writer.reload();
    writer.close(T0);
    const { snapshots, gaps } = readRecording(file);
    expect(gaps).toEqual([]);
    expect(snapshots.flatMap((one) => one.gaps)).toEqual([{ where: "recorder", problem: "stood still" }]);
  });
});
