// Which machine an index was made on. Proof about the drivers of one machine says nothing of another.

import { execFile } from "node:child_process";
import { hostname, release } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The machine that an index was made on, as far as the system tells; each part is null where it does not. */
export interface IndexMachine {
  readonly host: string;
  /** Windows build number, e.g. 19045; null where the scan did not run on Windows, so that no driver is its own. */
  readonly windowsBuild: number | null;
  /** `MachineGuid` of the registry: survives renaming, is renewed by a new installation. */
  readonly machineId: string | null;
  /** The folder of Windows, e.g. `C:\Windows`; null elsewhere. */
  readonly systemRoot: string | null;
}

const MACHINE_KEY = String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`;

/** Asks the system that this program runs on. What it does not tell is null; nothing is thrown. */
export async function readThisMachine(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
): Promise<IndexMachine> {
  const host = hostname();
  if (platform !== "win32") return { host, windowsBuild: null, machineId: null, systemRoot: null };
  const systemRoot = env["SystemRoot"] ?? env["windir"] ?? String.raw`C:\Windows`;
  const build = /^\d+\.\d+\.(\d+)/.exec(release())?.[1];
  return {
    host,
    windowsBuild: build === undefined ? null : Number(build),
    machineId: await readMachineId(join(systemRoot, "System32", "reg.exe")),
    systemRoot,
  };
}

async function readMachineId(reg: string): Promise<string | null> {
  try {
    // The key lies in the 64-bit view, also for a 32-bit process.
    const { stdout } = await promisify(execFile)(reg, ["query", MACHINE_KEY, "/v", "MachineGuid", "/reg:64"], {
      windowsHide: true,
    });
    return parseMachineId(stdout);
  } catch {
    return null;
  }
}

/** The value of `MachineGuid` in the output of `reg query`, in lower case; null where there is none. */
export function parseMachineId(output: string): string | null {
  return /^ +MachineGuid +REG_SZ +([0-9A-Fa-f-]{8,64})[ \r]*$/m.exec(output)?.[1]?.toLowerCase() ?? null;
}

/** Whether two descriptions are of the same installation: by id where both have one, otherwise by name and kind. */
export function isSameMachine(a: IndexMachine, b: IndexMachine): boolean {
  if (a.machineId !== null && b.machineId !== null) return a.machineId === b.machineId;
  return a.host.toLowerCase() === b.host.toLowerCase() && (a.windowsBuild === null) === (b.windowsBuild === null);
}

/** Whether a file lies where the machine of an index loads its drivers from. Never so where that was not Windows. */
export function isInstalledOn(machine: IndexMachine, file: string): boolean {
  if (machine.systemRoot === null) return false;
  const root = `${machine.systemRoot.replace(/(?<!\\)\\+$/, "")}\\`.toLowerCase();
  return file.toLowerCase().startsWith(root);
}
