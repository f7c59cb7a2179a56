// Makes test/fixtures/recordings/version-N.pool for the schema version of today, and what it must read as beside it. To be
// run once before a version is left behind: node scripts/build-recording-fixture.ts. It never overwrites.

import { existsSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { renderSnapshotLine } from "../src/formats/snapshot-lines.ts";
import { columnsFromUses } from "../src/model/columns-builder.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import { SCHEMA_VERSION } from "../src/store/schema.ts";
import { RecordingWriter } from "../src/store/writer.ts";

const base = fileURLToPath(new URL(`../test/fixtures/recordings/version-${SCHEMA_VERSION}`, import.meta.url));
if (existsSync(`${base}.pool`)) throw new Error(`${base}.pool exists; a fixture is never made anew`);

const T0 = Date.UTC(2026, 2, 1);

/** Two boots, two kinds of source, tags of any bytes that come and go, counters that wrap or are not known, gaps. */
const snapshots: Snapshot[] = Array.from({ length: 12 }, (_, i) => {
  const second = i >= 7;
  const unknown = i === 11;
  const counter = (value: number): number | undefined => (unknown ? undefined : value);
  return {
    time: T0 + i * 10_000 + (second ? 3_600_000 : 0),
    origin: unknown
      ? { source: "poolused", timeBasis: "marker", file: "dump.txt", host: "WS-07", session: 2, notice: "a notice" }
      : {
          source: "windows-live",
          timeBasis: "measured",
          host: "WS-07",
          windowsBuild: 19045,
          architecture: "x64",
          bootTime: second ? T0 + 3_600_000 + i : T0 - 3_600_000,
        },
    totals: i % 2 === 0 ? { nonpagedBytes: 2 ** 33 + i, pagedBytes: i, physicalBytes: 2 ** 34, pageFaults: 7 * i } : {},
    counterBits: i < 9 ? 64 : 32,
    columns: columnsFromUses(
      [
        {
          tag: 0x6b61654c,
          kind: "nonpaged",
          allocs: counter(100 + 50 * i),
          frees: counter(50),
          outstanding: 50 + 50 * i,
          bytes: (50 + 50 * i) * 96,
        },
        {
          tag: 0x1b00ff61,
          kind: "paged",
          allocs: counter(2 ** 32 - 5),
          frees: counter(2 ** 32 - 9),
          outstanding: 4,
          bytes: 4096,
        },
        ...(i % 3 === 1
          ? [
              {
                tag: 0x20707249,
                kind: "nonpaged" as const,
                allocs: counter(i),
                frees: counter(i),
                outstanding: 0,
                bytes: 0,
              },
            ]
          : []),
        {
          tag: 0x6b61654c,
          kind: "paged",
          allocs: counter(9),
          frees: counter(0),
          outstanding: i === 5 ? 8 : 9,
          bytes: 2 ** 45 + i,
        },
      ],
      64,
    ),
    gaps:
      i === 7
        ? [{ where: "recorder", problem: "not recorded: an example", from: T0 + 60_000, to: T0 + 3_670_000 }]
        : [],
  };
});

const writer = RecordingWriter.open(`${base}.pool`, {
  isNewBoot,
  now: T0,
  every: 10_000,
  program: "poolscope 0.1.0",
  keyframeEvery: 4,
});
writer.append(...snapshots.slice(0, 5));
for (const snapshot of snapshots.slice(5)) writer.append(snapshot);
writer.addMappedDrivers(new Map([[0x6b61654c, "leak.sys"]]));
writer.close(T0 + 4_000_000);
const db = new DatabaseSync(`${base}.pool`);
db.exec("UPDATE session SET pid = 4711; PRAGMA journal_mode = DELETE; VACUUM");
db.close();
writeFileSync(`${base}.jsonl`, snapshots.map((snapshot) => `${renderSnapshotLine(snapshot)}\n`).join(""));
