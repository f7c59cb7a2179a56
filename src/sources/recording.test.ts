import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Snapshot } from "../model/snapshot.ts";
import { leakingSnaps, ORIGIN, T0, temporaryFolder, writeRecording } from "../store/recording.test-support.ts";
import { openSources } from "./open.ts";
import type { OpenOptions, Timeline } from "./timeline.ts";

async function readAll(paths: readonly string[], options: OpenOptions = {}): Promise<Timeline & { all: Snapshot[] }> {
  const timeline = await openSources(paths, options);
  const all: Snapshot[] = [];
  for await (const snapshot of timeline.snapshots()) all.push(snapshot);
  return { ...timeline, all };
}

test("is known by its content, plain or gzipped, whatever its name", async () => {
  const folder = temporaryFolder();
  const all = leakingSnaps(20);
  writeRecording(join(folder, "holiday.jpg"), all);
  expect((await readAll([join(folder, "holiday.jpg")])).all).toEqual(all);
  writeFileSync(join(folder, "r.gz"), gzipSync(readFileSync(join(folder, "holiday.jpg"))));
  const zipped = await readAll([join(folder, "r.gz")]);
  expect(zipped.all).toEqual(all);
  expect(zipped.gaps).toEqual([]);
});

test("several recordings of one machine make one time line; range and coarseness are the reader's", async () => {
  const folder = temporaryFolder();
  const all = leakingSnaps(400);
  writeRecording(join(folder, "late"), all.slice(200));
  writeRecording(join(folder, "early"), all.slice(0, 200));
  expect((await readAll([folder])).all).toEqual(all);
  expect((await readAll([folder], { from: T0 + 1_000_000, to: T0 + 2_500_000 })).all).toEqual(all.slice(100, 251));
  const coarse = (await readAll([join(folder, "early")], { maxSnapshots: 20 })).all;
  expect(coarse.length).toBeLessThan(25);
  expect([coarse[0], coarse.at(-1)]).toEqual([all[0], all[199]]);
});

test("a time is gone to straight away", async () => {
  const file = join(temporaryFolder(), "r");
  const all = leakingSnaps(1000);
  writeRecording(file, all);
  expect((await readAll([file], { near: T0 + 5_555_000 })).all).toEqual(all.slice(555, 557));
  expect((await readAll([file], { near: T0 + 5_550_000 })).all).toEqual(all.slice(555, 556));
  expect((await readAll([file], { near: Infinity })).all).toEqual(all.slice(-1));
  expect((await readAll([file], { near: Infinity, to: T0 + 100_000 })).all).toEqual(all.slice(10, 11));
  const db = new DatabaseSync(file);
  db.exec("UPDATE snapshot SET rows = zeroblob(9) WHERE id = 1000");
  db.close();
  expect((await readAll([file], { near: Infinity })).all.at(-1)).toEqual(all[998]);
});

test("a clock that is set back an hour costs that hour, and is told", async () => {
  const file = join(temporaryFolder(), "r");
  const before = leakingSnaps(720);
  const after = leakingSnaps(720, 10_000, T0 + 3_600_000, { origin: { ...ORIGIN } });
  writeRecording(file, [...before, ...after]);
  const { all, gaps } = await readAll([file]);
  expect(all).toHaveLength(720 + 360);
  expect(gaps).toEqual([
    expect.objectContaining({
      problem:
        "the clock was set back from 2026-03-01 01:59:50Z to 2026-03-01 01:00:00Z: 360 snapshots of the time that came twice left out",
    }),
  ]);
});
