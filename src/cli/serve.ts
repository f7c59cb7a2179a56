// `poolscope serve [SOURCE...]`: the dashboard in a browser, of this machine as it runs or of what was recorded.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Option, type Command } from "commander";
import { indexPath } from "../driver-index/index-file.ts";
import { isKnownError, UsageError } from "../model/errors.ts";
import type { Milliseconds } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { compileTagPattern } from "../model/tag.ts";
import { renderDiagnosisJson } from "../reports/diagnosis-json.ts";
import { visible } from "../reports/terminal-text.ts";
import { openSources } from "../sources/open.ts";
import type { Timeline } from "../sources/timeline.ts";
import { isLoopback } from "../web/server/access.ts";
import { pageAssets } from "../web/server/assets.ts";
import { Metrics } from "./serve-metrics.ts";
import { startServer } from "../web/server/server.ts";
import { BESIDE_OPTION, withBeside } from "./beside-option.ts";
import type { Finish } from "./command.ts";
import { createDashboard, MAX_SNAPSHOTS, nameOf, type DashboardInput } from "./dashboard-input.ts";
import { addSendingOptions, isSending, openSendingWhereAsked } from "./fleet/sending-options.ts";
import type { Sending, SendingOptions } from "./fleet/sending.ts";
import type { Io } from "./io.ts";
import { addOldSpelling, duration, tagPattern, wholeNumber } from "./options.ts";
import { addSourceOptions, openOptions, type SourceOptions } from "./shared.ts";
import { VERSION } from "./version.ts";

/** P-O-O-L on a telephone. */
const PORT = 7665;
const PROGRESS_MS = 200;
/** Longer than anybody waits, and short enough for a timer. */
const LONG_MS = 2 ** 30;
/** Where a caller gives no options of sending. */
const SEND_EVERY: Milliseconds = 60_000;
/** Environment variable that holds the token of `--listen`, so that it stands in no list of processes. */
const TOKEN_VARIABLE = "POOLSCOPE_TOKEN";

export interface ServeOptions extends SourceOptions, Partial<SendingOptions> {
  readonly port: number;
  readonly listen: string;
  readonly open?: true;
  readonly every: Milliseconds;
  readonly follow?: true;
  readonly watch?: readonly string[];
  readonly top: number;
  readonly pooltag?: string;
  readonly beside?: readonly string[];
  readonly json?: true;
}

/** What holds where nothing is asked for. */
export const SERVE_DEFAULTS = { listen: "127.0.0.1", every: 10_000, top: 10 } as const;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  const command = addSourceOptions(
    program
      .command("serve")
      .description("the dashboard in a browser: live on Windows, or of a recording or logs")
      .argument("[source...]", "recordings, PoolMon logs, CSV, or folders of them; without one: this machine"),
    { isHostFree: false },
  )
    .option("--port <port>", "port to listen on, 0 for any free one", portNumber, PORT)
    .option(
      "--listen <address>",
      "address to listen on; anything but loopback is served to holders of a token only",
      SERVE_DEFAULTS.listen,
    )
    .option("--open", "open it in the browser")
    .addOption(
      new Option("--every <duration>", "how often to measure, or with --follow to look for news")
        .argParser(duration("--every"))
        .default(SERVE_DEFAULTS.every, "10s"),
    )
    .option("--follow", "go on with what is added to the source while it is served")
    .option("--watch <pattern>", "tags that /metrics always shows; may be repeated", tagPattern("--watch"))
    .option(
      "--top <n>",
      "largest tags by bytes and by blocks of each pool in /metrics",
      wholeNumber("--top", 0),
      SERVE_DEFAULTS.top,
    )
    .option(...BESIDE_OPTION)
    .option("--pooltag <file>", "your pooltag.txt")
    .option("--json", "print the address as JSON");
  addSendingOptions(command)
    .addHelpText(
      "after",
      `
Nothing is loaded from elsewhere and nothing can be changed through it. Beside the page there is a JSON API
(/api/v1), Prometheus metrics (/metrics) and /healthz. Of this machine the same series can be sent as well, as \`record\` does,
whose task is the way to do that unattended. With --listen the token is made up, or taken from ${TOKEN_VARIABLE}.

Examples:
  poolscope serve --open                     this machine (Windows)
  poolscope serve week.pool                  a recording
  poolscope serve week.pool --follow         a recording that is still being written
  poolscope serve --listen 0.0.0.0 --port 80 for others, with the token it prints`,
    )
    .action(async (paths: string[], options: ServeOptions) => finish(await serveUntilStopped(paths, options, io)));
  addOldSpelling(command, "--host", "--listen");
}

