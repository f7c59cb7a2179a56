// The form of a command and the registry of all of them. A new command is one file and one line here.

import type { Command } from "commander";
import type { Io } from "./io.ts";

/** What a command answers: the exit code (0 done, 1 leak found, 2 could not do it). */
export type ExitCode = 0 | 1 | 2;

/** Hands the exit code of an action to the entry. */
export type Finish = (code: ExitCode) => void;

export interface CommandModule {
  /** Adds the command, its options and examples to the program. The action calls `finish` where the code is not 0. */
  addCommand(program: Command, io: Io, finish: Finish): void;
}

/** Loaded only when asked for, so that a look-up does not pay for the dashboard. In the order of `--help`. */
export const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  snapshot: () => import("./snapshot.ts"),
  record: () => import("./record.ts"),
  info: () => import("./info.ts"),
  import: () => import("./import.ts"),
  export: () => import("./export.ts"),
  leaks: () => import("./leaks.ts"),
  check: () => import("./check.ts"),
  diff: () => import("./diff.ts"),
  tag: () => import("./tag.ts"),
  live: () => import("./live.ts"),
  serve: () => import("./serve.ts"),
  report: () => import("./report.ts"),
  drivers: () => import("./drivers.ts"),
  dump: () => import("./dump.ts"),
  demo: () => import("./demo.ts"),
  status: () => import("./status.ts"),
  poolmon: () => import("./poolmon.ts"),
  collector: () => import("./collector.ts"),
  completion: () => import("./completion.ts"),
};
