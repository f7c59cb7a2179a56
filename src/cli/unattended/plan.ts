// What installing and removing the unattended recorder does, as steps that can be shown before they are done. Pure.

import { win32 } from "node:path";
import { UsageError } from "../../model/errors.ts";
import { quoteArguments, renderTaskXml, type TaskProgram } from "./task-xml.ts";

export const TASK_NAME = "poolscope record";

export type Step =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "copy"; readonly from: string; readonly to: string }
  /** UTF-16 with a byte order mark, as schtasks wants it. */
  | { readonly kind: "write"; readonly path: string; readonly text: string }
  | { readonly kind: "run"; readonly command: string; readonly args: readonly string[]; readonly mayFail?: true }
  | { readonly kind: "delete"; readonly path: string };

export type Variables = Readonly<Record<string, string | undefined>>;

/** The program as it runs now. */
export interface RunningProgram {
  /** The one-file program, or Node. */
  readonly executable: string;
  /** The script that Node runs; absent for the one-file program. */
  readonly script?: string;
}

export interface InstallWishes {
  /** The recording; a path that does not start at a drive is taken from the data folder. */
  readonly file: string | undefined;
  readonly host: string;
  /** Further arguments of `record`. */
  readonly options: readonly string[];
}

/** Folder of the recording and of what belongs to it. */
export function dataFolder(env: Variables): string {
  return win32.join(env["ProgramData"] ?? "C:\\ProgramData", "poolscope");
}

/** Where the recording is unless told otherwise. */
export function defaultRecording(env: Variables, host: string): string {
  return win32.join(dataFolder(env), `${host.replace(/[^A-Za-z0-9_-]/g, "_")}.pool`);
}

export function systemProgram(env: Variables, name: string): string {
  return win32.join(env["SystemRoot"] ?? "C:\\Windows", "System32", name);
}

/**
 * Steps that install. The one-file program is copied to Program Files first: a task of SYSTEM must not start a file that
 * anybody may replace. Everybody may read the data folder, only SYSTEM and administrators may write it.
 */
export function installSteps(env: Variables, program: RunningProgram, wishes: InstallWishes): Step[] {
  const data = dataFolder(env);
  const file = wishes.file === undefined ? defaultRecording(env, wishes.host) : win32.resolve(data, wishes.file);
  // SYSTEM would write there with all its rights, through whatever link another user put in the way.
  if (!isInside(data, file))
    throw new UsageError(`record --install: ${file} lies outside ${data}; name a file in that folder, or none`);
  const record = ["record", file, ...wishes.options];
  const home = win32.join(env["ProgramFiles"] ?? "C:\\Program Files", "poolscope");
  const installed = win32.join(home, "poolscope.exe");
  const task: TaskProgram =
    program.script === undefined
      ? { command: installed, arguments: quoteArguments(record) }
      : { command: program.executable, arguments: quoteArguments([program.script, ...record]) };
  const schtasks = systemProgram(env, "schtasks.exe");
  const icacls = systemProgram(env, "icacls.exe");
  const isThere = program.executable.toLowerCase() === installed.toLowerCase();
  const copy: Step[] =
    program.script !== undefined || isThere
      ? []
      : [
          // An earlier recorder would hold its file.
          { kind: "run", command: schtasks, args: ["/end", "/tn", TASK_NAME], mayFail: true },
          { kind: "copy", from: program.executable, to: installed },
        ];
  const xml = win32.join(home, "task.xml");
  return [
    { kind: "folder", path: home },
    ...copy,
    { kind: "folder", path: data },
    // The folder may have been made by another user: it and what is in it become the administrators', without its old entries.
    { kind: "run", command: icacls, args: [data, "/setowner", "*S-1-5-32-544", "/t", "/c", "/l"] },
    { kind: "run", command: icacls, args: [data, "/reset", "/t", "/c", "/l"] },
    {
      kind: "run",
      command: icacls,
      args: [
        data,
        "/inheritance:r",
        "/grant:r",
        "*S-1-5-18:(OI)(CI)F",
        "*S-1-5-32-544:(OI)(CI)F",
        "*S-1-5-32-545:(OI)(CI)RX",
      ],
    },
    { kind: "write", path: xml, text: renderTaskXml(task) },
    { kind: "run", command: schtasks, args: ["/create", "/tn", TASK_NAME, "/xml", xml, "/f"] },
    { kind: "delete", path: xml },
    { kind: "run", command: schtasks, args: ["/run", "/tn", TASK_NAME] },
  ];
}

/** Why this program must not be started by SYSTEM, with what to do; undefined where only administrators can replace it. */
export function unsafeProgram(env: Variables, { executable, script }: RunningProgram): string | undefined {
  const programs = env["ProgramFiles"] ?? "C:\\Program Files";
  // The one-file program is copied there by the plan itself.
  if (script === undefined || [executable, script].every((path) => isInside(programs, path))) return undefined;
  return (
    `record --install: a task of SYSTEM must not start what others may replace: Node (${executable}) and ${script} must ` +
    `both lie in ${programs}; copy them there, e.g. \`robocopy /e FOLDER "${win32.join(programs, "poolscope")}"\`, or use poolscope.exe`
  );
}

/** Whether a path lies below a folder, in Windows' way of comparing names. */
function isInside(folder: string, path: string): boolean {
  const from = win32.relative(folder.toLowerCase(), win32.normalize(path).toLowerCase());
  return from !== "" && !from.startsWith("..") && !win32.isAbsolute(from);
}

/** Steps that remove. The recording and the copy of the program stay: both may still be wanted. */
export function uninstallSteps(env: Variables): Step[] {
  const schtasks = systemProgram(env, "schtasks.exe");
  return [
    { kind: "run", command: schtasks, args: ["/end", "/tn", TASK_NAME], mayFail: true },
    { kind: "run", command: schtasks, args: ["/delete", "/tn", TASK_NAME, "/f"] },
  ];
}

/** A step as a line that an administrator could type. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case "folder":
      return `mkdir ${quoteArguments([step.path])}`;
    case "copy":
      return `copy ${quoteArguments([step.from, step.to])}`;
    case "write":
      return `write ${quoteArguments([step.path])} (the task, below)`;
    case "delete":
      return `del ${quoteArguments([step.path])}`;
    default:
      return quoteArguments([step.command, ...step.args]);
  }
}