/** Serves until Ctrl+C. Throws what opening the sources or the port throws, before anything is served. */
export async function serveUntilStopped(paths: readonly string[], options: ServeOptions, io: Io): Promise<0 | 2> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  const isLive = paths.length === 0;
  if (options.beside !== undefined && isLive)
    throw new UsageError(
      "--beside: this machine is asked itself; files of other tools are joined with a recording or logs",
    );
  if (!isLive && isSending(options))
    throw new UsageError(
      "serve: only what is measured now is sent; of a recording Prometheus can take the series from /metrics",
    );
  const sampler = isLive ? await openSampler(io) : undefined;
  const sending = sampler === undefined ? undefined : await openLiveSending(sampler, options, io);
  const { pooltag } = options;
  const machineZone = isLive ? Intl.DateTimeFormat().resolvedOptions().timeZone : options.timezone;
  const given = { ...(pooltag && { pooltag }), ...(machineZone && { machineZone }) };
  const everyMs = isLive || options.follow === true ? { everyMs: options.every } : {};
  const input = await createDashboard(nameOf(paths), { ...everyMs, ...given }, io);
  const { dashboard } = input;
  let told = 0;
  const onProgress = (done: number, total: number): void => {
    if (io.now() - told < PROGRESS_MS || total <= 0) return;
    told = io.now();
    dashboard.setProgress(Math.min(1, done / total));
  };
  const opened = isLive ? undefined : await openAll(paths, options, onProgress);
  const watched = (options.watch ?? []).map(compileTagPattern);
  const isWatched = (tag: number): boolean => watched.some((matches) => matches(tag));
  const metrics = new Metrics(dashboard, { version: VERSION, top: options.top, isWatched });
  const token = isLoopback(options.listen) ? undefined : tokenOf(io);
  const server = await startServer(
    {
      dashboard,
      assets: await pageAssets(),
      title: `${nameOf(paths)} – poolscope`,
      metrics,
      diagnosisJson: renderDiagnosisJson,
      ...(token === undefined ? {} : { token }),
    },
    options.listen,
    options.port,
  );
  process.once("SIGINT", stop).once("SIGTERM", stop);
  if (options.json === true) io.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
  else {
    io.stdout.write(`${server.url}\n`);
    io.stderr.write(`The dashboard of ${visible(nameOf(paths))} is served at this address; Ctrl+C ends it.\n`);
  }
  if (options.open === true) openBrowser(server.url);
  try {
    if (sampler !== undefined) await measure(input, sampler, { metrics, sending }, options.every, stopping.signal);
    else if (opened !== undefined) await readAll(opened, options, input, stopping.signal);
    return 0;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await sending?.end();
    sampler?.close();
    metrics.close();
    await server.close();
  }
}

function tokenOf(io: Io): string {
  const given = io.env[TOKEN_VARIABLE];
  if (given === undefined) return randomBytes(18).toString("base64url");
  if (/^[\w~.-]{12,}$/.test(given)) return given;
  throw new UsageError(`${TOKEN_VARIABLE}: a token has at least 12 characters, letters, digits or . _ ~ -`);
}

type Sampler = Awaited<ReturnType<typeof openSampler>>;

async function openSampler(
  io: Io,
): ReturnType<(typeof import("../sources/windows-live/sampler.ts"))["createLiveSampler"]> {
  const { openLiveMachine } = await import("./live-machine.ts");
  return openLiveMachine(io, true);
}

