// `poolscope status`: whether the unattended recorder is installed and running, since when, and who may change what it relies on.

import { hostname } from "node:os";
import type { Command } from "commander";
import { AccessError, UsageError } from "../model/errors.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatDuration, plural } from "../model/units.ts";
import { visible } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import type { Access } from "./unattended/access.ts";
import type { RecorderState } from "./unattended/recorder-state.ts";

interface Task {
  readonly installed: boolean;
  readonly file: string | undefined;
  /** Who may change what the task relies on; undefined where it is not installed or cannot be looked at. */
  readonly access: readonly Access[] | undefined;
  readonly accessLines: readonly string[];
}

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  program
    .command("status")
    .description("whether the unattended recorder is installed and running, since when, and who may change its files")
    .argument("[file]", "a recording; without one, that of the scheduled task (Windows)")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Examples:
  poolscope status                 the scheduled task of \`poolscope record --install\`
  poolscope status week.pool       any recording, on any system`,
    )
    .action(async (named: string | undefined, options: { readonly json?: true }) => {
      const task = named === undefined ? await findTask(io) : undefined;
      const file = named ?? task?.file;
      const state = file === undefined ? undefined : await stateOf(file, named !== undefined, io);
      if (options.json === true) io.stdout.write(`${JSON.stringify(toJson(task, file, state))}\n`);
      else io.stdout.write(describe(task, file, state, io.now()));
    });
}

async function findTask(io: Io): Promise<Task> {
  if (io.platform !== "win32") {
    throw new UsageError(`status: scheduled tasks exist on Windows only, this is ${io.platform}; name a recording`);
  }
  const [
    { runProgram },
    { defaultRecording, systemProgram, TASK_NAME },
    { argumentsInTaskXml },
    { describeAccess, readAccess, reliedOn },
    { openFileSecurity },
  ] = await Promise.all([
    import("./unattended/carry-out.ts"),
    import("./unattended/plan.ts"),
    import("./unattended/task-xml.ts"),
    import("./unattended/access.ts"),
    import("../sources/windows-live/file-security.ts"),
  ]);
  const { code, output } = runProgram(systemProgram(io.env, "schtasks.exe"), ["/query", "/tn", TASK_NAME, "/xml"]);
  const named = /record (?:"([^"]+)"|(\S+))/.exec(argumentsInTaskXml(output) ?? "");
  const file = named?.[1] ?? named?.[2] ?? defaultRecording(io.env, hostname());
  if (code !== 0) return { installed: false, file, access: undefined, accessLines: [] };
  const security = await openFileSecurity();
  const access = security === undefined ? undefined : readAccess(reliedOn(io.env, output, file), security);
  security?.close();
  return { installed: true, file, access, accessLines: describeAccess(access) };
}

/** The state of a recording; a missing one is an error only where it was named. */
async function stateOf(file: string, named: boolean, io: Io): Promise<RecorderState | undefined> {
  const { readRecorderState } = await import("./unattended/recorder-state.ts");
  try {
    return readRecorderState(file, io.now());
  } catch (error) {
    if (named || !(error instanceof AccessError)) throw error;
    return undefined;
  }
}

function describe(
  task: Task | undefined,
  file: string | undefined,
  state: RecorderState | undefined,
  now: number,
): string {
  const lines: string[] = [];
  if (task !== undefined) {
    lines.push(
      task.installed
        ? "Task       installed: records from every start of Windows, as SYSTEM"
        : "Task       not installed (or not to be seen without the rights of an administrator); see `poolscope record --help`",
    );
  }
  if (file !== undefined) lines.push(`Recording  ${visible(file)}${state === undefined ? ": not there yet" : ""}`);
  if (state !== undefined) {
    const span =
      state.from === undefined || state.to === undefined
        ? ""
        : `, ${formatTime(state.from)} to ${formatTime(state.to)}`;
    lines.push(
      `           ${plural(state.snapshots, "snapshot")}${span}`,
      `Recorder   ${describeRecorder(state, now)}`,
    );
  }
  lines.push(...(task?.accessLines ?? []).map(visible));
  return `${lines.join("\n")}\n`;
}

function describeRecorder(state: RecorderState, now: number): string {
  const { ended, every, outcome, pid, running, started, to } = state;
  if (started === undefined) return "never ran";
  if (running) {
    const cadence = every === undefined ? "" : `, every ${formatDuration(every)}`;
    const last = to === undefined ? "" : `; last snapshot ${formatDuration(now - to)} ago`;
    return `running since ${formatTime(started)} (process ${pid ?? "unknown"})${cadence}${last}`;
  }
  if (ended !== undefined) return `not running; ended ${formatTime(ended)} (${visible(outcome ?? "unknown")})`;
  return `not running; started ${formatTime(started)} and was stopped from outside after ${formatTime(to ?? started)}`;
}

function toJson(task: Task | undefined, file: string | undefined, state: RecorderState | undefined): unknown {
  const time = (value: number | undefined): string | null => (value === undefined ? null : formatIso(value));
  return {
    ...(task === undefined ? {} : { installed: task.installed, access: task.access ?? null }),
    file: file ?? null,
    running: state?.running ?? false,
    snapshots: state?.snapshots ?? 0,
    from: time(state?.from),
    to: time(state?.to),
    started: time(state?.started),
    ended: time(state?.ended),
    outcome: state?.outcome ?? null,
    pid: state?.pid ?? null,
    everyMs: state?.every ?? null,
  };
}
