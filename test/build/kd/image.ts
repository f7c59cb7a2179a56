// Virtual memory of the real kernel's image, walked with code of its own: what the simulated target answers reads from.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface TargetMemory {
  readonly machine: number;
  readonly kernelBase: bigint;
  readonly moduleList: bigint;
  readonly debuggerDataList: bigint;
  /** The bytes from an address on, up to the first that is not mapped. */
  read(address: bigint, length: number): Buffer;
}

/** The image of one folder of samples/nt-kernel. */
export function imageMemory(folder: URL, machine: 0x8664 | 0x14c): TargetMemory {
  const physical = gunzipSync(readFileSync(new URL("physical-memory.raw.gz", folder)));
  const text = readFileSync(new URL("symbols.tsv", folder), "utf8");
  const symbol = (name: string): bigint => BigInt(`0x${new RegExp(`^${name}\\t([0-9a-f]+)`, "m").exec(text)?.[1]}`);
  const root = Number(/CR3 at the dump (0x[0-9a-f]+)/.exec(text)?.[1]);
  const walk = machine === 0x8664 ? fourLevels : twoLevels;
  return {
    machine,
    kernelBase: BigInt(/nt base (?:0x)?([0-9a-f]+)/.exec(text)?.[1]?.replace(/^/, "0x") ?? 0),
    moduleList: symbol("PsLoadedModuleList"),
    debuggerDataList: symbol("KdpDebuggerDataListHead"),
    read(address, length) {
      const parts: Buffer[] = [];
      for (let done = 0; done < length;) {
        const at = address + BigInt(done);
        const inPage = Math.min(length - done, 4096 - Number(at & 0xfffn));
        const where = walk(physical, root, at);
        if (where === undefined || where + inPage > physical.length) break;
        parts.push(physical.subarray(where, where + inPage));
        done += inPage;
      }
      return Buffer.concat(parts);
    },
  };
}

function fourLevels(memory: Buffer, root: number, address: bigint): number | undefined {
  let table = root;
  for (const shift of [39n, 30n, 21n, 12n]) {
    const at = table + Number((address >> shift) & 511n) * 8;
    if (at + 8 > memory.length) return undefined;
    const entry = memory.readBigUInt64LE(at);
    if ((entry & 1n) === 0n) return undefined;
    const frame = entry & 0xffffffffff000n;
    if (shift !== 12n && shift !== 39n && (entry & 0x80n) !== 0n) {
      const mask = (1n << shift) - 1n;
      return Number((frame & ~mask) | (address & mask));
    }
    table = Number(frame);
  }
  return table + Number(address & 0xfffn);
}

function twoLevels(memory: Buffer, root: number, given: bigint): number | undefined {
  const address = Number(given & 0xffffffffn);
  const directory = memory.readUInt32LE(root + Math.floor(address / 2 ** 22) * 4);
  if ((directory & 1) === 0) return undefined;
  if ((directory & 0x80) !== 0) return ((directory & 0xffc00000) >>> 0) + (address & 0x3fffff);
  const at = ((directory & 0xfffff000) >>> 0) + ((address >>> 12) & 1023) * 4;
  if (at + 4 > memory.length) return undefined;
  const entry = memory.readUInt32LE(at);
  return (entry & 1) === 0 ? undefined : ((entry & 0xfffff000) >>> 0) + (address & 0xfff);
}
