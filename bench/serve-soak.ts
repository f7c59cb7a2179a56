// `npm run soak:serve -- 50000`: a dashboard is asked for everything it has, and for what it has not, over and over; memory and
// handles must have levelled off. Exit code 1 where they have not, or where an answer was none of those that are right.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { RecordingWriter } from "../src/store/writer.ts";
import { DAY, workload } from "./pool-workload.ts";
import { figuresOf, levelOf, type Level, type ProcessFigures } from "./process-figures.ts";

export interface ServeSoak extends Level {
  readonly requests: number;
  /** Answers by status. */
  readonly answers: Readonly<Record<string, number>>;
  readonly seen: readonly ProcessFigures[];
  readonly failures: readonly string[];
  readonly requestsPerSecond: number;
}

/** What is asked, and the status that is right for it. The foreign Host is what a page with a rebound name would send. */
const ASKED: readonly (readonly [path: string, status: number, host?: string])[] = [
  ["/", 200],
  ["/page.js", 200],
  ["/healthz", 200],
  ["/metrics", 200],
  ["/api/v1/status", 200],
  ["/api/v1/overview", 200],
  ["/api/v1/tags", 200],
  ["/api/v1/diagnosis", 200],
  ["/api/v1/beside", 200],
  ["/api/v1/nothing", 404],
  ["/..%2f..%2fetc%2fpasswd", 404],
  ["/api/v1/status", 403, "evil.example"],
];

const AT_ONCE = 8;
const LOOKS = 60;

function ask(port: number, path: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, host: "127.0.0.1", headers: { host } }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    });
    asked.on("error", reject).end();
  });
}

/** Asks `requests` times, eight at once, and looks at the process sixty times on the way. */
export async function soakServe(requests: number, log: (line: string) => void = () => {}): Promise<ServeSoak> {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-serve-soak-"));
  const file = join(folder, "day.pool");
  const writer = RecordingWriter.open(file, { isNewBoot, now: DAY.start });
  let written = 0;
  for (const snapshot of workload({ ...DAY, tags: 400 })) {
    writer.append(snapshot);
    if (++written === 300) break;
  }
  writer.close(DAY.start);
  const program = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, "serve", file, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (data: Buffer) => {
        text += data.toString();
        const found = /http:\/\/[^/"]*:(\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
      child.on("exit", () => reject(new Error(`serve ended: ${text}`)));
    });
    // Until the recording is read there is no diagnosis.
    while ((await ask(port, "/api/v1/diagnosis", `127.0.0.1:${port}`)) !== 200) await sleep(100);
    const answers: Record<string, number> = {};
    const seen: ProcessFigures[] = [];
    const failures: string[] = [];
    let next = 0;
    const every = Math.max(1, Math.floor(requests / LOOKS));
    const asker = async (): Promise<void> => {
      for (let n = next++; n < requests; n = next++) {
        const [path, right, host = `127.0.0.1:${port}`] = ASKED[n % ASKED.length] ?? ["/", 200];
        const status = await ask(port, path, host);
        answers[status] = (answers[status] ?? 0) + 1;
        if (status !== right && failures.length < 20) failures.push(`${path} (${host}): ${status} instead of ${right}`);
        if (n % every !== 0) continue;
        const figures = figuresOf(child.pid ?? 0);
        seen.push(figures);
        log(`${n} requests: ${figures.mebibytes} MiB, ${figures.handles} handles`);
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, asker));
    const requestsPerSecond = Math.round((requests * 1000) / (performance.now() - started));
    return { requests, requestsPerSecond, answers, failures, ...levelOf(seen), seen };
  } finally {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { seen, ...result } = await soakServe(Number(process.argv[2] ?? 50_000), (line) => console.error(line));
  console.log(
    JSON.stringify({ ...result, seen: seen.map((each) => `${each.mebibytes} MiB ${each.handles}`) }, null, 2),
  );
  process.exitCode = result.isLevel && result.failures.length === 0 ? 0 : 1;
}
