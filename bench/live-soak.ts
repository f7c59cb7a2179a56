// `npm run soak:live -- 3600`: the live view in a pseudo-terminal, 4,000 tags ten times a second out of the stand-in for ntdll;
// memory and handles must have levelled off. Exit code 1 where they have not, 2 where gcc or `script` is missing.

import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildFakeNt } from "../test/build/fakent.ts";
import { figuresOf, levelOf, type Level, type ProcessFigures } from "./process-figures.ts";

export interface LiveSoak extends Level {
  readonly seconds: number;
  /** Bytes written to the terminal. */
  readonly bytes: number;
  readonly seen: readonly ProcessFigures[];
}

const LOOKS = 120;

/** Watches a live view for some seconds; undefined where it ended by itself. */
export async function soakLive(seconds: number, library: string): Promise<LiveSoak | undefined> {
  const program = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
  const command = `stty cols 120 rows 40; echo PID:$$; exec ${process.execPath} ${program} live --every 100ms`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      POOLSCOPE_NTDLL: library,
      FAKENT: "tags=4000,leak=500",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
    },
  });
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => {
      hasEnded = true;
      resolve();
    });
  });
  let bytes = 0;
  const pid = await new Promise<number>((resolve) => {
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      bytes += data.length;
      if (text.length < 10_000) text += data.toString("latin1");
      const found = /PID:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  const seen: ProcessFigures[] = [];
  for (let look = 0; look < LOOKS; look++) {
    await sleep((seconds * 1000) / LOOKS);
    if (hasEnded) return undefined;
    seen.push(figuresOf(pid));
  }
  child.stdin.write("q");
  child.stdin.write("y");
  const left = await Promise.race([ended.then(() => true), sleep(5000, false)]);
  if (!left) child.kill("SIGKILL");
  return { seconds, bytes, ...levelOf(seen), seen };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const library = buildFakeNt();
  if (library === undefined) {
    console.error("soak:live needs gcc to build the stand-in for ntdll");
    process.exit(2);
  }
  const result = await soakLive(Number(process.argv[2] ?? 3600), library);
  if (result === undefined) throw new Error("the live view ended by itself");
  const { seen, ...rest } = result;
  console.log(JSON.stringify({ ...rest, seen: seen.map((each) => `${each.mebibytes} MiB ${each.handles}`) }, null, 2));
  process.exitCode = result.isLevel ? 0 : 1;
}
