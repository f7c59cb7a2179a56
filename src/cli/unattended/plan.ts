// What installing and removing the unattended recorder does, as steps that can be shown before they are done. Pure.

import { win32 } from "node:path";
import { UsageError } from "../../model/errors.ts";
import { DATA_FOLDER_SDDL } from "./ownership.ts";
import { quoteArguments, renderTaskXml, type TaskProgram } from "./task-xml.ts";

export const TASK_NAME = "poolscope record";

export type Step =
  /** `sddl`: where it has to be made, it has this owner and access list from its first instant. */
  | { readonly kind: "folder"; readonly path: string; readonly sddl?: string }
  /** Refuses what is a link, or what others than administrators can change; of a folder also what is in it. */
  | { readonly kind: "check"; readonly path: string }
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
 * anybody may replace. Everybody may read the data folder, only SYSTEM and administrators may write it. A data folder that
 * somebody else made first is refused, not taken over: what they have put into it, or hold open, stays theirs.
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
  const isThere = program.executable.toLowerCase() === installed.toLowerCase();
  const copy: Step[] =
    program.script !== undefined || isThere
      ? []
      : [
          // An earlier recorder would hold its file.
          { kind: "run", command: schtasks, args: ["/end", "/tn", TASK_NAME], mayFail: true },
          { kind: "copy", from: program.executable, to: installed },
        ];
  const run: readonly string[] = program.script === undefined ? [installed] : [program.executable, program.script];
  const xml = win32.join(home, "task.xml");
  return [
    { kind: "folder", path: home },
    { kind: "check", path: home },
    ...copy,
    ...run.flatMap((path): Step[] => [
      ...(win32.dirname(path).toLowerCase() === home.toLowerCase()
        ? []
        : [{ kind: "check", path: win32.dirname(path) } as const]),
      { kind: "check", path },
    ]),
    { kind: "folder", path: data, sddl: DATA_FOLDER_SDDL },
    { kind: "check", path: data },
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
    case "folder": {
      const made = `mkdir ${quoteArguments([step.path])}`;
      return step.sddl === undefined ? made : `${made} (in one step with the access list ${step.sddl})`;
    }
    case "check":
      return `check that only administrators can change ${quoteArguments([step.path])}`;
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
