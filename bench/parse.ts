// MB/s of PoolMon text through the whole reading path, against `wc -l` over the same file in the same run.
// npm run bench:parse [-- MEGABYTES]

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync, appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ColumnsBuilder } from "../src/model/columns-builder.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import { renderPoolmonText } from "../src/reports/poolmon-text.ts";
import { openSources } from "../src/sources/open.ts";

const TAGS = 3000;
const RUNS = 5;
const megabytes = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
const path = join(folder, "poolmon.txt");

function snapshotAt(index: number): Snapshot {
  const columns = new ColumnsBuilder(TAGS);
  for (let i = 0; i < TAGS; i++) {
    const tag = (0x20202020 + (i % 90) + (Math.floor(i / 90) << 8) + (0x41 << 16) + (0x41 << 24)) >>> 0;
    const allocs = i * 977 + index * (i % 50);
    columns.add(tag, i % 2, allocs, Math.floor(allocs / 2), allocs - Math.floor(allocs / 2), allocs * 96);
  }
  return {
    time: Date.UTC(2026, 0, 1) + index * 60_000,
    origin: { source: "windows-live", timeBasis: "measured" },
    totals: {
      physicalBytes: 2 ** 34,
      availableBytes: 2 ** 33,
      commitBytes: 1,
      commitLimitBytes: 2 ** 35,
      commitPeakBytes: 2,
      nonpagedBytes: 3,
      pagedBytes: 4,
      pageFaults: 5,
      residentKernelBytes: 6,
      residentPagedBytes: 7,
    },
    columns: columns.finish(),
    counterBits: 32,
    gaps: [],
  };
}

function seconds(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

try {
  writeFileSync(path, "");
  let snapshots = 0;
  while (statSync(path).size < megabytes * 1e6) {
    let part = "";
    for (let i = 0; i < 16; i++) {
      part += `===== ${new Date(Date.UTC(2026, 0, 1) + snapshots * 60_000).toISOString()} =====\n${renderPoolmonText(snapshotAt(snapshots))}`;
      snapshots += 1;
    }
    appendFileSync(path, part);
  }
  const size = statSync(path).size / 1e6;
  const rates: number[] = [];
  const ratios: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const wc = seconds(() => execFileSync("wc", ["-l", path]));
    const start = process.hrtime.bigint();
    let rows = 0;
    const timeline = await openSources([path]);
    for await (const snapshot of timeline.snapshots()) rows += snapshot.columns.length;
    const parse = Number(process.hrtime.bigint() - start) / 1e9;
    if (rows !== snapshots * TAGS || timeline.gaps.length > 0)
      throw new Error(`read ${rows} rows, ${timeline.gaps.length} gaps`);
    rates.push(size / parse);
    ratios.push(parse / wc);
  }
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  console.log(`${size.toFixed(0)} MB, ${snapshots} snapshots of ${TAGS} rows, ${RUNS} runs`);
  console.log(
    `parse: ${median(rates).toFixed(0)} MB/s median; ${median(ratios).toFixed(1)} x the time of wc -l (pairs: ${ratios.map((r) => r.toFixed(1)).join(", ")})`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
