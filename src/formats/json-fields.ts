// Fields of parsed JSON lines, each checked: a FormatError says which one is not what it should be.

import { FormatError } from "../model/errors.ts";
import { parseIso } from "../model/time.ts";

export type Fields = Readonly<Record<string, unknown>>;

export function refuse(
  problem: string,
  details: { expected?: string; found?: string; cause?: unknown } = {},
): FormatError {
  const found = details.found === undefined ? {} : { found: details.found.slice(0, 60) };
  return new FormatError("jsonl", problem, { ...details, ...found });
}

export function objectOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse(`${what} is no object`);
  return value as Fields;
}

export function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse(`${what} is no list`);
  return value;
}

export function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number") throw refuse(`${what} is no number`, { found: JSON.stringify(value) ?? "nothing" });
  return value;
}

/** A time in ISO form as milliseconds. */
export function timeOf(value: unknown, what: string): number {
  const time = typeof value === "string" ? parseIso(value) : undefined;
  if (time === undefined) throw refuse(`${what} is no time`, { found: JSON.stringify(value) ?? "nothing" });
  return time;
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw refuse(`${what} is no text`);
  return value;
}

/** Some fields of an object where they are there, each through its reader. */
export function optional<Name extends string, Value>(
  fields: Fields,
  names: readonly Name[],
  read: (value: unknown, what: string) => Value,
): { [N in Name]?: Value } {
  const found: { [N in Name]?: Value } = {};
  for (const name of names) if (fields[name] !== undefined) found[name] = read(fields[name], name);
  return found;
}
