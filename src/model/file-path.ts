// Paths as text, of whatever system they were written on: what pure code may know of them.

/** The last part of a path with either separator, of a folder too; a path without parts stands for itself. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}
