// `npm run soak:record`: a recorder is killed with SIGKILL at random instants, over and over, while a reader reads beside
// it. After each kill the file must open, pass quick_check, and hold every snapshot that was reported as written.

import { spawn, type ChildProcess } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RecordingReader } from "../src/store/reader.ts";
import { buildFakeNt } from "../test/build/fakent.ts";
import { random } from "./pool-workload.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `command` is the program as users run it, `tight` appends without a pause, `thinning` also thins all the time. */
type Mode = "command" | "tight" | "thinning";

export interface SoakResult {
  readonly kills: number;
  /** Snapshots reported as written, all of which were found; those of `thinning` left aside. */
  readonly reported: number;
  /** Snapshots found. */
  readonly held: number;
  /** Kills after which the next start said that the one before was killed. */
  readonly told: number;
  /** Whole reads by the reader beside. */
  readonly reads: number;
  readonly failures: readonly string[];
  readonly bytes: number;
}

/** Kills `kills` recorders, a third of each mode. The library is the stand-in for ntdll. */
export async function soakRecorder(
  kills: number,
  library: string,
  seed = 1,
  log: (line: string) => void = () => {},
): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-soak-"));
  const next = random(seed);
  const sum = { kills: 0, reported: 0, held: 0, told: 0, reads: 0, bytes: 0, failures: [] as string[] };
  try {
    for (const mode of ["command", "tight", "thinning"] as const) {
      const share = Math.floor((kills + ["command", "tight", "thinning"].indexOf(mode)) / 3);
      await soakFile(join(folder, mode), mode, share, { library, next, sum, log });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return sum;
}

interface Soak {
  readonly library: string;
  readonly next: () => number;
  readonly sum: { -readonly [K in keyof SoakResult]: SoakResult[K] } & { failures: string[] };
  readonly log: (line: string) => void;
}

async function soakFile(file: string, mode: Mode, kills: number, { library, next, sum, log }: Soak): Promise<void> {
  const reported = new Set<number>();
  let reader: ChildProcess | undefined;
  for (let n = 0; n < kills; n++) {
    const recorder = startRecorder(file, mode, library);
    const output = await killedAtRandom(recorder, next, () => {
      reader ??= startReader(file, sum);
    });
    sum.kills += 1;
    for (const line of output.split("\n").slice(0, -1)) {
      const event = JSON.parse(line) as { event: string; time: string; crashed?: string };
      if (event.event === "written") reported.add(Date.parse(event.time));
      if (event.crashed !== undefined) sum.told += 1;
    }
    try {
      const held = check(file, mode, reported);
      log(`${mode} kill ${n + 1} of ${kills}: ${reported.size} reported, ${held} held`);
    } catch (error) {
      sum.failures.push(`${mode} kill ${n + 1}: ${String(error)}`);
    }
  }
  reader?.kill("SIGTERM");
  sum.held += check(file, mode, reported);
  if (mode !== "thinning") sum.reported += reported.size;
  sum.bytes += statSync(file).size;
}

function startRecorder(file: string, mode: Mode, library: string): ChildProcess {
  const args =
    mode === "command"
      ? [here("../bin/poolscope.mjs"), "record", file, "--every", "100ms", "--json"]
      : [here("record-soak-child.ts"), file, mode];
  return spawn(process.execPath, args, {
    env: { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: "tags=2000" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Waits for the first snapshot, then for a random while, and kills. */
async function killedAtRandom(child: ChildProcess, next: () => number, onFirst: () => void): Promise<string> {
  let output = "";
  let armed = false;
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (data: Buffer) => {
      output += data.toString();
      if (armed || !output.includes('"written"')) return;
      armed = true;
      onFirst();
      setTimeout(() => child.kill("SIGKILL"), next() * 500);
    });
    child.on("error", reject);
    child.on("close", () => resolve());
  });
  if (!armed) throw new Error(`the recorder ended before its first snapshot: ${output}`);
  return output;
}

/** Throws where the file is not what was promised. Answers how many snapshots it holds. */
function check(file: string, mode: Mode, reported: ReadonlySet<number>): number {
  const reader = RecordingReader.open(file);
  try {
    const verdict = reader.db.prepare("PRAGMA quick_check").get()?.["quick_check"];
    if (verdict !== "ok") throw new Error(`quick_check: ${String(verdict)}`);
    const held = new Set<number>();
    for (const { time } of reader.steps()) held.add(time);
    if (reader.gaps.length > 0) throw new Error(`gaps: ${JSON.stringify(reader.gaps)}`);
    const missing =
      mode === "thinning"
        ? [Math.max(...reported)].filter((t) => !held.has(t))
        : [...reported].filter((t) => !held.has(t));
    if (missing.length > 0) throw new Error(`${missing.length} snapshots are missing`);
    return held.size;
  } finally {
    reader.close();
  }
}

/** Reads the whole file again and again in a process of its own. */
function startReader(file: string, sum: Soak["sum"]): ChildProcess {
  const reader = spawn(process.execPath, [here("record-soak-child.ts"), file, "read"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  reader.stdout?.on("data", (data: Buffer) => {
    for (const line of data.toString().split("\n")) {
      if (line === "read") sum.reads += 1;
      else if (line !== "") sum.failures.push(`reader: ${line}`);
    }
  });
  return reader;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const library = buildFakeNt();
  if (library === undefined) {
    console.error("gcc is missing: there is no stand-in for ntdll to record from");
    process.exitCode = 2;
  } else {
    const kills = Number(process.argv[2] ?? 210);
    const seed = Number(process.argv[3] ?? Date.now() % 1e6);
    const started = performance.now();
    const result = await soakRecorder(kills, library, seed, (line) => process.stderr.write(`\r\u001B[K${line}`));
    process.stderr.write("\n");
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(JSON.stringify({ seed, seconds, ...result }, null, 2));
    process.exitCode = result.failures.length === 0 ? 0 : 1;
  }
}