/** What waits to be sent has no recording to lie beside, so it lies in the cache folder. */
async function openLiveSending(sampler: Sampler, options: ServeOptions, io: Io): Promise<Sending | undefined> {
  if (!isSending(options)) return undefined;
  const backlog = join(dirname(indexPath(io.env, io.platform)), "serve");
  const told = (line: string): void => {
    io.stderr.write(`${formatTime(io.now())} ${visible(line)}\n`);
  };
  return openSendingWhereAsked(backlog, { sendEvery: SEND_EVERY, ...options }, sampler.sample(), io, told);
}

interface Listeners {
  readonly metrics: Metrics;
  readonly sending: Sending | undefined;
}

/** Measures until stopped. A measurement that fails is told and tried again. */
async function measure(
  { dashboard, push }: DashboardInput,
  sampler: Sampler,
  { metrics, sending }: Listeners,
  everyMs: Milliseconds,
  stopped: AbortSignal,
): Promise<void> {
  const { JUDGE_EVERY } = await import("./unattended/self-judge.ts");
  dashboard.setPhase("live");
  let judged: Milliseconds | undefined;
  while (!stopped.aborted) {
    const start = performance.now();
    try {
      const snapshot = sampler.sample();
      push(snapshot);
      judged ??= snapshot.time;
      if (sending !== undefined && snapshot.time - judged >= JUDGE_EVERY) {
        judged = snapshot.time;
        const diagnosis = await dashboard.diagnosis();
        if (diagnosis !== null) sending.judged(diagnosis);
      }
      sending?.push(snapshot);
    } catch (error) {
      if (!isKnownError(error)) throw error;
      dashboard.setTrouble(error.message);
    }
    const took = performance.now() - start;
    metrics.setReadDuration(took / 1000);
    await pause(Math.max(0, everyMs - took), stopped);
  }
}

interface Opened {
  readonly first: Timeline;
  /** The same sources, from a time on. */
  readonly again: (from: Milliseconds | undefined) => Promise<Timeline>;
}

/** Opens the sources. Throws what `openSources` throws: a file that is not there is told before anything is served. */
async function openAll(
  paths: readonly string[],
  options: ServeOptions,
  onProgress: (done: number, total: number) => void,
): Promise<Opened> {
  const bounds = openOptions(options);
  const first = await openSources(paths, { ...bounds, onProgress, maxSnapshots: MAX_SNAPSHOTS });
  return {
    first: options.beside === undefined ? first : await withBeside([first], options.beside, options),
    again: (later) => openSources(paths, { ...bounds, ...(later === undefined ? {} : { from: later }) }),
  };
}

/** Reads the sources, then waits to be stopped or, with --follow, for what is added to them. */
async function readAll(
  { first, again }: Opened,
  { follow, every }: ServeOptions,
  { dashboard, take }: DashboardInput,
  stopped: AbortSignal,
): Promise<void> {
  const isFollowed = follow === true;
  try {
    const count = await take(first);
    const [problem] = first.problems;
    if (count === 0 && problem !== undefined && !isFollowed) throw problem;
    dashboard.setPhase(isFollowed ? "live" : "complete");
  } catch (error) {
    // Of a source that gave nothing there is nothing to serve.
    if (!isKnownError(error) || (dashboard.last === undefined && !isFollowed)) throw error;
    dashboard.setPhase("failed", error.message);
  }
  while (!stopped.aborted) {
    await pause(isFollowed ? every : LONG_MS, stopped);
    if (!isFollowed || stopped.aborted) continue;
    try {
      await take(await again(dashboard.last === undefined ? undefined : dashboard.last.time + 1));
    } catch (error) {
      if (!isKnownError(error)) throw error;
      dashboard.setTrouble(error.message);
    }
  }
}

async function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stopped }).catch(() => {});
}

function openBrowser(url: string): void {
  const [command = "", ...args] =
    process.platform === "win32"
      ? ["rundll32", "url.dll,FileProtocolHandler", url]
      : process.platform === "darwin"
        ? ["open", url]
        : ["xdg-open", url];
  // Whether a browser came up is seen by looking; the address is printed in any case.
  spawn(command, args, { detached: true, stdio: "ignore" })
    .on("error", () => {})
    .unref();
}

function portNumber(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) < 65_536) return Number(value);
  throw new UsageError(`--port: ${JSON.stringify(value)} is not understood; give a number from 0 to 65535`);
}
