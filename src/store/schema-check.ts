// Holds the schema of a file against the one text that a recording of its version has: a view, a trigger, a generated
// column or a table of somebody else would run or invent things while we only read.

import { DatabaseSync } from "node:sqlite";
import { creates, upgrades } from "./schema.ts";

/** One entry of `sqlite_schema`. */
interface Entry {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/** More entries than any version has tables and indexes. */
const MOST_ENTRIES = 200;

/**
 * What is wrong with the schema of an open file, in words; undefined where it is that of a recording of this version,
 * whether the file was made new or brought up from an older version.
 */
export function schemaFault(db: DatabaseSync, version: number): string | undefined {
  const found = entriesOf(db);
  const ways = Array.from({ length: version }, (_, i) => version - i);
  let first: string | undefined;
  for (const start of ways) {
    const fault = difference(found, expectedEntries(start, version));
    if (fault === undefined) return undefined;
    first ??= fault;
  }
  return first;
}

function difference(found: readonly Entry[], expected: readonly Entry[]): string | undefined {
  const known = new Map(expected.map((entry) => [`${entry.type} ${entry.name}`, entry.sql]));
  for (const { type, name, sql } of found) {
    const key = `${type} ${name}`;
    const right = known.get(key);
    if (right === undefined || known.delete(key) === false) return `${key} does not belong there`;
    if (right !== sql) return `${key} was changed`;
  }
  const [missing] = known.keys();
  return missing === undefined ? undefined : `${missing} is missing`;
}

/** The entries in words of SQLite's own making; those that it makes for keys have no text. */
function entriesOf(db: DatabaseSync): Entry[] {
  const entries: Entry[] = [];
  for (const row of db.prepare("SELECT type, name, sql FROM sqlite_schema").iterate()) {
    if (entries.length === MOST_ENTRIES) break;
    entries.push({ type: textOf(row["type"]), name: textOf(row["name"]), sql: oneSpace(textOf(row["sql"])) });
  }
  return entries;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MOST_TEXT) : "";
}

/** Longer than the text of any of our tables. */
const MOST_TEXT = 10_000;

function oneSpace(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

const made = new Map<string, readonly Entry[]>();

/** The entries of a file that was made as version `start` and brought up to `version`. */
function expectedEntries(start: number, version: number): readonly Entry[] {
  const key = `${start} ${version}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const db = new DatabaseSync(":memory:");
  try {
    db.exec(creates[start - 1] ?? "");
    for (let at = start; at < version; at++) upgrades[at - 1]?.(db);
    const entries = entriesOf(db);
    made.set(key, entries);
    return entries;
  } finally {
    db.close();
  }
}
