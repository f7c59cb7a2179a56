// The live view as its user pays for it: in a pseudo-terminal of 130 x 60 at 2 Hz, 4,000 tags from the stand-in for ntdll.
// The npm package is built first and measured, since that is what is shipped; the sources have their types stripped.
// Prints time to the first frame (median of five starts), CPU, peak memory and bytes written per second.
// `npm run bench:tui [-- SECONDS]`; the detector begins after the first minute.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { buildPackage, PACKAGE } from "../scripts/build-package.ts";
import { buildFakeNt } from "../test/build/fakent.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STARTS = 5;
const TICKS_PER_SECOND = 100;
const SETTLE_SECONDS = 5;
const BARS = { firstFrameMs: 150, cpuPercent: 0.5, peakMegabytes: 80 };

const library = buildFakeNt();
if (library === undefined) {
  console.log("gcc is missing: there is no stand-in for ntdll to measure with");
  process.exit(2);
}
const seconds = Number(process.argv[2] ?? 100);

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts the view in a pseudo-terminal, lets `use` watch it once its first frame is there, and leaves it with `q`. */
async function start<T>(
  program: string,
  use: (view: { pid: number; firstFrameMs: number; bytes: () => number }) => Promise<T>,
): Promise<T> {
  const command = `stty cols 130 rows 60; echo PID:$$; exec ${process.execPath} ${program} live --every 500ms`;
  const begun = performance.now();
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: "tags=4000", TERM: "xterm-256color", LANG: "C.UTF-8" },
  });
  const left = new Promise((resolve) => child.on("exit", resolve));
  let bytes = 0;
  let text = "";
  const firstFrameMs = await new Promise<number>((resolve) => {
    child.stdout.on("data", (data: Buffer) => {
      bytes += data.length;
      if (text.includes("rows, by")) return;
      text += data.toString("latin1");
      if (text.includes("rows, by")) resolve(performance.now() - begun);
    });
  });
  const pid = Number(/PID:(\d+)/.exec(text)?.[1]);
  const result = await use({ pid, firstFrameMs, bytes: () => bytes });
  child.stdin.write("q");
  await left;
  return result;
}

function line(what: string, value: number, digits: number, bar?: number): void {
  const verdict = bar === undefined ? "" : `   bar ${bar}: ${value <= bar ? "reached" : "MISSED"}`;
  console.log(`${what.padEnd(44)}${value.toFixed(digits).padStart(9)}${verdict}`);
}

const firstFrame = (program: string) => start(program, (view) => Promise.resolve(view.firstFrameMs));
const firstFrameCpu = (program: string) => start(program, (view) => Promise.resolve(cpuMs(view.pid)));

await buildPackage();
const program = `${PACKAGE}/bin/poolscope.mjs`;
await firstFrame(program);
const starts: number[] = [];
for (let at = 0; at < STARTS; at++) starts.push(await firstFrame(program));
starts.sort((a, b) => a - b);
const steady = await start(program, async ({ pid, bytes }) => {
  await wait(SETTLE_SECONDS * 1000);
  const before = { cpu: cpuMs(pid), bytes: bytes(), time: performance.now() };
  await wait(seconds * 1000);
  const elapsed = performance.now() - before.time;
  return {
    startCpuMs: before.cpu,
    cpuPercent: ((cpuMs(pid) - before.cpu) / elapsed) * 100,
    peakMegabytes: peakMegabytes(pid),
    bytesPerSecond: ((bytes() - before.bytes) / elapsed) * 1000,
  };
});
const cpuOfStart = await firstFrameCpu(program);
await firstFrame(`${ROOT}bin/poolscope.mjs`);
const fromSources = await firstFrame(`${ROOT}bin/poolscope.mjs`);

/** What the machine takes for a Node that does nothing, in the same minute: a busy machine shows here too. */
const bare = Array.from({ length: STARTS }, () => {
  const begun = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  return performance.now() - begun;
}).toSorted((a, b) => a - b);

console.log(`live view, 130 x 60, 2 Hz, 4,000 tags; load of the machine ${loadavg()[0]?.toFixed(1)}`);
line(`time to first frame, ms, median of ${STARTS}`, starts[STARTS >> 1] ?? Number.NaN, 0, BARS.firstFrameMs);
line("  fastest", starts[0] ?? Number.NaN, 0);
line("  slowest", starts.at(-1) ?? Number.NaN, 0);
line("  CPU until then, ms", cpuOfStart, 0);
line("  a Node that does nothing, median", bare[STARTS >> 1] ?? Number.NaN, 0);
line("  from its sources, second start", fromSources, 0);
line(`CPU of one core, %, over ${seconds} s`, steady.cpuPercent, 2, BARS.cpuPercent);
line("peak memory, MB", steady.peakMegabytes, 1, BARS.peakMegabytes);
line("written per second, bytes", steady.bytesPerSecond, 0);
line(`CPU of the first ${SETTLE_SECONDS} s, ms`, steady.startCpuMs, 0);
