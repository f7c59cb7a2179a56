// `npm run bench:fleet [prometheus|victoria-metrics] [hosts]`: plays a fleet with one bad build against a real engine on loopback:
// 30 series a machine, an innocent driver that shares the tag, false verdicts on one machine in twenty. Prints what ingest,
// memory, disk and the comparison take, and whether the comparison names exactly the planted build.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { query, readFleet } from "../src/fleet/engine.ts";
import { ask } from "../src/fleet/http.ts";
import { pivotBuilds } from "../src/fleet/pivot/pivot.ts";
import type { Sample } from "../src/fleet/series/machine-metrics.ts";
import { encodeRemoteWrite, REMOTE_WRITE_HEADERS } from "../src/fleet/ways/remote-write.ts";
import { ENGINES, startEngine } from "../test/fleet/engines.ts";

const SERIES = 30;
const name = ENGINES.find((each) => each === process.argv[2]) ?? "victoria-metrics";
const hosts = Number(process.argv[3] ?? 10_000);

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
    samples.push({ id: "tagBytes", labels: { tag: `T${samples.length}`, type: "paged" }, value: i * samples.length });
  return samples;
}

/** A number from 0 to 1 that depends on the machine alone, and on none of its builds. */
function chance(i: number): number {
  let x = Math.imul(i + 1, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b);
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
}

async function timed<Value>(label: string, run: () => Promise<Value>): Promise<Value> {
  const start = performance.now();
  const value = await run();
  console.log(`${label.padEnd(44)} ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return value;
}

const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
const engine = await startEngine(name, folder);
const none = { headers: {} };
const url = new URL(engine.url);
try {
  console.log(`${name}, ${hosts} machines of ${SERIES} series`);
  let bytes = 0;
  let encoding = 0;
  const start = performance.now();
  for (let i = 0; i < hosts; i++) {
    const now = Date.now();
    const before = performance.now();
    const body = encodeRemoteWrite(machine(i, now), now, { job: "poolscope", instance: `h${i}` });
    encoding += performance.now() - before;
    bytes += body.length;
    const headers = REMOTE_WRITE_HEADERS;
    const { status, body: told } = await ask(new URL(engine.write, url), { method: "POST", headers, body }, none);
    if (status >= 300) throw new Error(`${status}: ${told}`);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `ingest, one request a machine                 ${seconds.toFixed(1)} s, ${Math.round((hosts * SERIES) / seconds)} samples/s`,
  );
  console.log(
    `a machine and minute: ${Math.round(bytes / hosts)} bytes, ${(encoding / hosts).toFixed(3)} ms of CPU to encode`,
  );
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const { pid } = engine;
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const disk = execFileSync("du", ["-sk", folder], { encoding: "utf8" }).split("\t")[0];
  console.log(`memory ${Math.round(Number(memory) / 1024)} MB, disk ${Math.round(Number(disk) / 1024)} MB`);
  await timed("count by (tag, driver, version) of leaks", () =>
    query({ url, ...none }, "count by (tag, driver, version) (windows_pool_leak_info)"),
  );
  await timed("count by (driver, version) of all builds", () =>
    query({ url, ...none }, "count by (driver, version) (windows_pool_driver_info)"),
  );
  const { counts } = await timed("poolscope fleet: all its queries", () => readFleet({ url, ...none }, Date.now()));
  const worse = pivotBuilds(counts).filter(({ judgement }) => judgement === "worse");
  for (const { tag, driver, version, leaking, having, others } of worse)
    console.log(
      `worse: ${tag} ${driver} ${version}: ${leaking} of ${having}, others ${others.leaking} of ${others.having}`,
    );
  const exact = worse.length === 1 && worse[0]?.driver === "acme.sys" && worse[0].version === "2.4.1";
  console.log(exact ? "exactly the planted build is named" : "NOT exactly the planted build");
  process.exitCode = exact ? 0 : 1;
} finally {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
}
