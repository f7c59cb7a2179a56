// Settings of this Windows that hide leaks or make them worse, asked of its own programs: reg, fltmc, logman. Nothing is changed.

import type { MachineSettings, SettingName } from "../../model/doctor.ts";
import type { Io } from "../io.ts";
import type { ProgramResult, RunProgram } from "../unattended/carry-out.ts";
import { systemProgram } from "../unattended/plan.ts";

/** Longer lines of these programs are none of ours. */
const MOST_LINE = 2_000;

const SESSION_MANAGER = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager";

/** Asks every setting by itself: what Windows refuses costs that setting only. */
export function readWindowsSettings(io: Pick<Io, "env">, run: RunProgram): MachineSettings {
  const refused: Partial<Record<SettingName, string>> = {};
  const ask = <Value>(
    names: readonly SettingName[],
    program: string,
    args: readonly string[],
    parse: (output: string) => Value | undefined,
  ): Value | undefined => {
    const result = run(systemProgram(io.env, program), args);
    const value = result.code === 0 ? parse(result.output) : undefined;
    if (value === undefined) for (const name of names) refused[name] = refusal(program, args, result);
    return value;
  };
  const power = ask(["fast-startup"], "reg.exe", ["query", `${SESSION_MANAGER}\\Power`], parseRegistryValues);
  const memory = ask(
    ["verifier", "pool-sizes"],
    "reg.exe",
    ["query", `${SESSION_MANAGER}\\Memory Management`],
    parseRegistryValues,
  );
  const filters = ask(["filters"], "fltmc.exe", ["filters"], countTableRows);
  const traceSessions = ask(["trace-sessions"], "logman.exe", ["query", "-ets"], countTableRows);
  return {
    ...(power !== undefined && { fastStartup: numberOf(power.get("hiberbootenabled")) === 1 }),
    ...(memory !== undefined && {
      verifiedDrivers: memory.get("verifydrivers") ?? "",
      pagedPoolSize: numberOf(memory.get("pagedpoolsize")),
      nonPagedPoolSize: numberOf(memory.get("nonpagedpoolsize")),
    }),
    ...(filters !== undefined && { filters }),
    ...(traceSessions !== undefined && { traceSessions }),
    refused,
  };
}

/**
 * Values of `reg query KEY` by name in lower case, as their text. Undefined where no line has the form of a value: then the
 * output is not what was asked for.
 */
export function parseRegistryValues(output: string): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  for (const line of output.split(/\r?\n/)) {
    const [, name, value = ""] =
      // bounded: reg.exe's line of one value, cut at MOST_LINE characters
      /^ {4}(\S(?:[^\r\n]{0,200}?\S)?) {4}REG_[A-Z_]+(?: {4}(.*))?$/.exec(line.slice(0, MOST_LINE)) ?? [];
    if (name !== undefined) values.set(name.toLowerCase(), value.trim());
  }
  return values.size > 0 ? values : undefined;
}

/** Rows between a table's line of dashes and the next empty line: its words are in the language of Windows, its form is not. */
export function countTableRows(output: string): number | undefined {
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  const rule = lines.findIndex((line) => line.startsWith("----------") && /^[- ]+$/.test(line));
  if (rule < 0) return undefined;
  const end = lines.indexOf("", rule);
  return (end < 0 ? lines.length : end) - rule - 1;
}

function numberOf(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) ? value : 0;
}

function refusal(program: string, args: readonly string[], { code, output }: ProgramResult): string {
  const said = output.split(/\r?\n/).find((line) => line.trim() !== "") ?? "";
  const how =
    code === undefined ? "could not be started" : code === 0 ? "answered in an unknown form" : `ended with ${code}`;
  const hint = program === "fltmc.exe" ? "; it needs the rights of an administrator" : "";
  return `${program} ${args.slice(0, 1).join(" ")} ${how}${said === "" || code === 0 ? "" : ` (${said.trim().slice(0, 120)})`}${hint}`;
}
