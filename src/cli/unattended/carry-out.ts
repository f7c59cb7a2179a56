// Shows the steps of a plan and carries them out on Windows.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AccessError } from "../../model/errors.ts";
import { visible } from "../../reports/terminal-text.ts";
import type { FileSecurity } from "../../sources/windows-live/file-security.ts";
import type { Io } from "../io.ts";
import { judgeOwnership } from "./ownership.ts";
import { describeStep, systemProgram, type Step } from "./plan.ts";

/** Result of a program that was run to its end. */
export interface ProgramResult {
  /** Undefined where it could not be started. */
  readonly code: number | undefined;
  readonly output: string;
}

export type RunProgram = (command: string, args: readonly string[]) => ProgramResult;

export const runProgram: RunProgram = (command, args) => {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", windowsHide: true });
  if (error !== undefined) return { code: undefined, output: error.message };
  return { code: status ?? undefined, output: `${stdout}${stderr}`.trim() };
};

const ELEVATE = "start the prompt with `Run as administrator` and try again";

/** High integrity, or SYSTEM. */
const ELEVATED = /S-1-16-(?:12288|16384)\b/;
const NOT_ELEVATED = /S-1-16-(?:4096|8192|8448)\b/;

/** Throws AccessError where this prompt is surely not elevated; where that cannot be told the steps themselves will. */
export function requireElevation(io: Io, run: RunProgram = runProgram): void {
  const { code, output } = run(systemProgram(io.env, "whoami.exe"), ["/groups"]);
  if (code === 0 && NOT_ELEVATED.test(output) && !ELEVATED.test(output)) {
    throw new AccessError("this needs the rights of an administrator", ELEVATE);
  }
}

/** Lists the steps, on stdout where that is all that happens. */
export function showSteps(steps: readonly Step[], write: (text: string) => void): void {
  for (const step of steps) write(`  ${visible(describeStep(step))}\n`);
  for (const step of steps) if (step.kind === "write") write(`\n${step.text}`);
}

/** What carrying out touches of Windows. */
export interface Hands {
  readonly run: RunProgram;
  /** Absent where Windows' calls could not be loaded: then nothing that needs them is done. */
  readonly security: FileSecurity | undefined;
}

/** Carries the steps out in order; stops at the first that fails, with what it said. */
export function carryOut(steps: readonly Step[], hands: Hands): void {
  for (const step of steps) {
    try {
      carryOutOne(step, hands);
    } catch (error) {
      if (error instanceof AccessError) throw error;
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      const denied = code === "EPERM" || code === "EACCES";
      const reason = denied ? "permission denied" : error instanceof Error ? error.message : "unknown";
      throw new AccessError(`${describeStep(step)}: ${reason}`, denied ? ELEVATE : "mend that and try again", error);
    }
  }
}

function carryOutOne(step: Step, { run, security }: Hands): void {
  if (step.kind === "folder") makeFolder(step, security);
  else if (step.kind === "check") checkOwnership(step.path, security);
  else if (step.kind === "copy") copyFileSync(step.from, step.to);
  else if (step.kind === "write") writeFileSync(step.path, `\uFEFF${step.text.replaceAll("\n", "\r\n")}`, "utf16le");
  else if (step.kind === "delete") rmSync(step.path, { force: true });
  else {
    const { code, output } = run(step.command, step.args);
    if (code === 0 || step.mayFail === true) return;
    const how = code === undefined ? "could not be started" : `ended with ${code}`;
    throw new AccessError(`${describeStep(step)}: ${how}: ${output.replace(/\s+/g, " ")}`, ELEVATE);
  }
}

function makeFolder({ path, sddl }: Extract<Step, { kind: "folder" }>, security: FileSecurity | undefined): void {
  if (sddl === undefined) mkdirSync(path, { recursive: true });
  // Whoever makes it between the look and the making is found by the check that follows.
  else if (!existsSync(path) && usable(security).createFolder(path, sddl) !== true)
    throw new AccessError(`${path} could not be made with its access list`, ELEVATE);
  refuseLink(path);
}

function usable(security: FileSecurity | undefined): FileSecurity {
  if (security !== undefined) return security;
  throw new AccessError(
    "Windows' own calls for owners and access lists cannot be loaded",
    "use the one-file program, or install poolscope with its koffi addon",
  );
}

function refuseLink(path: string): void {
  if (lstatSync(path).isSymbolicLink())
    throw new AccessError(`${path} is a link to another place`, "remove it: SYSTEM must not follow it");
}

/** Throws AccessError where a file or folder, or what is in the folder, can be changed by others than administrators. */
function checkOwnership(path: string, security: FileSecurity | undefined): void {
  const names = lstatSync(path).isDirectory() ? readdirSync(path) : [];
  for (const each of [path, ...names.map((name) => join(path, name))]) {
    refuseLink(each);
    const { problem } = judgeOwnership(usable(security).read(each));
    if (problem !== undefined)
      throw new AccessError(
        `${each}: ${problem}, and SYSTEM is to rely on it`,
        "see what it is, rename or remove it as an administrator, and try again",
      );
  }
}
