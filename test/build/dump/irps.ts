// IRPs, device and driver objects put into a made-up machine: literal offsets of the public structures (wdm.h), nothing of the
// reader in src/ is used here.

import type { Machine } from "./machine.ts";

export interface MadeIrps {
  readonly count: number;
  readonly locations: number;
  /** From 1; one more than locations: no driver has it. */
  readonly current: number;
  readonly major?: number;
  /** Place of the driver in the list of modules; undefined: its device is none. */
  readonly module?: number;
  /** Place of the module whose routine completes it. */
  readonly completion?: number;
  /** Tag of the block; undefined: it lies inside a larger structure. */
  readonly tag?: string;
  /** Added to the pointer to the current location: no IRP any more. */
  readonly off?: bigint;
}

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));

/** Puts all in, one after the other, over the ends of pages as well; answers where each begins. */
export function addIrps(machine: Machine, groups: readonly MadeIrps[]): bigint[] {
  const { memory, modules } = machine;
  const { wide } = memory;
  const objects = wide ? 0xffffa40c78000000n : 0x93000000n;
  let next = wide ? 0xffffa40c79000000n : 0x93800000n;
  const deviceOf = (module: number): bigint => {
    const device = objects + BigInt(module) * 0x1000n;
    const driver = device + 0x200n;
    memory.put(device, new Uint8Array([3, 0, 0x50, 1]));
    memory.putPointer(device + (wide ? 8n : 4n), driver);
    memory.put(driver, new Uint8Array([4, 0, 0x50, 1]));
    memory.putPointer(driver + (wide ? 0x18n : 0xcn), modules[module]?.base ?? 0n);
    const name = `\\Driver\\made${module}`;
    memory.put(driver + (wide ? 0x38n : 0x1cn), new Uint8Array([2 * name.length, 0, 2 * name.length + 2, 0]));
    memory.putPointer(driver + (wide ? 0x40n : 0x20n), device + 0x400n);
    memory.put(
      device + 0x400n,
      Uint8Array.from({ length: 2 * name.length }, (_, i) => (i % 2 === 0 ? name.charCodeAt(i / 2) : 0)),
    );
    return device;
  };
  const made: bigint[] = [];
  for (const group of groups) {
    const { locations, current, major = 3, module, completion, tag, off = 0n } = group;
    const device = module === undefined ? objects + 0x900n : deviceOf(module);
    for (let i = 0; i < group.count; i++) {
      const unit = wide ? 16n : 8n;
      const head = wide ? 0xd0n : 0x70n;
      const step = wide ? 0x48n : 0x24n;
      const bytes = head + BigInt(locations) * step;
      const irp = next + unit;
      next = irp + ((bytes + unit - 1n) / unit) * unit;
      if (tag !== undefined) {
        const units = Number((next - irp + unit) / unit);
        memory.put(
          irp - unit,
          new Uint8Array(wide ? [0, 0, units, 2] : [0, 0, units & 0xff, (units >>> 8) | (2 << 1)]),
        );
        memory.put(irp - unit + 4n, text(tag));
      }
      memory.put(irp, new Uint8Array([6, 0, Number(bytes & 0xffn), Number(bytes >> 8n)]));
      memory.put(irp + (wide ? 0x42n : 0x22n), new Uint8Array([locations, current]));
      memory.putPointer(irp + (wide ? 0xb8n : 0x60n), irp + head + BigInt(current - 1) * step + off);
      const at = irp + head + BigInt(current - 1) * step;
      if (current <= locations) {
        memory.put(at, new Uint8Array([major]));
        memory.putPointer(at + (wide ? 0x28n : 0x14n), device);
      }
      if (completion !== undefined) {
        const first = irp + head + BigInt(locations - 1) * step;
        memory.putPointer(first + (wide ? 0x38n : 0x1cn), (modules[completion]?.base ?? 0n) + 0x1230n);
      }
      made.push(irp);
    }
  }
  return made;
}
