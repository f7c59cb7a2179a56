// docs/recording-format.md is enough to write a reader: one in Python, made from it, reads what the program reads.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DAY, workload } from "../bench/pool-workload.ts";
import { parseSnapshotLine } from "../src/formats/snapshot-lines.ts";
import { kindCode, usesOf, type Snapshot } from "../src/model/snapshot.ts";
import { SCHEMA_VERSION } from "../src/store/schema.ts";
import { temporaryFolder, writeRecording } from "../src/store/recording.test-support.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const python = process.platform === "win32" ? "python" : "python3";
const hasPython = spawnSync(python, ["-c", "import sqlite3"]).status === 0;
if (!hasPython) process.stderr.write("python3 is missing: the independent reader of recordings is not run\n");

function readByPython(...args: string[]): unknown[] {
  const { stdout, stderr } = spawnSync(python, [here("build/read_recording.py"), ...args], {
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  expect(stderr).toBe("");
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

function expected(snapshots: readonly Snapshot[]): unknown[] {
  return snapshots.map(({ time, columns }) => [
    time,
    usesOf(columns).map(({ tag, kind, allocs, frees, outstanding, bytes }) => [
      tag,
      kindCode(kind),
      allocs ?? null,
      frees ?? null,
      outstanding,
      bytes,
    ]),
  ]);
}

test.skipIf(!hasPython)("a reader in Python, written from the page, reads the fixture and a busy machine", () => {
  for (let version = 1; version <= SCHEMA_VERSION; version++) {
    const lines = readFileSync(here(`fixtures/recordings/version-${version}.jsonl`), "utf8")
      .trimEnd()
      .split("\n");
    const file = here(`fixtures/recordings/version-${version}.pool`);
    expect(readByPython(file)).toEqual(expected(lines.map(parseSnapshotLine)));
  }
  const file = join(temporaryFolder(), "busy");
  const busy = workload({ ...DAY, tags: 200 })
    .take(60)
    .toArray();
  const odd = busy.map((one, i) =>
    i % 20 === 3 ? { ...one, columns: { ...one.columns, frees: one.columns.frees.map((value) => value + 0.5) } } : one,
  );
  writeRecording(file, odd, { keyframeEvery: 25 });
  expect(readByPython(file)).toEqual(expected(odd));
});

test.skipIf(!hasPython)("it reads what stands beside the counters, and finds every seal whole", () => {
  const file = here("fixtures/recordings/version-2.pool");
  const lines = readFileSync(here("fixtures/recordings/version-2.jsonl"), "utf8").trimEnd().split("\n");
  expect(readByPython("--beside", file)).toEqual(
    lines
      .map(parseSnapshotLine)
      .map(({ time, surroundings: { objects, live, programs } = {} }) => [
        time,
        objects === undefined ? false : [live?.processes ?? null, live?.threads ?? null, live?.handles ?? null],
        objects === undefined
          ? false
          : Object.fromEntries(
              objects.map((one) => [
                one.type,
                [one.objects, one.handles, one.peakObjects ?? null, one.peakHandles ?? null],
              ]),
            ),
        programs === undefined
          ? false
          : Object.fromEntries(
              programs.programs.map((one) => [
                `${one.pid} ${one.name}`,
                [
                  one.otherOperations ?? null,
                  one.otherBytes ?? null,
                  one.handles ?? null,
                  one.threads ?? null,
                  one.nonpagedQuota ?? null,
                  one.pagedQuota ?? null,
                  one.privateBytes ?? null,
                  one.workingSet ?? null,
                ],
              ]),
            ),
      ]),
  );
  expect(readByPython("--seals", file)).toEqual([[4, 4, true]]);
});
