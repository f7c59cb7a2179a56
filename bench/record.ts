// `npm run bench:record`: what a recording costs to write, to keep and to read, next to SQLite with one row per changed
// counter in the same run; then a week of it, and its diagnosis. Each step runs in a process of its own, for its peak memory.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { run } from "../src/cli/main.ts";
import { processIo } from "../src/cli/io.ts";
import { isNewBoot } from "../src/detect/series/boots.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import { RecordingReader } from "../src/store/reader.ts";
import { RecordingWriter } from "../src/store/writer.ts";
import { DAY, workload } from "./pool-workload.ts";

const DAY_SNAPSHOTS = 8640;

/** Tag and pool of the row that is read alone: one that leaks. */
const ONE = { tag: 0x41414141 + 7, kind: "paged" as const };

type Figures = Readonly<Record<string, number>>;

/** Each step measures itself and answers milliseconds, counts and bytes. */
const STEPS: Readonly<Record<string, (file: string, snapshots: number) => Figures | Promise<Figures>>> = {
  // What a core does at this moment, to compare runs by: a loop of arithmetic that never changes.
  reference: () =>
    timed("sum", () => {
      let sum = 0;
      for (let i = 0; i < 1e8; i++) sum = (sum + i * i) % 1_000_003;
      return sum;
    }),
  write: (file, snapshots) => write(file, snapshots, false),
  "write-durable": (file, snapshots) => write(file, snapshots, true),
  "write-rows": writeRows,
  "read-all": (file) => {
    const reader = RecordingReader.open(file);
    return timed("snapshots", () => countOf(reader.snapshots()));
  },
  "read-rows": (file) => {
    const statement = new DatabaseSync(file, { readOnly: true }).prepare(
      "SELECT t, tag, kind, allocs, frees, bytes FROM r ORDER BY t",
    );
    statement.setReturnArrays(true);
    return timed("rows", () => countOf(statement.iterate()));
  },
  "one-tag": (file) => {
    const reader = RecordingReader.open(file);
    return timed("points", () => reader.series([ONE])[0]?.times.length ?? 0);
  },
  "one-tag-rows": (file) => {
    const statement = new DatabaseSync(file, { readOnly: true }).prepare(
      "SELECT t, allocs, frees, bytes FROM r WHERE tag = ? ORDER BY t",
    );
    return timed("rows", () => statement.all(ONE.tag).length);
  },
  coarse: (file, snapshots) => {
    const reader = RecordingReader.open(file);
    return timed("snapshots", () => countOf(reader.snapshots({ maxSnapshots: snapshots })));
  },
  leaks: async (file) => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    let text = "";
    const stdout = { isTTY: false, columns: 100, write: (part: string) => void (text += part) };
    const code = await run(["leaks", file, "--json"], { ...processIo(), stdout });
    if (code === 2) throw new Error("leaks could not read the recording");
    const { user, system } = process.cpuUsage(cpu);
    const { verdicts } = JSON.parse(text) as { verdicts: unknown[] };
    return { ms: performance.now() - start, msCpu: (user + system) / 1000, verdicts: verdicts.length };
  },
};

/** Wall time grows with whatever else the machine does; CPU time does not. */
function timed(count: string, action: () => number): Figures {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const n = action();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, msCpu: (user + system) / 1000, [count]: n };
}

function countOf(things: Iterable<unknown>): number {
  let count = 0;
  for (const _ of things) count += 1;
  return count;
}

/** Times each of the first `snapshots` of the workload; making them is not counted. */
function timedAppends(snapshots: number, append: (snapshot: Snapshot) => void): Figures {
  const times = new Float64Array(snapshots);
  let at = 0;
  let cpu = 0;
  for (const snapshot of workload(DAY)) {
    const before = process.cpuUsage();
    const start = performance.now();
    append(snapshot);
    times[at++] = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    cpu += (user + system) / 1000;
    if (at === snapshots) break;
  }
  const sum = times.reduce((a, b) => a + b, 0);
  times.sort();
  return {
    msEach: sum / snapshots,
    msCpu: cpu / snapshots,
    ms99: times[Math.floor(snapshots * 0.99)] ?? 0,
    msWorst: times.at(-1) ?? 0,
  };
}

function write(file: string, snapshots: number, durable: boolean): Figures {
  const writer = RecordingWriter.open(file, { isNewBoot, now: DAY.start, durable });
  const figures = timedAppends(snapshots, (snapshot) => writer.append(snapshot));
  writer.close(DAY.start);
  return { ...figures, bytes: statSync(file).size };
}

