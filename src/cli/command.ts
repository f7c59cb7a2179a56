// The form of a command. The registry of all of them is commands.ts.

import type { Command } from "commander";
import type { Io } from "./io.ts";

/** The exit code of a bug, as sysexits.h has it (EX_SOFTWARE): a crash must never look like a leak that was found. */
export const INTERNAL_ERROR = 70;

/** What a command answers: the exit code (0 done, 1 leak found, 2 could not do it; 70 is ours alone). */
export type ExitCode = 0 | 1 | 2 | typeof INTERNAL_ERROR;

/** Hands the exit code of an action to the entry. */
export type Finish = (code: ExitCode) => void;

export interface CommandModule {
  /** Adds the command, its options and examples to the program. The action calls `finish` where the code is not 0. */
  addCommand(program: Command, io: Io, finish: Finish): void;
}
