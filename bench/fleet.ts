// `npm run bench:fleet [prometheus|victoria-metrics] [hosts] [minutes]`: plays a fleet with one bad build against a real engine
// on loopback: 30 series a machine, an innocent driver that shares the tag, false verdicts on one machine in twenty. Prints what
// ingest, memory, disk, the comparison and the rules take, and whether comparison and alert name exactly the planted build.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { query, readFleet } from "../src/fleet/engine.ts";
import { ask } from "../src/fleet/http.ts";
import { pivotBuilds } from "../src/fleet/pivot/pivot.ts";
import type { Sample } from "../src/fleet/series/machine-metrics.ts";
import { encodeRemoteWrite, REMOTE_WRITE_HEADERS } from "../src/fleet/ways/remote-write.ts";
import { ENGINES, firingAlerts, ruleGroups, startEngine, until, type Engine } from "../test/fleet/engines.ts";

const SERIES = 30;
const name = ENGINES.find((each) => each === process.argv[2]) ?? "victoria-metrics";
const hosts = Number(process.argv[3] ?? 10_000);
/** Minutes of history, a sample each: with more than one the bytes of a sample on the disk can be told. */
const minutes = Number(process.argv[4] ?? 1);

/** Often enough to be seen here; the rules themselves say five minutes. */
const RULES_EVERY_SECONDS = 20;

/** One machine in twenty has the bad build, and three of four of those leak; one in twenty of all has a false verdict. */
function machine(i: number, now: number): Sample[] {
  const version = i % 20 === 0 ? "2.4.1" : `2.${i % 4}.0`;
  const other = `1.${i % 3}`;
  const isFalse = chance(i) < 0.05;
  const tag = { tag: "Acm ", type: "nonpaged" };
  const samples: Sample[] = [
    { id: "snapshotTime", labels: {}, value: now / 1000 },
    { id: "judgedTime", labels: {}, value: now / 1000 },
    { id: "driverInfo", labels: { driver: "acme.sys", version }, value: 1 },
    { id: "driverInfo", labels: { driver: "other.sys", version: other }, value: 1 },
  ];
  if ((i % 20 === 0 && i % 80 !== 0) || isFalse)
    samples.push(
      { id: "leakInfo", labels: { ...tag, driver: "acme.sys", version, state: "leaking" }, value: 1 },
      { id: "leakInfo", labels: { ...tag, driver: "other.sys", version: other, state: "leaking" }, value: 1 },
      { id: "leakRate", labels: tag, value: 2 ** 20 },
    );
  while (samples.length < SERIES)
    samples.push({ id: "tagBytes", labels: { tag: `T${samples.length}`, type: "paged" }, value: moved(i, now) });
  return samples;
}

/** Bytes of a tag that goes up and down by blocks, as on a machine at work. */
function moved(i: number, now: number): number {
  const minute = Math.round(now / 60_000);
  return 2 ** 20 + 64 * Math.floor(1000 * chance(i) + 40 * chance(i * 7919 + minute));
}

/** A number from 0 to 1 that depends on the machine alone, and on none of its builds. */
function chance(i: number): number {
  let x = Math.imul(i + 1, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b);
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
}

/** Prints what a question takes by the clock and of the engine's processors: the second does not grow with other work. */
async function timed<Value>(label: string, asked: Engine, run: () => Promise<Value>): Promise<Value> {
  const start = performance.now();
  const cpuBefore = cpuSeconds(asked);
  const value = await run();
  const seconds = (performance.now() - start) / 1000;
  console.log(`${label.padEnd(44)} ${seconds.toFixed(2)} s, ${(cpuSeconds(asked) - cpuBefore).toFixed(2)} s of CPU`);
  return value;
}

/** Processor time of an engine; user and system time are fields 14 and 15 of /proc/PID/stat, in hundredths of a second. */
function cpuSeconds({ pid }: Engine): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Sends all machines, a request each; for every minute of history, the oldest first. Answers seconds, bytes and encoding time. */
async function sendAll(
  engine: Engine,
  minutesBack: number,
): Promise<{ seconds: number; bytes: number; cpuMs: number }> {
  let bytes = 0;
  let cpuMs = 0;
  const start = performance.now();
  for (let back = minutesBack - 1; back >= 0; back--)
    for (let i = 0; i < hosts; i++) {
      const now = Date.now() - back * 60_000;
      const before = performance.now();
      const body = encodeRemoteWrite(machine(i, now), now, { job: "poolscope", instance: `h${i}` });
      cpuMs += performance.now() - before;
      bytes += body.length;
      const question = { method: "POST" as const, headers: REMOTE_WRITE_HEADERS, body };
      const { status, body: told } = await ask(new URL(engine.write, engine.url), question, none);
      if (status >= 300) throw new Error(`${status}: ${told}`);
    }
  return { seconds: (performance.now() - start) / 1000, bytes, cpuMs };
}

