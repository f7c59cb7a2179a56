// The RVAs of exported functions; forwarders and data are left in, callers check the section.

import { DIRECTORY, type PeImage } from "./image.ts";

const MAX_EXPORTS = 65_536;

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
