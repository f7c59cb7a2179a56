// `npm run bench:drivers -- DIR [TAG]`: the cold index of a folder of drivers and look-ups in the warm one, each as a whole
// process, against one `grep -l -F TAG` pass over the same folder in the same run.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [folder, tag = "WDiv"] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: npm run bench:drivers -- DIR [TAG]");
  process.exit(2);
}
const program = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
const cache = mkdtempSync(join(tmpdir(), "poolscope-bench-"));

/** Seconds of a whole process: by the clock, and of processor time over all its threads. */
interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a command under bash's `time`, which counts the processor time of a process that has ended. */
function timed(command: readonly string[]): Seconds {
  const { error, stderr } = spawnSync("bash", ["-c", 'TIMEFORMAT="%R %U %S"; time "$0" "$@" >/dev/null', ...command], {
    encoding: "utf8",
    env: { ...process.env, POOLSCOPE_CACHE: cache },
  });
  if (error !== undefined) throw error;
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = (stderr.trim().split("\n").at(-1) ?? "")
    .split(" ")
    .map(Number);
  return { wall, cpu: user + system };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function repeat(count: number, run: () => Seconds): Seconds {
  const all = Array.from({ length: count }, run);
  return { wall: median(all.map(({ wall }) => wall)), cpu: median(all.map(({ cpu }) => cpu)) };
}

const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const bytes = files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);

const grepPass = (): Seconds => timed(["grep", "-r", "-l", "-F", tag, folder]);
grepPass();
const grep = repeat(9, grepPass);
const cold = repeat(3, () => {
  rmSync(join(cache, "drivers.jsonl"), { force: true });
  return timed([process.execPath, program, "drivers", folder]);
});
const warm = repeat(9, () => timed([process.execPath, program, "tag", tag]));
const index = statSync(join(cache, "drivers.jsonl")).size;
rmSync(cache, { recursive: true });

const cores = availableParallelism();
// On a machine that is busy with other work the clock says little: the processor time, spread over the cores that were there
// to be used, is what an idle one would take.
const line = (label: string, { wall, cpu }: Seconds, used: number, bar: string): string =>
  `${label.padEnd(16)} ${wall.toFixed(3)} s by the clock, ${(wall / grep.wall).toFixed(1)} x grep; ` +
  `${cpu.toFixed(3)} s of processor time, ${(cpu / used / grep.cpu).toFixed(1)} x grep on ${used} ${used === 1 ? "core" : "cores"}${bar}`;
console.log(
  `${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${cores} cores, index ${(index / 1e6).toFixed(1)} MB`,
);
console.log(line(`grep -l -F ${tag}`, grep, 1, ""));
console.log(line("cold index", cold, cores, " (bar 25 x)"));
console.log(line("warm look-up", warm, 1, " (bar 2 x)"));
