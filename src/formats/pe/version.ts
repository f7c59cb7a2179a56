// The strings of a file's version resource (company, product, version, description).
// Spec: VS_VERSIONINFO and StringFileInfo in the Windows SDK documentation.

import type { Bytes } from "./bytes.ts";
import { DIRECTORY, type PeImage } from "./image.ts";

export interface VersionStrings {
  readonly company?: string;
  readonly product?: string;
  readonly fileVersion?: string;
  readonly description?: string;
}

const RT_VERSION = 16;
const MAX_ENTRIES = 4096;
const MAX_TEXT = 512;

const KEYS: Readonly<Record<string, keyof VersionStrings>> = {
  CompanyName: "company",
  ProductName: "product",
  FileVersion: "fileVersion",
  FileDescription: "description",
};

/** The first language's strings, trimmed; empty where there is no version resource or it is broken. */
export function readVersion(image: PeImage): VersionStrings {
  const data = findResource(image, RT_VERSION);
  if (data === undefined) return {};
  const found: { -readonly [key in keyof VersionStrings]: string } = {};
  // Only the order of the parts is fixed: VS_VERSIONINFO, its fixed part, then blocks in any order. Each block is
  // length, value length, type, key, padding, value or children.
  walkBlocks(image.bytes, data.offset, data.offset + data.size, 0, (key, value) => {
    const name = KEYS[key];
    if (name !== undefined && found[name] === undefined && value !== "") found[name] = value;
  });
  return found;
}

function walkBlocks(
  bytes: Bytes,
  start: number,
  end: number,
  depth: number,
  visit: (key: string, value: string) => void,
): void {
  let at = start;
  for (let i = 0; i < MAX_ENTRIES && at + 6 <= end; i++) {
    const length = bytes.u16(at);
    const valueLength = bytes.u16(at + 2);
    if (length < 8 || at + length > end) return;
    const key = bytes.utf16(at + 6, 64);
    const value = align4(at + 6 + 2 * (key.length + 1));
    if (depth === 3) visit(key, bytes.utf16(value, Math.min(MAX_TEXT, (at + length - value) >>> 1)).trim());
    else walkBlocks(bytes, align4(depth === 0 ? value + valueLength : value), at + length, depth + 1, visit);
    at = align4(at + length);
  }
}

/** Resource data keeps its own four-byte alignment from the start of the file. */
function align4(offset: number): number {
  return (offset + 3) & ~3;
}

/** The first name and first language of a resource type. */
function findResource(image: PeImage, type: number): { offset: number; size: number } | undefined {
  const root = image.directory(DIRECTORY.resources);
  if (root === undefined) return undefined;
  let table = root.rva;
  for (let level = 0; level < 3; level++) {
    const counts = image.u32(table + 12);
    if (counts === undefined) return undefined;
    const count = Math.min(MAX_ENTRIES, (counts & 0xffff) + (counts >>> 16));
    let next: number | undefined;
    for (let i = 0; i < count && next === undefined; i++) {
      const id = image.u32(table + 16 + 8 * i);
      if (level > 0 || id === type) next = image.u32(table + 20 + 8 * i);
    }
    if (next === undefined) return undefined;
    if (next >>> 31 === 0) {
      const rva = image.u32(root.rva + next);
      const size = image.u32(root.rva + next + 4);
      if (rva === undefined || size === undefined) return undefined;
      const offset = image.offsetOf(rva, Math.min(size, 1));
      return offset < 0 ? undefined : { offset, size: Math.min(size, image.bytes.length - offset) };
    }
    table = root.rva + (next & 0x7fff_ffff);
  }
  return undefined;
}
