// What could not be sent, as one file a request in a folder with a limit: the oldest go first when it is full. Files, since
// a recorder is killed at every shutdown and must lose nothing that it has kept.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** 16 MB is a month of a machine at a request of 2 KB every five minutes. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Where the disk takes nothing: some hours of a machine, and less than a recorder may grow by. */
const MOST_BYTES_IN_MEMORY = 1024 * 1024;

export interface BacklogLimits {
  readonly bytes: number;
  readonly bytesInMemory: number;
}

interface Entry {
  readonly name: string;
  readonly bytes: number;
  /** Only of an entry that the disk did not take. */
  readonly body?: Uint8Array;
}

/** One request that waits. */
export interface Waiting {
  readonly name: string;
  readonly body: Uint8Array;
}

export class Backlog {
  readonly folder: string;
  readonly #limits: BacklogLimits;
  #entries: Entry[] | undefined;
  #serial = 0;
  /** Requests that were let go, because a limit was reached or somebody cleared the folder. */
  dropped = 0;
  /** Why the disk did not take the last request; undefined where it did. Then it waits in memory. */
  diskProblem: string | undefined;

  constructor(folder: string, limits: BacklogLimits = { bytes: MOST_BYTES, bytesInMemory: MOST_BYTES_IN_MEMORY }) {
    this.folder = folder;
    this.#limits = limits;
  }

  get length(): number {
    return this.#known().length;
  }

  /** Keeps a request; the oldest make room. One that the disk does not take waits in memory: a recorder goes on. */
  add(time: number, body: Uint8Array): void {
    const name = `${String(Math.round(time)).padStart(16, "0")}-${String(++this.#serial).padStart(6, "0")}.request`;
    const path = join(this.folder, name);
    this.#makeRoom(body.length, this.#limits.bytes, () => true);
    try {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(`${path}.tmp`, body);
      renameSync(`${path}.tmp`, path);
      this.diskProblem = undefined;
      this.#known().push({ name, bytes: body.length });
    } catch (error) {
      discard(`${path}.tmp`);
      this.diskProblem = (error as Error).message;
      this.#makeRoom(body.length, this.#limits.bytesInMemory, (entry) => entry.body !== undefined);
      this.#known().push({ name, bytes: body.length, body });
    }
  }

  /** The oldest requests, at most so many; none where all was sent. */
  oldest(most: number): Waiting[] {
    const found: Waiting[] = [];
    for (const { name, body } of this.#known().slice(0, most))
      try {
        found.push({ name, body: body ?? readFileSync(join(this.folder, name)) });
      } catch {
        // Somebody cleared the folder, or the disk is gone.
        this.remove(name);
        this.dropped += 1;
      }
    return found.length === 0 && this.length > 0 ? this.oldest(most) : found;
  }

  remove(name: string): void {
    const known = this.#known();
    const at = known.findIndex((entry) => entry.name === name);
    const [gone] = at < 0 ? [] : known.splice(at, 1);
    if (gone?.body === undefined) discard(join(this.folder, name));
  }

  /** Lets the oldest of a kind go until so many bytes more are within the limit. */
  #makeRoom(bytes: number, limit: number, isOfKind: (entry: Entry) => boolean): void {
    const of = this.#known().filter(isOfKind);
    let sum = of.reduce((total, entry) => total + entry.bytes, bytes);
    for (const entry of of) {
      if (sum <= limit) return;
      this.remove(entry.name);
      this.dropped += 1;
      sum -= entry.bytes;
    }
  }

  #known(): Entry[] {
    this.#entries ??= readEntries(this.folder);
    return this.#entries;
  }
}

/** A file that cannot be removed is met again at the next start; it must not end the recorder. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing better can be done with it.
  }
}

function readEntries(folder: string): Entry[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".request"))
      .sort()
      .map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
  } catch {
    return [];
  }
}
