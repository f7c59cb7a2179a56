// Makes test/fixtures/recordings/version-N.pool for the schema version of today, and what it must read as beside it. To be
// run once before a version is left behind: node scripts/build-recording-fixture.ts. It never overwrites.

import { existsSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { renderSnapshotLine } from "../src/formats/snapshot-lines.ts";
import { columnsFromUses } from "../src/model/columns-builder.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import type { Surroundings } from "../src/model/surroundings.ts";
import { RecordingReader } from "../src/store/reader.ts";
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
      ? {
          source: "poolused",
          timeBasis: "marker",
          file: "dump.txt",
          host: "WS-07",
          session: 2,
          listing: "partial" as const,
          bytesRoundedTo: 1024,
          notice: "a notice",
        }
      : {
          source: "windows-live",
          timeBasis: "measured",
          host: "WS-07",
          windowsBuild: 19045,
          windowsRevision: second ? 4651 : 4529,
          windowsEdition: "Professional",
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

/** Beside the counters: objects and handles, programs that come and go, a driver that is exchanged, holders; not in every snapshot. */
function surroundingsAt(i: number): Surroundings | undefined {
  if (i === 3 || i === 11) return undefined;
  return {
    objects: [
      { type: "Process", objects: 100 + 3 * i, handles: 400, peakObjects: 200, peakHandles: 500 },
      ...(i === 5 ? [] : [{ type: "ALPC Port", objects: 2 ** 33, handles: i }]),
      { type: "File", objects: 7000 - i, handles: 5000 + 70 * i },
    ],
    ...(i !== 4 && { live: { processes: 90, threads: 1100 + i, handles: 40_000 } }),
    ...(i % 4 === 0 && {
      programs: {
        time: T0 + i * 10_000 + (i >= 7 ? 3_600_000 : 0) - 25,
        isWhole: true,
        programs: [
          { pid: 4, name: "System", handles: 3000 + i },
          {
            pid: 4 * i + 8,
            name: "caf\u00e9.exe",
            started: T0 - 5,
            handles: 9,
            threads: 3,
            pagedQuota: 2 ** 20,
            nonpagedQuota: 4096,
            otherOperations: 2 ** 40 + i,
            otherBytes: 1,
            privateBytes: 2 ** 30,
            workingSet: 2 ** 29,
          },
        ],
      },
    }),
    drivers: i < 2 || i >= 7 ? DRIVERS : NEWER_DRIVERS,
    ...(i === 6 && { holders: [{ type: "Process", pid: 2496, name: "svchost.exe", handles: 1115, of: "cmd.exe" }] }),
  };
}

const KERNEL = { file: "ntoskrnl.exe", path: "\\SystemRoot\\system32\\ntoskrnl.exe", imageBytes: 17_000_000, stamp: 1 };
const DRIVER = {
  file: "leak.sys",
  version: "1.2.0.0",
  company: "Example",
  signer: "Example Ltd",
  fileTime: T0 - 86_400_000,
};
const DRIVERS = [KERNEL, DRIVER];
const NEWER_DRIVERS = [KERNEL, { ...DRIVER, version: "1.3.0.0", fileTime: T0 - 1000 }];

const withSurroundings = snapshots.map((snapshot, i): Snapshot => {
  const surroundings = surroundingsAt(i);
  return surroundings === undefined ? snapshot : { ...snapshot, surroundings };
});

const writer = RecordingWriter.open(`${base}.pool`, {
  isNewBoot,
  now: T0,
  every: 10_000,
  program: "poolscope 0.1.0",
  keyframeEvery: 4,
});
writer.append(...withSurroundings.slice(0, 5));
for (const snapshot of withSurroundings.slice(5)) writer.append(snapshot);
writer.addMappedDrivers(new Map([[0x6b61654c, "leak.sys"]]));
writer.addJudgement({
  time: T0 + 3_700_000,
  from: T0,
  snapshots: 12,
  verdicts: [
    {
      tag: 0x6b61654c,
      kind: "nonpaged",
      state: "leaking",
      bytesPerHour: { value: 1e6, low: 9e5, high: 1.1e6 },
      heldBytes: 57_600,
      confidence: 0.97,
      since: T0,
      suspect: { name: "leak.sys", certainty: "likely" },
      drivers: [{ file: "leak.sys", version: "1.3.0.0" }],
    },
  ],
});
writer.close(T0 + 4_000_000);
const db = new DatabaseSync(`${base}.pool`);
db.exec("UPDATE session SET pid = 4711; PRAGMA journal_mode = DELETE; VACUUM");
db.close();
const reader = RecordingReader.open(`${base}.pool`);
writeFileSync(`${base}.jsonl`, Array.from(reader.snapshots(), (one) => `${renderSnapshotLine(one)}\n`).join(""));
reader.close();
