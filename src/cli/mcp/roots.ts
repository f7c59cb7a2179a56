// Which files an assistant may name: only what lies in the folders given at the start, links followed.

import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { AccessError, UsageError } from "../../model/errors.ts";

export class Roots {
  readonly #folders: readonly string[];

  /** Folders that exist. Throws AccessError where one does not. */
  constructor(folders: readonly string[]) {
    this.#folders = folders.map((folder) => {
      try {
        return realpathSync(folder);
      } catch (error) {
        throw new AccessError(`${folder} cannot be opened`, "name a folder that exists with --root", error);
      }
    });
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  /**
   * The real path of a file that was asked for, relative names being in the first folder. Throws UsageError where it lies
   * elsewhere, whether by `..`, by an absolute path or by a link; and where it does not exist.
   */
  resolve(path: string): string {
    if (path.includes("\0") || path === "") throw new UsageError(`${JSON.stringify(path)} is no file name`);
    // Options and standard input are not for assistants.
    const full = resolve(this.#folders[0] ?? ".", path);
    let real: string;
    try {
      real = realpathSync(full);
    } catch {
      throw new UsageError(`${JSON.stringify(path)} is not in ${this.#folders.join(", ")}`);
    }
    if (!this.#folders.some((folder) => isInside(folder, real))) {
      throw new UsageError(
        `${JSON.stringify(path)} lies outside of ${this.#folders.join(", ")}; start with --root FOLDER to allow it`,
      );
    }
    return real;
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