/** The plain way: one row per counter that changed, one transaction per snapshot. */
function writeRows(file: string, snapshots: number): Figures {
  const db = new DatabaseSync(file);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE r (t INTEGER, tag INTEGER, kind INTEGER, allocs INTEGER, frees INTEGER, bytes INTEGER, PRIMARY KEY (t, tag, kind)) WITHOUT ROWID",
  );
  const insert = db.prepare("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?)");
  let before: Snapshot | undefined;
  let rows = 0;
  const figures = timedAppends(snapshots, (snapshot) => {
    const { columns } = snapshot;
    db.exec("BEGIN");
    for (let i = 0; i < columns.length; i++) {
      const allocs = columns.allocs[i] ?? 0;
      const frees = columns.frees[i] ?? 0;
      const bytes = columns.bytes[i] ?? 0;
      const was = before?.columns;
      if (was !== undefined && was.allocs[i] === allocs && was.frees[i] === frees && was.bytes[i] === bytes) continue;
      insert.run(snapshot.time, columns.tag[i] ?? 0, columns.kind[i] ?? 0, allocs, frees, bytes);
      rows += 1;
    }
    db.exec("COMMIT");
    before = snapshot;
  });
  db.close();
  return { ...figures, rows, bytes: statSync(file).size };
}

function step(name: string, file: string, snapshots: number): Figures {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name, file, String(snapshots)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const figures = JSON.parse(child.stdout) as Figures;
  const shown = Object.entries(figures).map(([key, value]) => `${key} ${formatFigure(key, value)}`);
  console.log(`${name.padEnd(14)} ${shown.join(", ")}`);
  return figures;
}

function formatFigure(key: string, value: number): string {
  if (key === "bytes" || key === "peak") return `${(value / 1e6).toFixed(1)} MB`;
  return key.startsWith("ms") ? value.toFixed(value < 10 ? 3 : 0) : value.toLocaleString("en");
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
  const file = (name: string): string => join(folder, name);
  try {
    console.log("a day: 3,000 tags, every 10 s, 10 % changing; ms are milliseconds");
    step("reference", "", 0);
    const day = step("write", file("day"), DAY_SNAPSHOTS);
    step("write-durable", file("durable"), 1000);
    const rows = step("write-rows", file("rows"), DAY_SNAPSHOTS);
    step("read-all", file("day"), 0);
    step("read-rows", file("rows"), 0);
    step("one-tag", file("day"), 0);
    step("one-tag-rows", file("rows"), 0);
    step("coarse", file("day"), 200);
    rmSync(file("rows"));
    console.log("a week of it");
    const week = step("write", file("week"), 7 * DAY_SNAPSHOTS);
    step("read-all", file("week"), 0);
    step("one-tag", file("week"), 0);
    step("coarse", file("week"), 2000);
    step("coarse", file("week"), 200);
    const leaks = step("leaks", file("week"), 0);
    step("reference", "", 0);
    const ratio = (a: Figures, b: Figures, key: string): string => ((a[key] ?? 0) / (b[key] ?? 1)).toFixed(1);
    console.log(
      `rows against blobs: ${ratio(rows, day, "bytes")} times the size, ${ratio(rows, day, "msEach")} times the time to write`,
    );
    const bars: readonly (readonly [string, number | undefined, number])[] = [
      ["a day, MB <= 20 (stretch 12)", (day["bytes"] ?? 0) / 1e6, 20],
      ["append, ms <= 0.3", day["msEach"], 0.3],
      ["append, ms of CPU <= 0.3", day["msCpu"], 0.3],
      ["append over a week, ms <= 0.3", week["msEach"], 0.3],
      ["diagnosing a week, s <= 5 (stretch 2)", (leaks["ms"] ?? 0) / 1000, 5],
      ["diagnosing a week, s of CPU <= 5 (stretch 2)", (leaks["msCpu"] ?? 0) / 1000, 5],
      ["diagnosing a week, MB <= 500", (leaks["peak"] ?? 0) / 1e6, 500],
    ];
    for (const [what, value = Number.NaN, bar] of bars)
      console.log(`${value <= bar ? "met   " : "MISSED"} ${what}: ${value.toFixed(2)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [name, path = "", count] = process.argv.slice(2);
const action = name === undefined ? undefined : STEPS[name];
if (action === undefined) {
  main();
} else {
  const figures = await action(path, Number(count));
  // maxRSS is in kibibytes.
  console.log(JSON.stringify({ ...figures, peak: process.resourceUsage().maxRSS * 1024 }));
}
