// Requests (IRPs) by the driver that has them. An IRP proves itself: its own pointer leads to the stack location that its counters
// name. Structures are public (wdm.h) and part of the drivers' contract, so they are the same from NT 5 to 11.

import { bookedTag, type Tag } from "../../model/tag.ts";
import type { AddressSpace } from "./address-space.ts";
import { moduleAt } from "./block-contents.ts";
import { pointer, u16, u32, utf16Text } from "./bytes.ts";
import type { ListedModule } from "./modules.ts";
import { scannedPages, type ScanProgress } from "./scan-tag.ts";

/*
 | structure      | field                                          | x64    | x86    |
 | IRP            | type 6 (u16), bytes with its stack (u16)       | 0, 2   | 0, 2   |
 |                | locations, current location (u8, from 1 down)  | 42, 43 | 22, 23 |
 |                | pointer to the current location                | B8     | 60     |
 |                | locations begin                                | D0     | 70     |
 | stack location | length                                         | 48     | 24     |
 |                | major function (u8), device, completion        | 0, 28, 38 | 0, 14, 1C |
 | device object  | type 3 (u16), driver object                    | 0, 8   | 0, 4   |
 | driver object  | type 4 (u16), start of its image, name         | 0, 18, 38 | 0, C, 1C |
*/
const LAYOUTS = {
  8: {
    counts: 0x42,
    current: 0xb8,
    stack: 0xd0,
    location: 0x48,
    device: 0x28,
    completion: 0x38,
    driver: 8,
    start: 0x18,
  },
  4: {
    counts: 0x22,
    current: 0x60,
    stack: 0x70,
    location: 0x24,
    device: 0x14,
    completion: 0x1c,
    driver: 4,
    start: 0x0c,
  },
} as const;
const DRIVER_NAME = { 8: 0x38, 4: 0x1c } as const;
const DRIVER_BYTES = 0x48;
const IRP_TYPE = 6;
const DEVICE_TYPE = 3;
const DRIVER_TYPE = 4;
/** Highest major function (IRP_MJ_PNP). */
const LAST_MAJOR = 0x1b;
/** Groups kept; more than this many kinds of requests are no machine's. */
const MOST_GROUPS = 4096;
const MOST_NAME_BYTES = 256;

export type IrpState =
  /** A driver has it: its current location names a device. */
  | "pending"
  /** Current location out of its stack: not sent yet, or completed and not freed. */
  | "no-driver"
  /** Its current location names no device that proves itself. */
  | "unknown-device";

/** IRPs that are alike. */
export interface IrpGroup {
  readonly state: IrpState;
  /** The driver that has them: its file and the name of its object; undefined where none has. */
  readonly module: string | undefined;
  readonly driver: string | undefined;
  /** Major function, undefined where no driver has them. */
  readonly major: number | undefined;
  /** Who waits for the end: the completion routine of the first location, by module and distance from its base. */
  readonly maker: { readonly module: string; readonly rva: number } | undefined;
  readonly irps: number;
  readonly bytes: number;
  /** Address of one of them. */
  readonly example: bigint;
}

export interface Irps {
  /** Most IRPs first. */
  readonly groups: readonly IrpGroup[];
  readonly irps: number;
  /** IRPs by the tag of the block's header in front of them; those that lie inside a larger structure are not in here. */
  readonly byTag: ReadonlyMap<Tag, number>;
  /** Blocks that lie idle in lookaside lists and still look like IRPs: left out. */
  readonly idle: number;
}

/** Scans all mapped pages of the kernel. `idleBlocks`: headers of blocks that lookaside lists hold. */
export function readIrps(
  space: AddressSpace,
  modules: readonly ListedModule[],
  idleBlocks: ReadonlySet<bigint>,
  progress: ScanProgress,
): Irps {
  const sorted = modules.toSorted((a, b) => (a.base < b.base ? -1 : 1));
  const skip = sorted.map(({ base, sizeOfImage }) => ({ start: base, end: base + BigInt(sizeOfImage) }));
  const at = LAYOUTS[space.pointerSize];
  const unit = space.pointerSize === 8 ? 16 : 8;
  const groups = new Map<string, IrpGroup>();
  const byTag = new Map<Tag, number>();
  let irps = 0;
  let idle = 0;
  for (const { address, page } of scannedPages(space, skip, progress)) {
    for (let offset = 0; offset < page.length; offset += unit) {
      if (page[offset] !== IRP_TYPE || page[offset + 1] !== 0 || u16(page, offset + 2) < at.stack) continue;
      const irp = irpAt(space, address + BigInt(offset));
      if (irp === undefined) continue;
      const header = irp.address - BigInt(unit);
      if (idleBlocks.has(header)) {
        idle += 1;
        continue;
      }
      irps += 1;
      const tag = tagInFront(space, header, unit, irp.bytes);
      if (tag !== undefined) byTag.set(tag, (byTag.get(tag) ?? 0) + 1);
      addToGroup(groups, describe(space, irp, sorted));
    }
  }
  return { groups: [...groups.values()].sort((a, b) => b.irps - a.irps), irps, byTag, idle };
}

