// `poolscope record FILE`: appends snapshots of this machine to a recording at a fixed cadence, until Ctrl-C.

import type { Command } from "commander";
import { setTimeout as delay } from "node:timers/promises";
import { isNewBoot } from "../detect/series/boots.ts";
import { AccessError, UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Diagnosis } from "../model/verdict.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatBytes, formatDuration, plural } from "../model/units.ts";
import { visible } from "../reports/terminal-text.ts";
import { isKdSource } from "../sources/kd/address.ts";
import type { Judgement } from "../store/judgements.ts";
import type { RecorderEvent, RecorderResult } from "../store/recorder.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { addKdOptions, KD_EVERY_MS, mayStop, type KdOptions } from "./kd-source.ts";
import { loadKnowledge } from "./knowledge.ts";
import { duration, size } from "./options.ts";
import type { SendingOptions } from "./fleet/sending.ts";
import { addSendingOptions, openSendingWhereAsked, sendingArguments } from "./fleet/sending-options.ts";
import { openMachine, requireKdRecording, type Machine } from "./record-machine.ts";
import type { SelfJudge } from "./unattended/self-judge.ts";
import { VERSION } from "./version.ts";

interface Options extends SendingOptions, KdOptions {
  readonly every?: number;
  readonly for?: number;
  readonly keep?: number;
  readonly maxSize?: number;
  readonly json?: true;
  readonly eventLog?: true;
  readonly install?: true;
  readonly uninstall?: true;
  readonly dryRun?: true;
}

const SHORTEST_INTERVAL = 100;
const EVERY = 10_000;
const SMALLEST_FILE = 1024 * 1024;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("record")
    .description(
      "record this Windows machine into a file, across restarts and reboots; an existing file is appended to",
    )
    .argument("[file]", "the recording; made where there is none; kd:TARGET before it records a live kernel")
    .argument("[recording]", "behind kd:TARGET: the recording")
    .option("--every <duration>", "from one snapshot to the next (10s; of kd: 30s)", duration("--every"))
    .option("--for <duration>", "end by itself after this long; without it Ctrl-C ends", duration("--for"))
    .option(
      "--keep <duration>",
      "thin what is older than 2 h; beyond this age keep only ends and peaks of each boot",
      duration("--keep"),
    )
    .option("--max-size <size>", "thin old history so that the file stays below this, e.g. 200MB", size("--max-size"))
    .option("--json", "one JSON line per event on stdout")
    .option("--event-log", "write an event to the Windows event log when a leak opens")
    .option("--install", "record from every start of Windows on, as a scheduled task under SYSTEM; shows what it does")
    .option("--uninstall", "remove that task; the recording stays")
    .option("--dry-run", "with --install or --uninstall: only show it");
  addSendingOptions(addKdOptions(command))
    .addHelpText(
      "after",
      `
Thinning keeps 2 h whole, a day by the minute, a week by ten minutes, then hours; never without the first and last snapshot
of a boot, nor those with the highest value of any tag. Without --keep and --max-size everything is kept.

Examples:
  poolscope record week.pool                        every 10 s, until Ctrl-C
  poolscope record week.pool --every 1min --for 7d
  poolscope record always.pool --keep 30d --max-size 200MB
  poolscope leaks week.pool                         while it is being recorded, or later on any machine
  poolscope record --install --dry-run              what unattended recording would set up (Windows)
  poolscope record --install --textfile "C:\\Program Files\\windows_exporter\\textfile_inputs"
  poolscope record week.pool --remote-write http://victoria:8428/api/v1/write
  poolscope record --install --every 30s            into ProgramData, with thinning; see \`poolscope status\`
  poolscope record kd:tcp:127.0.0.1:4444 vm.pool --every 30s --yes-stop-the-machine`,
    )
    .action(async (first: string | undefined, second: string | undefined, options: Options) => {
      const target = first !== undefined && isKdSource(first) ? first : undefined;
      if (target === undefined && second !== undefined)
        throw new UsageError(`${JSON.stringify(second)} is too much: name one file to record into`);
      const file = target === undefined ? first : second;
      if (target !== undefined) {
        requireKdRecording(target, options);
        if (!mayStop(target, options, io)) {
          finish(2);
          return;
        }
      }
      if (options.install === true || options.uninstall === true) {
        await unattended(file, options, io);
        return;
      }
      if (options.dryRun === true) throw new UsageError("--dry-run goes with --install or --uninstall");
      if (file === undefined) throw new UsageError("record: name the file to record into");
      finish((await record(file, target, options, io)) ? 0 : 2);
    });
}

