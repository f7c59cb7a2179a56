// Who may change what the unattended recorder relies on: its task, its program, its folder and its recording, for `status`.

import { existsSync, lstatSync } from "node:fs";
import { win32 } from "node:path";
import type { FileSecurity } from "../../sources/windows-live/file-security.ts";
import { judgeOwnership } from "./ownership.ts";
import { dataFolder, systemProgram, TASK_NAME, type Variables } from "./plan.ts";
import { argumentsInTaskXml, commandInTaskXml } from "./task-xml.ts";

/** One file or folder that SYSTEM relies on. */
export interface Access {
  readonly path: string;
  /** The SID of its owner; null where it cannot be read. */
  readonly owner: string | null;
  /** Why others than administrators can change it; null where they cannot. */
  readonly problem: string | null;
}

/** What a task relies on, by its XML: program or Node and script, their folders, the data folder, the recording and its log. */
export function reliedOn(env: Variables, xml: string, recording: string): string[] {
  const command = commandInTaskXml(xml);
  const first = /^(?:"([^"]+)"|(\S+))/.exec(argumentsInTaskXml(xml) ?? "");
  const script = first?.[1] ?? first?.[2];
  const programs = [command, script === "record" ? undefined : script].filter((path) => path !== undefined);
  return [
    ...new Set([
      systemProgram(env, win32.join("Tasks", TASK_NAME)),
      ...programs.flatMap((path) => [path, win32.dirname(path)]),
      dataFolder(env),
      recording,
      `${recording}-wal`,
    ]),
  ];
}

/** Looks at those that are there. */
export function readAccess(paths: readonly string[], security: FileSecurity): Access[] {
  return paths
    .filter((path) => existsSync(path))
    .map((path) => {
      const { owner, problem } = judgeOwnership(security.read(path));
      const isLink = lstatSync(path).isSymbolicLink();
      return { path, owner: owner ?? null, problem: isLink ? "it is a link to another place" : (problem ?? null) };
    });
}

/** One line for all where all is well, else one for each that is not; what was not looked at is not said to be safe. */
export function describeAccess(access: readonly Access[] | undefined): string[] {
  if (access === undefined) return ["Access     not looked at: Windows' own calls cannot be loaded here"];
  const [first, ...rest] = access.filter(({ problem }) => problem !== null);
  if (access.length === 0) return ["Access     not looked at: none of its files can be seen"];
  if (first === undefined)
    return [`Access     only administrators can change ${access.map(({ path }) => path).join(", ")}`];
  return [
    `Access     UNSAFE: ${first.path}: ${first.problem}`,
    ...rest.map(({ path, problem }) => `           UNSAFE: ${path}: ${problem}`),
    "           SYSTEM relies on these: stop the task, see who made them, and install anew",
  ];
}