/** Resident memory in bytes. */
function memoryOf({ pid }: Engine): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function diskOf(path: string): number {
  return 1024 * Number(execFileSync("du", ["-sk", path], { encoding: "utf8" }).split("\t")[0]);
}

/** Bytes on the disk once the engine has packed its newest data: a snapshot of Prometheus, a merge of VictoriaMetrics. */
async function packedBytes(engine: Engine): Promise<number> {
  const path = name === "prometheus" ? "/api/v1/admin/tsdb/snapshot" : "/internal/force_merge";
  const answer = await fetch(`${engine.url}${path}`, { method: name === "prometheus" ? "POST" : "GET" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  await sleep(5000);
  return diskOf(join(folder, "data", name === "prometheus" ? "snapshots" : "data"));
}

const MB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
const none = { headers: {} };
let engine = await startEngine(name, folder);
try {
  console.log(`${name}, ${hosts} machines of ${SERIES} series, ${minutes} min`);
  const empty = memoryOf(engine);
  const samples = hosts * SERIES * minutes;
  const { seconds, bytes, cpuMs } = await sendAll(engine, minutes);
  console.log(
    `ingest, one request a machine                ${seconds.toFixed(1)} s, ${Math.round(samples / seconds)} samples/s`,
  );
  const requests = hosts * minutes;
  console.log(
    `a machine and minute: ${Math.round(bytes / requests)} bytes, ${(cpuMs / requests).toFixed(3)} ms of CPU to encode`,
  );
  await sleep(3000);
  const memory = memoryOf(engine);
  console.log(
    `memory ${Math.round(memory / MB)} MB (${Math.round((memory - empty) / (hosts * SERIES))} bytes a series above an empty one), ` +
      `disk ${Math.round(diskOf(folder) / MB)} MB`,
  );
  const url = new URL(engine.url);
  await timed("count by (tag, driver, version) of leaks", engine, () =>
    query({ url, ...none }, "count by (tag, driver, version) (windows_pool_leak_info)"),
  );
  await timed("count by (driver, version) of all builds", engine, () =>
    query({ url, ...none }, "count by (driver, version) (windows_pool_driver_info)"),
  );
  const { counts } = await timed("poolscope fleet: all its queries", engine, () =>
    readFleet({ url, ...none }, Date.now()),
  );
  const worse = pivotBuilds(counts).filter(({ judgement }) => judgement === "worse");
  for (const { tag, driver, version, leaking, having, others } of worse)
    console.log(
      `worse: ${tag} ${driver} ${version}: ${leaking} of ${having}, others ${others.leaking} of ${others.having}`,
    );
  if (minutes > 1)
    console.log(`disk, packed: ${((await packedBytes(engine)) / samples).toFixed(2)} bytes a sample, index included`);
  await engine.stop();

  engine = await startEngine(name, folder, { everySeconds: RULES_EVERY_SECONDS });
  const ruler = engine.ruler ?? "";
  await sendAll(engine, 1);
  const alerts = await until(
    () => firingAlerts(ruler, "WindowsPoolLeakDriverBuild"),
    (found) => found.length > 0,
    300,
  );
  for (const group of await ruleGroups(ruler)) {
    const times = group.rules.map(({ evaluationTime = 0 }) => evaluationTime);
    // Prometheus times each rule, vmalert each from the start of the group.
    const total = name === "prometheus" ? times.reduce((sum, time) => sum + time, 0) : Math.max(...times);
    const failed = group.rules.filter(({ lastError = "" }) => lastError !== "").length;
    console.log(`${group.name.padEnd(44)} ${total.toFixed(2)} s an evaluation, ${failed} rules failed`);
  }
  const recorded = { url: new URL(engine.url), ...none };
  await timed("the comparison out of the recorded series", engine, () =>
    query(
      recorded,
      "tag_driver_version:windows_pool_leaking_hosts:z > 3.5 and tag_driver_version:windows_pool_leaking_hosts:ratio > 0",
    ),
  );
  await timed("poolscope fleet while rules are evaluated", engine, () => readFleet(recorded, Date.now()));
  for (const { tag, driver, version } of alerts) console.log(`alert: ${tag} ${driver} ${version}`);
  const isPlanted = (build: { driver?: string; version?: string } | undefined): boolean =>
    build?.driver === "acme.sys" && build.version === "2.4.1";
  const exact = worse.length === 1 && isPlanted(worse[0]) && alerts.length === 1 && isPlanted(alerts[0]);
  console.log(
    exact ? "exactly the planted build is named, by fleet and by the alert" : "NOT exactly the planted build",
  );
  process.exitCode = exact ? 0 : 1;
} finally {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
}
