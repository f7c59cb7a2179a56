// `npm run bench:drivers -- DIR [TAG]`: the cold index of a folder of drivers and look-ups in the warm one, each as a whole
// process, against one `grep -l -F TAG` pass over the same files. Three rounds, in each of which all of them take turns, so
// that a machine that is busy for a while is busy for all. Of several copies of a file only one is measured: a scan reuses
// what it found in a copy, which would flatter it. Between different files nothing is reused.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = 3;
const [folder, tag = "WDiv"] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: npm run bench:drivers -- DIR [TAG]");
  process.exit(2);
}
const program = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
const corpus = join(work, "drivers");
const env = { ...process.env, POOLSCOPE_CACHE: join(work, "cache") };

/** Seconds of a whole process: by the clock, and of processor time over all its threads. */
interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a command under bash's `time`, which counts the processor time of a process that has ended. */
function timed(command: readonly string[]): Seconds {
  const { error, stderr } = spawnSync("bash", ["-c", 'TIMEFORMAT="%R %U %S"; time "$0" "$@" >/dev/null', ...command], {
    encoding: "utf8",
    env,
  });
  if (error !== undefined) throw error;
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = (stderr.trim().split("\n").at(-1) ?? "")
    .split(" ")
    .map(Number);
  return { wall, cpu: user + system };
}

/** The most memory that a command had at once, in bytes; undefined where the system does not tell it. */
async function peakMemory(command: string, args: readonly string[]): Promise<number | undefined> {
  const child = spawn(command, args, { env, stdio: "ignore" });
  let peak: number | undefined;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
      if (kilobytes !== undefined) peak = Math.max(peak ?? 0, Number(kilobytes) * 1024);
    } catch {
      // Ended between two looks, or a system without /proc.
    }
  }, 20);
  await new Promise((resolve) => {
    child.on("exit", resolve);
  });
  clearInterval(timer);
  return peak;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function medians(all: readonly Seconds[]): Seconds {
  return { wall: median(all.map(({ wall }) => wall)), cpu: median(all.map(({ cpu }) => cpu)) };
}

mkdirSync(corpus, { recursive: true });
const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const seen = new Set<string>();
let bytes = 0;
for (const entry of found) {
  const path = join(entry.parentPath, entry.name);
  const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (seen.has(digest)) continue;
  seen.add(digest);
  bytes += statSync(path).size;
  copyFileSync(path, join(corpus, `${seen.size}-${entry.name}`));
}

const grepPass = (): Seconds => timed(["grep", "-r", "-l", "-F", tag, corpus]);
const coldIndex = (): Seconds => {
  rmSync(env.POOLSCOPE_CACHE, { recursive: true, force: true });
  return timed([process.execPath, program, "drivers", corpus]);
};
const lookUp = (): Seconds => timed([process.execPath, program, "tag", tag]);
const greps: Seconds[] = [];
const colds: Seconds[] = [];
const warms: Seconds[] = [];
grepPass();
for (let round = 0; round < ROUNDS; round++) {
  for (let i = 0; i < 3; i++) greps.push(grepPass());
  colds.push(coldIndex());
  for (let i = 0; i < 3; i++) {
    greps.push(grepPass());
    warms.push(lookUp());
  }
}
const index = statSync(join(env.POOLSCOPE_CACHE, "drivers.jsonl")).size;
const peak = await peakMemory(process.execPath, [program, "drivers", "--no-index", corpus]);
rmSync(work, { recursive: true });

const grep = medians(greps);
const cores = availableParallelism();
// On a machine that is busy with other work the clock says little: the processor time, spread over the cores that were there
// to be used, is what an idle one would take.
const line = (label: string, { wall, cpu }: Seconds, used: number, bar: string): string =>
  `${label.padEnd(16)} ${wall.toFixed(3)} s by the clock, ${(wall / grep.wall).toFixed(1)} x grep; ` +
  `${cpu.toFixed(3)} s of processor time, ${(cpu / used / grep.cpu).toFixed(1)} x grep on ${used} ${used === 1 ? "core" : "cores"}${bar}`;
console.log(
  `${seen.size} different drivers out of ${found.length} files, ${(bytes / 1e6).toFixed(1)} MB, nothing reused between them; ` +
    `${cores} cores, ${ROUNDS} rounds, index ${(index / 1e6).toFixed(1)} MB` +
    (peak === undefined ? "" : `, at most ${(peak / 1e6).toFixed(0)} MB of memory`),
);
console.log(line(`grep -l -F ${tag}`, grep, 1, ""));
console.log(line("cold index", medians(colds), cores, " (bar 25 x)"));
console.log(line("warm look-up", medians(warms), 1, " (bar 1 x)"));