async function unattended(file: string | undefined, options: Options, io: Io): Promise<void> {
  if (options.install === true && options.uninstall === true) {
    throw new UsageError("record: either --install or --uninstall");
  }
  if (options.for !== undefined) throw new UsageError("record --install: a task that starts with Windows has no --for");
  const { runUnattended } = await import("./unattended/install.ts");
  const milliseconds = (name: string, value: number | undefined): string[] =>
    value === undefined ? [] : [name, value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`];
  await runUnattended(
    {
      action: options.install === true ? "install" : "uninstall",
      dryRun: options.dryRun === true,
      file,
      options: [
        ...milliseconds("--every", options.every ?? EVERY),
        ...milliseconds("--keep", options.keep),
        ...(options.maxSize === undefined ? [] : ["--max-size", String(options.maxSize)]),
        ...sendingArguments(options),
      ],
    },
    io,
  );
}

/** Hands every diagnosis to a watch that writes an event where a leak opens. */
async function eventLogWatch(file: string, io: Io): Promise<(diagnosis: Diagnosis) => void> {
  const { LeakWatch, leakSentence, writeEvent } = await import("./unattended/leak-watch.ts");
  const { runProgram } = await import("./unattended/carry-out.ts");
  const watch = new LeakWatch((verdict) => {
    const text = leakSentence(verdict, file);
    const problem = writeEvent(text, io.env, runProgram);
    io.stderr.write(`${formatTime(io.now())} ${visible(problem ?? text)}\n`);
  });
  return (diagnosis) => watch.judged(diagnosis);
}

/** What judges the recording while it is made, with our notes and the user's lists; drivers are those that are loaded. */
async function selfJudge(io: Io, isWatched: boolean): Promise<SelfJudge> {
  const { SelfJudge: Judge, WATCH_EVERY } = await import("./unattended/self-judge.ts");
  const { knowledge } = await loadKnowledge(undefined, io);
  const lists = { knowledge, mappedDrivers: new Map(), driversOf: () => [] };
  return isWatched ? new Judge(lists, WATCH_EVERY) : new Judge(lists);
}

/** Answers false where the end of the recording did not reach the disk. */
async function record(file: string, target: string | undefined, options: Options, io: Io): Promise<boolean> {
  const every = options.every ?? (target === undefined ? EVERY : KD_EVERY_MS);
  if (every < SHORTEST_INTERVAL) throw new UsageError(`--every: the shortest interval is ${SHORTEST_INTERVAL}ms`);
  if (options.maxSize !== undefined && options.maxSize < SMALLEST_FILE)
    throw new UsageError(`--max-size: the smallest is ${formatBytes(SMALLEST_FILE)}`);
  const told = (line: string): void => {
    if (options.json === true)
      io.stdout.write(`${JSON.stringify({ event: "sending", problem: line, time: formatIso(io.now()) })}\n`);
    else io.stderr.write(`${io.stderr.isTTY ? "\r\u001B[K" : ""}${formatTime(io.now())} ${visible(line)}\n`);
  };
  const machine = await openMachine(target, options, io, told);
  try {
    return await recordFrom(machine, { file, every, told }, options, io);
  } finally {
    // However it ended: a target must run.
    await machine.close();
  }
}

interface Into {
  readonly file: string;
  readonly every: number;
  readonly told: (line: string) => void;
}

async function recordFrom(sampler: Machine, { file, every, told }: Into, options: Options, io: Io): Promise<boolean> {
  const { RecordingWriter } = await import("../store/writer.ts");
  const { runRecorder } = await import("../store/recorder.ts");
  // Where nothing can be measured no file is made.
  let probe: Snapshot | undefined = await sampler.sample();
  const sending = await openSendingWhereAsked(file, options, probe, io, told);
  const writer = RecordingWriter.open(file, {
    isNewBoot,
    now: io.now(),
    durable: true,
    every,
    program: `poolscope ${VERSION}`,
  });
  const watch = options.eventLog === true ? await eventLogWatch(file, io) : undefined;
  const judge = await selfJudge(io, watch !== undefined);
  const stop = new AbortController();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;
  const onSignal = (): void => stop.abort();
  for (const signal of signals) process.once(signal, onSignal);
  const show =
    options.json === true ? jsonLines(io) : io.stderr.isTTY ? statusLine(io, file, every) : logLines(io, file);
  /** A judgement that the disk does not take is not worth the recording. */
  const keep = (judgement: Judgement | undefined): void => {
    if (judgement === undefined || writer.last === undefined) return;
    try {
      writer.addJudgement(judgement);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
    }
  };
  const end = (outcome: string): void => {
    for (const signal of signals) process.off(signal, onSignal);
    if (outcome !== "failed") keep(judge.judge());
    const ended = { event: "ended", outcome, snapshots: writer.count, bytes: writer.bytes() } as const;
    writer.close(io.now(), outcome);
    if (outcome !== "failed") show(ended);
  };
  let result: RecorderResult;
  try {
    result = await runRecorder({
      writer,
      sample: async () => {
        // The first one carries what is not measured again for a while.
        const snapshot = sameMachine(probe ?? (await sampler.sample()), writer.last, file);
        probe = undefined;
        const judgement = judge.push(snapshot);
        keep(judgement);
        if (judgement !== undefined && judge.diagnosis !== undefined) {
          watch?.(judge.diagnosis);
          sending?.judged(judge.diagnosis);
        }
        sending?.push(snapshot);
        return snapshot;
      },
      every,
      duration: options.for,
      thin: { keep: options.keep, maxBytes: options.maxSize },
      signal: stop.signal,
      monotonic: () => performance.now(),
      sleep: async (ms, signal) => {
        await delay(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
      },
      report: show,
    });
  } catch (error) {
    try {
      end("failed");
    } catch {
      // Where the file cannot even take this note, the error that led here says more.
    }
    throw error;
  }
  await sending?.end();
  end(result.failing !== undefined ? "failed" : stop.signal.aborted ? "interrupted" : "ended");
  return result.failing === undefined;
}

/** A recording is the history of one machine. */
function sameMachine(snapshot: Snapshot, last: Snapshot | undefined, file: string): Snapshot {
  const was = last?.origin.host;
  const is = snapshot.origin.host;
  if (was !== undefined && is !== undefined && was.toLowerCase() !== is.toLowerCase())
    throw new UsageError(
      `${file} is the history of ${visible(was)}, this is ${visible(is)}; record into a file of its own`,
    );
  return snapshot;
}

type Show = (event: RecorderEvent) => void;

function jsonLines(io: Io): Show {
  return (event) => {
    const time = event.event === "written" ? event.time : io.now();
    io.stdout.write(`${JSON.stringify({ ...event, time: formatIso(time) })}\n`);
  };
}

/** What is worth a line of its own; empty for an ordinary snapshot. */
function sentence(event: RecorderEvent, file: string): string {
  switch (event.event) {
    case "started":
      return [
        event.crashed,
        event.appending
          ? `appending to ${file}, which holds ${plural(event.snapshots, "snapshot")}`
          : `recording into ${file}`,
      ]
        .filter((part) => part !== undefined)
        .join("\n");
    case "written":
      return "";
    case "late":
      return `the machine was too busy: ${plural(event.missed, "snapshot")} left out`;
    case "clock":
      return event.problem;
    case "not-sampled":
      return `no snapshot: ${event.problem}${event.isLast === true ? "" : "; trying again"}`;
    case "not-written":
      return `not written: ${event.problem}; trying again`;
    case "working-again":
      return `working again; ${plural(event.lost, "snapshot")} lost`;
    case "thinned":
      return `thinned old history: ${plural(event.dropped, "snapshot")} dropped, ${formatBytes(event.bytes)} now`;
    case "too-large":
      return `the recording takes ${formatBytes(event.bytes)}, more than --max-size: what it holds are ends and peaks of boots, which stay`;
    default:
      return `${event.outcome}: ${file} holds ${plural(event.snapshots, "snapshot")} in ${formatBytes(event.bytes)}`;
  }
}

const HEARTBEAT = 3_600_000;

/** Lines for a log: what happens, and a sign of life an hour. */
function logLines(io: Io, file: string): Show {
  let lastLine = io.now();
  return (event) => {
    const now = io.now();
    const alive = event.event === "written" && now - lastLine >= HEARTBEAT;
    const text = alive ? `${plural(event.snapshots, "snapshot")}, ${formatBytes(event.bytes)}` : sentence(event, file);
    if (text === "") return;
    lastLine = now;
    for (const line of text.split("\n")) io.stderr.write(`${formatTime(now)} ${visible(line)}\n`);
  };
}

/** One line that is drawn over and over, with lines above it for what happens. */
function statusLine(io: Io, file: string, every: number): Show {
  const started = io.now();
  const erase = "\r\u001B[K";
  let status = "";
  return (event) => {
    const text = sentence(event, file);
    if (text !== "") {
      for (const line of text.split("\n"))
        io.stderr.write(`${erase}${formatTime(io.now()).slice(11)} ${visible(line)}\n`);
    }
    if (event.event === "written")
      status =
        `${plural(event.snapshots, "snapshot")}, ${formatBytes(event.bytes)}; last ${formatTime(event.time).slice(11)}, ` +
        `every ${formatDuration(every)}; running ${formatDuration(io.now() - started)}; Ctrl-C ends`;
    if (event.event !== "ended") io.stderr.write(`${erase}${status.slice(0, Math.max(20, io.stderr.columns - 1))}`);
  };
}
