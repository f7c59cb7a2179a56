// Files that the single-file program carries, for what needs them as files: written once per build and user, by their
// hash, into the user's own folder, never a shared one, and read only after the hash was checked.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { getRawAsset } from "node:sea";
import { pathToFileURL } from "node:url";

/** Path of an asset as a file on disk. */
export function assetFile(name: string): string {
  const bytes = Buffer.from(getRawAsset(name));
  const hash = createHash("sha256").update(bytes).digest("hex");
  const folder = join(
    process.env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"),
    "poolscope",
    hash.slice(0, 16),
  );
  const path = join(folder, basename(name));
  if (!isFileOf(path, hash)) {
    mkdirSync(folder, { recursive: true });
    const temporary = `${path}.${randomBytes(4).toString("hex")}`;
    writeFileSync(temporary, bytes, { mode: 0o700 });
    renameSync(temporary, path);
  }
  return path;
}

function isFileOf(path: string, hash: string): boolean {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex") === hash;
  } catch {
    return false;
  }
}

/** What the bundle calls where a source file says `new URL("...", import.meta.url)`. */
function assetUrl(name: string): URL {
  return pathToFileURL(assetFile(name));
}

Object.assign(globalThis, {
  poolscopeAssetUrl: assetUrl,
  poolscopeModuleUrl: pathToFileURL(process.execPath).href,
});
