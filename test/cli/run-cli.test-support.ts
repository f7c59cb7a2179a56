// Starts the program as users do: its real entry in a process of its own.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const entry = fileURLToPath(new URL("../../bin/poolscope.mjs", import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line; colours off, 100 columns. */
export function runCli(
  args: readonly string[],
  options: { node?: string; env?: Record<string, string> } = {},
): CliResult {
  const { status, stdout, stderr } = spawnSync(options.node ?? process.execPath, [entry, ...args], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", COLUMNS: "100", ...options.env },
  });
  return { code: status, stdout, stderr };
}
