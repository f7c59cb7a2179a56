// What the rows of counts refer to by number: object types and programs. Loaded whole, added to as needed.

import type { DatabaseSync } from "node:sqlite";
import { FormatError } from "../model/errors.ts";
import type { Program } from "../model/surroundings.ts";
import { isDamage } from "./database.ts";

/** What a process is known by. */
export type ProgramName = Pick<Program, "pid" | "name" | "started">;

/** The tables `object_type` and `process` of one recording. */
export class BesideNames {
  readonly types: string[] = [];
  readonly programs: ProgramName[] = [];
  readonly #db: DatabaseSync;
  readonly #typeSlots = new Map<string, number>();
  readonly #programSlots = new Map<string, number>();

  /** Loads what can be read; counts that need more are damaged then. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#each("SELECT id, name FROM object_type ORDER BY id", (row) => {
      const name = row["name"];
      if (row["id"] !== this.types.length || typeof name !== "string")
        throw new FormatError("recording", "an object type is missing");
      this.#addType(name);
    });
    this.#each("SELECT id, pid, started, name FROM process ORDER BY id", (row) => {
      const { id, pid, started, name } = row;
      if (id !== this.programs.length || typeof pid !== "number" || typeof name !== "string")
        throw new FormatError("recording", "a process is missing");
      this.#addProgram({ pid, name, ...(typeof started === "number" && { started }) });
    });
  }

  /** The slot of an object type; a new one gets the next number. */
  slotOfType(name: string): number {
    const known = this.#typeSlots.get(name);
    if (known !== undefined) return known;
    const slot = this.#addType(name);
    this.#db.prepare("INSERT INTO object_type (id, name) VALUES (?, ?)").run(slot, name);
    return slot;
  }

  /** The slot of a process; a new one gets the next number. */
  slotOfProgram({ pid, name, started }: Program): number {
    const program: ProgramName = { pid, name, ...(started !== undefined && { started }) };
    const known = this.#programSlots.get(keyOf(program));
    if (known !== undefined) return known;
    const slot = this.#addProgram(program);
    this.#db
      .prepare("INSERT INTO process (id, pid, started, name) VALUES (?, ?, ?, ?)")
      .run(slot, pid, started ?? null, name);
    return slot;
  }

  #addType(name: string): number {
    const slot = this.types.push(name) - 1;
    this.#typeSlots.set(name, slot);
    return slot;
  }

  #addProgram(program: ProgramName): number {
    const slot = this.programs.push(program) - 1;
    this.#programSlots.set(keyOf(program), slot);
    return slot;
  }

  #each(sql: string, take: (row: Readonly<Record<string, unknown>>) => void): void {
    try {
      for (const row of this.#db.prepare(sql).iterate()) take(row);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
}

function keyOf({ pid, name, started }: ProgramName): string {
  return `${pid} ${started ?? ""} ${name}`;
}
