// `npm run bench:fleet-recordings [machines]`: `poolscope fleet` over a folder of recordings that were sent in, each a week at five
// minutes with the judgement that its recorder kept. Prints what that takes, and whether the planted build is named.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { parseTag } from "../src/model/tag.ts";
import { RecordingWriter } from "../src/store/writer.ts";
import { DAY, workload } from "./pool-workload.ts";

const machines = Number(process.argv[2] ?? 500);
const FIVE_MINUTES = 300_000;
const SNAPSHOTS = 7 * 288;
const program = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));

/** The planted build has one machine in twenty; three of four of those leak. */
const isBad = (i: number): boolean => i % 20 === 0;
const leaks = (i: number): boolean => isBad(i) && i % 80 !== 0;

/** A week of one machine, with or without a leak that its recorder told. */
function writeWeek(file: string, version: string, isLeaking: boolean): void {
  const surroundings = { drivers: [{ file: "acme.sys", version, company: "Acme" }] };
  const writer = RecordingWriter.open(file, { isNewBoot, now: DAY.start, every: FIVE_MINUTES, program: "bench" });
  let time = DAY.start;
  for (const snapshot of workload({ ...DAY, tags: 2000, intervalMs: FIVE_MINUTES })) {
    writer.append({ ...snapshot, surroundings });
    ({ time } = snapshot);
    if (time >= DAY.start + (SNAPSHOTS - 1) * FIVE_MINUTES) break;
  }
  const leak = {
    tag: parseTag("Acm ") ?? 0,
    kind: "nonpaged" as const,
    state: "leaking",
    bytesPerHour: { value: 2 ** 20, low: 1e6, high: 1.1e6 },
    heldBytes: 2 ** 27,
    confidence: 0.9,
    since: DAY.start,
    exhaustionHours: { value: 90, low: 70, high: 120 },
    suspect: { name: "acme.sys", certainty: "likely" },
    drivers: [{ file: "acme.sys", version }],
  };
  writer.addJudgement({ time, from: DAY.start, snapshots: SNAPSHOTS, verdicts: isLeaking ? [leak] : [] });
  writer.close(time);
}

/** Another machine's recording out of the same one. */
function copyAs(from: string, to: string, name: string): void {
  copyFileSync(from, to);
  const db = new DatabaseSync(to);
  db.prepare("UPDATE host SET name = ?").run(name);
  db.close();
}

const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
try {
  const kinds = {
    bad: join(folder, "bad.week"),
    badQuiet: join(folder, "quiet.week"),
    good: join(folder, "good.week"),
  };
  writeWeek(kinds.bad, "2.4.1", true);
  writeWeek(kinds.badQuiet, "2.4.1", false);
  writeWeek(kinds.good, "2.3.0", false);
  const recordings = mkdtempSync(join(folder, "recordings-"));
  for (let i = 0; i < machines; i++) {
    const from = leaks(i) ? kinds.bad : isBad(i) ? kinds.badQuiet : kinds.good;
    copyAs(from, join(recordings, `WS-${i}.pool`), `WS-${i}`);
  }
  console.log(
    `${machines} recordings of ${SNAPSHOTS} snapshots, 2000 rows, ${(statSync(kinds.good).size / 2 ** 20).toFixed(1)} MB each`,
  );
  // The child tells its own peak: what a parent is told of it counts what the parent held.
  const peakTold = `process.on("exit", () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); console.error("peak " + maxRSS + " cpu " + (userCPUTime + systemCPUTime)); });`;
  const start = performance.now();
  const child = spawnSync(
    process.execPath,
    [
      "--import",
      `data:text/javascript,${encodeURIComponent(peakTold)}`,
      program,
      "fleet",
      "builds",
      recordings,
      "--json",
    ],
    { encoding: "utf8", maxBuffer: 2 ** 30 },
  );
  const seconds = (performance.now() - start) / 1000;
  const [, peakKb, cpu] = /peak (\d+) cpu (\d+)/.exec(child.stderr) ?? [];
  console.log(
    `poolscope fleet builds: ${seconds.toFixed(1)} s, ${(Number(cpu) / 1e6).toFixed(1)} s of CPU, ${Math.round(Number(peakKb) / 1024)} MB`,
  );
  const { builds } = JSON.parse(child.stdout) as { builds: { version: string; judgement: string; leaking: number }[] };
  const worse = builds.filter(({ judgement }) => judgement === "worse");
  const exact = worse.length === 1 && worse[0]?.version === "2.4.1";
  console.log(
    exact ? `exactly the planted build is named, ${worse[0]?.leaking} machines` : "NOT exactly the planted build",
  );
  process.exitCode = exact ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