interface Irp {
  readonly address: bigint;
  readonly bytes: number;
  readonly locations: number;
  readonly current: number;
}

/** Undefined where no IRP begins there: the pointer to its current location must be what its counters say. */
function irpAt(space: AddressSpace, address: bigint): Irp | undefined {
  const at = LAYOUTS[space.pointerSize];
  const bytes = space.readExact(address, at.stack);
  if (bytes === undefined) return undefined;
  const size = u16(bytes, 2);
  const locations = bytes[at.counts] ?? 0;
  const current = bytes[at.counts + 1] ?? 0;
  if (locations === 0 || current === 0 || current > locations + 1) return undefined;
  if (size < at.stack + locations * at.location) return undefined;
  const stack = address + BigInt(at.stack + (current - 1) * at.location);
  return pointer(bytes, at.current, space.pointerSize) === stack
    ? { address, bytes: size, locations, current }
    : undefined;
}

function describe(space: AddressSpace, irp: Irp, sorted: readonly ListedModule[]): IrpGroup {
  const p = space.pointerSize;
  const at = LAYOUTS[p];
  const location = (number: number): Uint8Array | undefined =>
    space.readExact(irp.address + BigInt(at.stack + (number - 1) * at.location), at.location)?.slice();
  const first = location(irp.locations);
  const completion = first === undefined ? 0n : pointer(first, at.completion, p);
  const maker = space.isKernelAddress(completion) ? moduleAt(sorted, completion) : undefined;
  const common = {
    maker: maker === undefined ? undefined : { module: maker.name, rva: Number(completion - maker.base) },
    irps: 1,
    bytes: irp.bytes,
    example: irp.address,
  };
  const none = { module: undefined, driver: undefined, major: undefined };
  if (irp.current > irp.locations) return { state: "no-driver", ...none, ...common };
  const own = location(irp.current);
  const major = own?.[0] ?? LAST_MAJOR + 1;
  const driver = own === undefined ? undefined : driverOf(space, pointer(own, at.device, p), sorted);
  if (driver === undefined || major > LAST_MAJOR) return { state: "unknown-device", ...none, ...common };
  return { state: "pending", ...driver, major, ...common };
}

/** The driver of a device; undefined where device, driver and the driver's image do not lead to each other. */
function driverOf(
  space: AddressSpace,
  device: bigint,
  sorted: readonly ListedModule[],
): { readonly module: string; readonly driver: string } | undefined {
  const p = space.pointerSize;
  const at = LAYOUTS[p];
  if (!space.isKernelAddress(device)) return undefined;
  const bytes = space.readExact(device, at.driver + p);
  if (bytes === undefined || u16(bytes, 0) !== DEVICE_TYPE) return undefined;
  const address = pointer(bytes, at.driver, p);
  const driver = space.isKernelAddress(address) ? space.readExact(address, DRIVER_BYTES)?.slice() : undefined;
  if (driver === undefined || u16(driver, 0) !== DRIVER_TYPE) return undefined;
  const start = pointer(driver, at.start, p);
  const module = moduleAt(sorted, start);
  if (module === undefined || module.base !== start) return undefined;
  const name = DRIVER_NAME[p];
  const length = Math.min(u16(driver, name), MOST_NAME_BYTES);
  const text = space.readExact(pointer(driver, name + p, p), length);
  return { module: module.name, driver: text === undefined ? "" : utf16Text(text, 0, length) };
}

/** The tag of the block that begins just in front of an IRP and is large enough for it. */
function tagInFront(space: AddressSpace, header: bigint, unit: number, bytes: number): Tag | undefined {
  const block = space.readExact(header, 8);
  if (block === undefined) return undefined;
  const units = unit === 16 ? (block[2] ?? 0) : u16(block, 2) & 0x1ff;
  return units * unit >= unit + bytes ? bookedTag(u32(block, 4)) : undefined;
}

function addToGroup(groups: Map<string, IrpGroup>, irp: IrpGroup): void {
  const { state, module, driver, major, maker } = irp;
  const key = [state, module, driver, major, maker?.module, maker?.rva].join("|");
  const known = groups.get(key);
  if (known === undefined && groups.size >= MOST_GROUPS) return;
  groups.set(
    key,
    known === undefined ? irp : { ...known, irps: known.irps + irp.irps, bytes: known.bytes + irp.bytes },
  );
}
