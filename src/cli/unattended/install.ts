// `record --install`, `--uninstall`, `--dry-run`: shows what is to be done, then does it.

import { hostname } from "node:os";
import { isSea } from "node:sea";
import { AccessError, UsageError } from "../../model/errors.ts";
import type { Io } from "../io.ts";
import { openFileSecurity } from "../../sources/windows-live/file-security.ts";
import { carryOut, requireElevation, showSteps, type RunProgram, runProgram } from "./carry-out.ts";
import { installSteps, uninstallSteps, unsafeProgram, type RunningProgram, type Step } from "./plan.ts";

export interface UnattendedRequest {
  readonly action: "install" | "uninstall";
  readonly dryRun: boolean;
  readonly file: string | undefined;
  /** Further arguments of `record`, as they are to stand in the task. */
  readonly options: readonly string[];
}

/** Thinning of a recorder that nobody watches, where nothing else was asked for. */
const DEFAULT_OPTIONS = ["--keep", "30d", "--max-size", "500MB"];

export async function runUnattended(request: UnattendedRequest, io: Io, run: RunProgram = runProgram): Promise<void> {
  const { action, dryRun } = request;
  const program = runningProgram();
  const steps = stepsOf(request, program, io);
  const unsafe = action === "install" ? unsafeProgram(io.env, program) : undefined;
  if (dryRun) {
    if (unsafe !== undefined) io.stderr.write(`This would be refused: ${unsafe}\n`);
    io.stdout.write(`poolscope record --${action} would do this, with the rights of an administrator:\n`);
    showSteps(steps, (text) => io.stdout.write(text));
    return;
  }
  if (io.platform !== "win32") {
    throw new AccessError(
      `scheduled tasks exist on Windows only, this is ${io.platform}`,
      "see what would be done with --dry-run",
    );
  }
  if (unsafe !== undefined) throw new UsageError(unsafe);
  requireElevation(io, run);
  io.stderr.write(`${action === "install" ? "Installing" : "Removing"}:\n`);
  showSteps(
    steps.map((step) => (step.kind === "write" ? { ...step, text: "" } : step)),
    (text) => io.stderr.write(text),
  );
  const security = await openFileSecurity();
  try {
    carryOut(steps, { run, security });
  } finally {
    security?.close();
  }
  io.stderr.write(
    action === "install"
      ? "Recording now and after every start of Windows; see `poolscope status`.\n"
      : "Removed. The recording and the program itself are still there.\n",
  );
}

function stepsOf({ action, file, options }: UnattendedRequest, program: RunningProgram, io: Io): Step[] {
  if (action === "uninstall") {
    if (file !== undefined) throw new UsageError("record --uninstall takes no file: the recording stays where it is");
    return uninstallSteps(io.env);
  }
  const keeps = options.includes("--keep") || options.includes("--max-size");
  const wishes = { file, host: hostname(), options: [...options, ...(keeps ? [] : DEFAULT_OPTIONS), "--event-log"] };
  return installSteps(io.env, program, wishes);
}

function runningProgram(): RunningProgram {
  const script = process.argv[1];
  return isSea() || script === undefined ? { executable: process.execPath } : { executable: process.execPath, script };
}
