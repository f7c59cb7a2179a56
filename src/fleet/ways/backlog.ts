// What could not be sent, as one file a request in a folder with a limit: the oldest go first when it is full. Files, since
// a recorder is killed at every shutdown and must lose nothing that it has kept.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** 16 MB is a month of a machine at a request of 2 KB every five minutes. */
const MOST_BYTES = 16 * 1024 * 1024;

interface Entry {
  readonly name: string;
  readonly bytes: number;
}

export class Backlog {
  readonly #folder: string;
  readonly #mostBytes: number;
  #entries: Entry[] | undefined;
  #serial = 0;
  /** Requests that were let go, because the limit was reached or the disk took no more. */
  dropped = 0;

  constructor(folder: string, mostBytes = MOST_BYTES) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  get length(): number {
    return this.#known().length;
  }

  /** Keeps a request; the oldest make room. Where the disk takes nothing it is counted as dropped: a recorder goes on. */
  add(time: number, body: Uint8Array): void {
    const name = `${String(Math.round(time)).padStart(16, "0")}-${String(++this.#serial).padStart(6, "0")}.request`;
    const path = join(this.#folder, name);
    const known = this.#known();
    while (known.reduce((sum, { bytes }) => sum + bytes, body.length) > this.#mostBytes && known.length > 0) {
      this.remove(known[0]?.name ?? "");
      this.dropped += 1;
    }
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(`${path}.tmp`, body);
      renameSync(`${path}.tmp`, path);
      known.push({ name, bytes: body.length });
    } catch {
      discard(`${path}.tmp`);
      this.dropped += 1;
    }
  }

  /** The oldest request; undefined where all was sent. */
  first(): { readonly name: string; readonly body: Uint8Array } | undefined {
    for (;;) {
      const name = this.#known()[0]?.name;
      if (name === undefined) return undefined;
      try {
        return { name, body: readFileSync(join(this.#folder, name)) };
      } catch {
        // Somebody cleared the folder, or the disk is gone.
        this.remove(name);
        this.dropped += 1;
      }
    }
  }

  remove(name: string): void {
    const known = this.#known();
    const at = known.findIndex((entry) => entry.name === name);
    if (at >= 0) known.splice(at, 1);
    discard(join(this.#folder, name));
  }

  #known(): Entry[] {
    this.#entries ??= readEntries(this.#folder);
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
