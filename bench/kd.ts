// How long a target stands for `kd used`, one snapshot of `record kd:` and one of `live kd:`, as the program itself tells it: whole
// processes against the simulated target in a process of its own (our own simulator; never a real wire). Bar: used in 1 s unpaced;
// at 115,200 baud as computed from the bytes. `npm run bench:kd -- unpaced` leaves the slow line out (about 2 minutes).

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { wireMilliseconds } from "../src/words/kd.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const entry = path("../bin/poolscope.mjs");
if (!existsSync(path("../../shared/samples/nt-kernel"))) {
  console.error("bench:kd needs samples/nt-kernel beside the checkout");
  process.exit(2);
}
const STOP = "--yes-stop-the-machine";
const BAUD = 115_200;
const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-kd-"));

/** A simulated target on a port of its own. */
async function serve(name: string, baud: number | undefined): Promise<{ child: ChildProcess; target: string }> {
  const words = [path("../test/build/kd/serve.ts"), name, "0", ...(baud === undefined ? [] : [String(baud)])];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve) => {
    child.stdout.once("data", (data: Buffer) => resolve(/listening on (\d+)/.exec(data.toString())?.[1] ?? ""));
  });
  return { child, target: `tcp:127.0.0.1:${port}` };
}

const QUESTIONS: Readonly<Record<string, (target: string, file: string) => readonly string[]>> = {
  "kd used": (target) => ["kd", target, "used", "--top", "1", STOP],
  "record kd:": (target, file) => ["record", `kd:${target}`, file, "--every", "1h", "--for", "1s", STOP],
  "live kd:": (target) => ["live", `kd:${target}`, "--once", STOP],
};

interface Stood {
  readonly seconds: number;
  readonly halts: number;
  readonly bytes: number;
}

function ask(words: readonly string[]): Stood {
  const { status, stderr } = spawnSync(process.execPath, [entry, ...words], { encoding: "utf8" });
  const told = /stood ([\d.]+) s(?: in (\d+) halts[^;]*)?; ([\d,]+) bytes/.exec(stderr);
  if (status !== 0 || told === null) throw new Error(`${words.join(" ")}: exit ${status}: ${stderr}`);
  return {
    seconds: Number(told[1]),
    halts: Number(told[2] ?? 1),
    bytes: Number((told[3] ?? "").replaceAll(",", "")),
  };
}

let missed = false;
try {
  for (const baud of process.argv.includes("unpaced") ? [undefined] : [undefined, BAUD]) {
    for (const name of ["x64", "x86"]) {
      const { child, target } = await serve(name, baud);
      try {
        for (const [question, words] of Object.entries(QUESTIONS)) {
          const rounds = Array.from({ length: baud === undefined ? ROUNDS : 1 }, (_, n) =>
            ask(words(target, join(folder, `${name}-${baud ?? 0}-${n}.pool`))),
          ).sort((a, b) => a.seconds - b.seconds);
          const [fastest, slowest, { bytes, halts }] = [
            rounds[0],
            rounds.at(-1),
            rounds[rounds.length >> 1] ?? rounds[0],
          ] as [Stood, Stood, Stood];
          const median = rounds[rounds.length >> 1]?.seconds ?? 0;
          if (baud === undefined && question === "kd used" && median > 1) missed = true;
          const time =
            baud === undefined
              ? `${median.toFixed(2)} s (${fastest.seconds.toFixed(2)} to ${slowest.seconds.toFixed(2)} of ${ROUNDS})`
              : `${median.toFixed(2)} s in ${halts} halts, ${(wireMilliseconds(bytes, baud) / 1000).toFixed(2)} s as computed from the bytes`;
          console.log(
            `${name} ${baud === undefined ? "unpaced" : `${baud} baud`} ${question}: halted ${time}; ${bytes} bytes`,
          );
        }
      } finally {
        child.kill();
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const load = `load of the machine ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
console.log(`bar for used, unpaced: 1 s: ${missed ? "MISSED" : "held"} (${load})`);
