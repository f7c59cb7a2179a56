// Which files can use a tag at all: a byte search, as findstr does it, in front of the scan of a question about few tags.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { derivedTag } from "../drivers/uses/wdf.ts";
import { paddedAlike, type Tag } from "../model/tag.ts";
import type { FileFacts } from "./record.ts";

/** Machine of ARM64 in a PE header. Its code puts tags together from halves, which no byte search finds. */
const ARM64 = 0xaa64;
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * Whether a scan of a file can find one of some tags: its bytes hold it, KMDF would derive it from the name of the service or
 * the file, or the file is ARM64. What cannot be read is left to the scan, which says why. A tag that code computes is not found.
 */
export function mayHold({ file, size, service }: FileFacts, tags: readonly Tag[]): boolean {
  const name = basename(file).replace(/\.[^.]*$/, "");
  const wanted = tags.flatMap((tag) => [tag, ...paddedAlike(tag)]);
  if (size > MAX_BYTES || wanted.includes(derivedTag(service ?? name))) return true;
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return true;
  }
  const header = bytes.length < 64 ? 0 : bytes.readUInt32LE(0x3c);
  if (header + 6 <= bytes.length && bytes.readUInt16LE(header + 4) === ARM64) return true;
  return wanted.some((tag) => {
    const needle = Buffer.alloc(4);
    needle.writeUInt32LE(tag);
    // A protected tag carries bit 31.
    const isProtected = Buffer.from(needle);
    isProtected.writeUInt8((needle.readUInt8(3) | 0x80) & 0xff, 3);
    return bytes.includes(needle) || bytes.includes(isProtected);
  });
}
