// `poolscope trace --tag TAG`: records a pool trace with the tools that Windows has, or prints what to type elsewhere.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { AccessError, UsageError } from "../model/errors.ts";
import { formatDuration } from "../model/units.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { collect, durationOption } from "./options.ts";
import {
  capturePlan,
  commandLine,
  MOST_TAGS,
  renderProfile,
  tagProblem,
  type CaptureCommand,
  type CaptureTool,
} from "./trace/capture-plan.ts";
import { capture, type CaptureHost } from "./trace/capture.ts";

interface Options {
  readonly tag?: readonly string[];
  readonly for: number;
  readonly output: string;
  readonly profileOnly?: true;
  readonly json?: true;
}

const PROFILE_FILE = "poolscope.wprp";

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("trace")
    .description("record a pool trace of up to four tags with their call stacks (Windows, as administrator)")
    .option("--tag <tag>", `tag to record; * as the last character; up to ${MOST_TAGS} times`, collect)
    .addOption(durationOption("--for <duration>", "how long", 60_000))
    .option("-o, --output <file>", "the trace to write", "pool.etl")
    .option(
      "--profile-only",
      "print the profile and the commands instead, for a machine where only built-in tools may run",
    )
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Examples:
  poolscope trace --tag Toke --for 60s -o pool.etl
  poolscope trace --tag Toke --tag 'Nt*' --for 10min
  poolscope trace --tag Toke --profile-only      what to type with wpr or xperf
  poolscope stacks pool.etl                      afterwards, on any machine`,
    )
    .action(async (options: Options) => {
      const tags = checkedTags(options.tag ?? []);
      if (options.profileOnly === true) {
        io.stdout.write(profileOnly(tags, options));
        return;
      }
      if (io.platform !== "win32") {
        throw new UsageError(
          "this is not Windows, so there is no pool to trace; --profile-only prints what to type there",
        );
      }
      finish(await record(tags, options, io));
    });
}

function checkedTags(tags: readonly string[]): readonly string[] {
  if (tags.length === 0) {
    throw new UsageError(
      "--tag is needed: without a filter a busy machine writes gigabytes a minute and loses most of it",
    );
  }
  if (tags.length > MOST_TAGS)
    throw new UsageError(`--tag: Windows filters by at most ${MOST_TAGS} tags, not ${tags.length}`);
  for (const tag of tags) {
    const problem = tagProblem(tag);
    if (problem !== undefined) throw new UsageError(`--tag: ${problem}`);
  }
  return tags;
}

function profileOnly(tags: readonly string[], options: Options): string {
  const profile = renderProfile(tags);
  const wpr = capturePlan("wpr", tags, PROFILE_FILE, options.output);
  const xperf = capturePlan("xperf", tags, "", options.output);
  if (options.json === true) {
    const lines = (plan: typeof wpr): Record<string, string> => ({
      start: commandLine(plan.start),
      stop: commandLine(plan.stop),
      cancel: commandLine(plan.cancel),
    });
    return `${JSON.stringify({ profile, commands: { wpr: lines(wpr), xperf: lines(xperf) } }, null, 1)}\n`;
  }
  return `${profile}
Save the above as ${PROFILE_FILE}. Windows 10 and later, in a prompt opened as administrator:

  ${commandLine(wpr.start)}
  (wait ${formatDuration(options.for)} while it grows)
  ${commandLine(wpr.stop)}

  ${commandLine(wpr.cancel)}      ends it without a trace

Windows 7 and 8, with the Windows Performance Toolkit, without the profile:

  ${commandLine(xperf.start)}
  ${commandLine(xperf.stop)}
`;
}

async function record(tags: readonly string[], options: Options, io: Io): Promise<0 | 2> {
  const tool = findTool(io);
  const output = resolve(options.output);
  const folder = mkdtempSync(join(tmpdir(), "poolscope-trace-"));
  const profile = join(folder, PROFILE_FILE);
  let cancelled = false;
  let wake = (): void => {};
  const cancel = (): void => {
    cancelled = true;
    wake();
  };
  process.on("SIGINT", cancel);
  const host: CaptureHost = {
    run,
    freeBytes: () => freeBytes(dirname(output)),
    wait: async (milliseconds) => {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, cancelled ? 0 : milliseconds);
        wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    },
    isCancelled: () => cancelled,
    say: (text) => io.stderr.write(`poolscope: ${text}\n`),
  };
  try {
    writeFileSync(profile, renderProfile(tags));
    io.stderr.write(`poolscope: recording ${tags.join(", ")} for ${formatDuration(options.for)}; Ctrl-C cancels\n`);
    const result = await capture(capturePlan(tool, tags, profile, output), options.for, host);
    if (options.json === true) io.stdout.write(`${JSON.stringify({ file: output, tags, tool, ...result })}\n`);
    else if (result.ended === "cancelled") io.stderr.write("poolscope: cancelled; no session and no trace is left\n");
    else {
      const early = result.ended === "disk" ? " (ended early: the disk is nearly full)" : "";
      io.stdout.write(`${output}${early}\nNext: poolscope stacks ${options.output}\n`);
    }
    return result.ended === "time" ? 0 : 2;
  } finally {
    process.off("SIGINT", cancel);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** wpr comes with Windows 10 up; xperf with the Windows Performance Toolkit. */
function findTool(io: Io): CaptureTool {
  const folders = [
    join(io.env["SystemRoot"] ?? "C:\\Windows", "System32"),
    ...(io.env["PATH"] ?? io.env["Path"] ?? "").split(delimiter),
  ];
  for (const tool of ["wpr", "xperf"] as const) {
    if (folders.some((folder) => folder !== "" && existsSync(join(folder, `${tool}.exe`)))) return tool;
  }
  throw new AccessError(
    "neither wpr nor xperf is on this machine",
    "install the Windows Performance Toolkit (a part of the Windows ADK), or record on Windows 10 or later",
  );
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    throw new AccessError(`${folder}: no such folder to write the trace to`, "name an existing one with -o", error);
  }
}

async function run({ program, parameters }: CaptureCommand): Promise<{ code: number; output: string }> {
  return await new Promise((done) => {
    const child = spawn(program, parameters, { windowsHide: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk: Buffer): void => {
      if (output.length < 64 * 1024) output += chunk.toString("latin1");
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => done({ code: -1, output: error.message }));
    child.on("close", (code) => done({ code: code ?? -1, output }));
  });
}
