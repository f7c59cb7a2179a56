// The RVAs of exported functions; forwarders and data are left in, callers check the section.

import { DIRECTORY, type PeImage } from "./image.ts";

const MAX_EXPORTS = 65_536;
const MAX_NAME = 512;

/** RVAs of all exports in table order. */
export function readExportRvas(image: PeImage): number[] {
  const directory = image.directory(DIRECTORY.exports);
  if (directory === undefined) return [];
  const count = Math.min(image.u32(directory.rva + 20) ?? 0, MAX_EXPORTS);
  const table = image.u32(directory.rva + 28) ?? 0;
  const rvas: number[] = [];
  for (let i = 0; i < count; i++) {
    const rva = image.u32(table + 4 * i);
    if (rva === undefined) break;
    if (rva !== 0) rvas.push(rva);
  }
  return rvas;
}

/** Names of exports by their RVA; of several names for one the first. */
export function readExportNames(image: PeImage): Map<number, string> {
  const directory = image.directory(DIRECTORY.exports);
  const names = new Map<number, string>();
  if (directory === undefined) return names;
  const count = Math.min(image.u32(directory.rva + 24) ?? 0, MAX_EXPORTS);
  const functions = image.u32(directory.rva + 28) ?? 0;
  const nameTable = image.u32(directory.rva + 32) ?? 0;
  const ordinals = image.u32(directory.rva + 36) ?? 0;
  for (let i = 0; i < count; i++) {
    const nameRva = image.u32(nameTable + 4 * i);
    const pair = image.u32(ordinals + 2 * (i & ~1));
    if (nameRva === undefined || pair === undefined) break;
    const rva = image.u32(functions + 4 * ((i & 1) === 0 ? pair & 0xffff : pair >>> 16));
    if (rva !== undefined && rva !== 0 && !names.has(rva)) names.set(rva, image.latin1(nameRva, MAX_NAME));
  }
  return names;
}
