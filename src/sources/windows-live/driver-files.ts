// What the file of a loaded driver tells of it: version, company, signer, time. Only where the file on the disk is the image
// that is loaded; after an update that waits for a restart it is not.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PeImage } from "../../formats/pe/image.ts";
import { readSignatures } from "../../formats/pe/signature.ts";
import { readVersion } from "../../formats/pe/version.ts";
import { isKnownError } from "../../model/errors.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";

/** Larger files than any driver of a Windows of today. */
const MOST_BYTES = 128 * 1024 * 1024;

/** Offset of TimeDateStamp behind the PE signature, which the u32 at 3C names. */
const STAMP_OFFSET = 8;

/** The path of a kernel path on the disk; undefined for one that needs the letter of a volume. */
export function diskPath(path: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const root = env["SystemRoot"] ?? env["windir"] ?? String.raw`C:\Windows`;
  const local = path.replace(/^\\\?\?\\/, "");
  const below = /^\\?SystemRoot\\(.*)$/i.exec(local)?.[1] ?? /^\\Windows\\(.*)$/i.exec(local)?.[1];
  if (below !== undefined) return join(root, ...below.split("\\"));
  if (/^[a-z]:\\/i.test(local)) return local;
  return local.includes("\\") ? undefined : join(root, "System32", "drivers", local);
}

/** The driver with what its file tells; as it was where the file cannot be read or is another build. */
export function describeDriver(
  driver: LoadedDriver,
  env: Readonly<Record<string, string | undefined>> = process.env,
): LoadedDriver {
  // Copies of storage drivers that the crash dump uses have no file of their own.
  const path = driver.path === undefined ? undefined : diskPath(driver.path, env)?.replace(/\bdump_(?!\w*\\)/i, "");
  if (path === undefined) return driver;
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MOST_BYTES) return driver;
    const image = new PeImage(readFileSync(path));
    if (driver.imageBytes !== undefined && image.sizeOfImage !== driver.imageBytes) return driver;
    if (driver.stamp !== undefined && image.bytes.u32(image.bytes.u32(0x3c) + STAMP_OFFSET) !== driver.stamp)
      return driver;
    const { fileVersion, company } = readVersion(image);
    const signer = readSignatures(image)[0]?.signer;
    return {
      ...driver,
      ...(fileVersion !== undefined && { version: fileVersion }),
      ...(company !== undefined && { company }),
      ...(signer !== undefined && signer !== "" && { signer }),
      fileTime: Math.round(stat.mtimeMs),
    };
  } catch (error) {
    // A file that is gone, locked or no image tells nothing; the list of the kernel stands.
    if (isKnownError(error) || (error instanceof Error && "syscall" in error)) return driver;
    throw error;
  }
}
