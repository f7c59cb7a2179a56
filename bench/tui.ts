// The live view as its user pays for it: in a pseudo-terminal of 130 x 60 at 2 Hz, 4,000 tags from the stand-in for ntdll.
// Prints time to the first frame, CPU, peak memory and bytes written per second. `npm run bench:tui [-- SECONDS]`.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildFakeNt } from "../test/build/fakent.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TICKS_PER_SECOND = 100;
const SETTLE_SECONDS = 5;
const BARS = { firstFrameMs: 150, cpuPercent: 0.5, peakMegabytes: 80 };

interface Run {
  readonly firstFrameMs: number;
  readonly startCpuMs: number;
  readonly cpuPercent: number;
  readonly peakMegabytes: number;
  readonly bytesPerSecond: number;
}

const library = buildFakeNt();
if (library === undefined) {
  console.log("gcc is missing: there is no stand-in for ntdll to measure with");
  process.exit(2);
}
const seconds = Number(process.argv[2] ?? 30);

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

async function run(tags: number): Promise<Run> {
  const command = `stty cols 130 rows 60; echo PID:$$; exec ${process.execPath} ${ROOT}bin/poolscope.mjs live --interval 500ms`;
  const begun = performance.now();
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: `tags=${tags}`, TERM: "xterm-256color", LANG: "C.UTF-8" },
  });
  let text = "";
  let bytes = 0;
  let firstFrameMs = Number.NaN;
  child.stdout.on("data", (data: Buffer) => {
    bytes += data.length;
    if (!Number.isNaN(firstFrameMs)) return;
    text += data.toString("latin1");
    if (text.includes("rows, by")) firstFrameMs = performance.now() - begun;
  });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(SETTLE_SECONDS * 1000);
  const pid = Number(/PID:(\d+)/.exec(text)?.[1]);
  const startCpuMs = cpuMs(pid);
  const bytesBefore = bytes;
  const measured = performance.now();
  await wait(seconds * 1000);
  const elapsed = performance.now() - measured;
  const result = {
    firstFrameMs,
    startCpuMs,
    cpuPercent: ((cpuMs(pid) - startCpuMs) / elapsed) * 100,
    peakMegabytes: peakMegabytes(pid),
    bytesPerSecond: ((bytes - bytesBefore) / elapsed) * 1000,
  };
  child.stdin.write("q");
  await new Promise((resolve) => child.on("exit", resolve));
  return result;
}

const line = (what: string, value: string, bar?: number, reached?: boolean): void => {
  console.log(
    `${what.padEnd(34)}${value.padStart(12)}${bar === undefined ? "" : `   bar ${bar}: ${reached === true ? "reached" : "MISSED"}`}`,
  );
};

const empty = await run(10);
const full = await run(4_000);
console.log(`live view, 130 x 60, 2 Hz, 4,000 tags, ${seconds} s after the first ${SETTLE_SECONDS} s`);
line(
  "time to first frame, ms",
  full.firstFrameMs.toFixed(0),
  BARS.firstFrameMs,
  full.firstFrameMs <= BARS.firstFrameMs,
);
line("CPU of one core, %", full.cpuPercent.toFixed(2), BARS.cpuPercent, full.cpuPercent <= BARS.cpuPercent);
line("peak memory, MB", full.peakMegabytes.toFixed(1), BARS.peakMegabytes, full.peakMegabytes <= BARS.peakMegabytes);
line("written per second, bytes", full.bytesPerSecond.toFixed(0));
line(`CPU of the first ${SETTLE_SECONDS} s, ms`, full.startCpuMs.toFixed(0));
line("the same with 10 tags: CPU, %", empty.cpuPercent.toFixed(2));
line("the same with 10 tags: memory, MB", empty.peakMegabytes.toFixed(1));
