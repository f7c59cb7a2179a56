// The object manager's own list of types with their counts: an independent witness of the tag table, since each type's
// objects lie in blocks of one tag. Layouts: docs/sources/crash-dump.md.

import { bookedTag, isPrintableTag, type Tag } from "../../model/tag.ts";
import { pointer, u16, u32, utf16Text } from "./bytes.ts";
import { debuggerField } from "./debugger-data.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface ObjectType {
  readonly name: string;
  /** Tag of its objects' blocks; undefined where the type's key is no tag. */
  readonly tag: Tag | undefined;
  readonly objects: number;
  readonly handles: number;
  readonly peakObjects: number;
  readonly peakHandles: number;
}

export interface ObjectTypes {
  readonly types: readonly ObjectType[];
  /** Builds whose layout the types have. */
  readonly layout: string;
}

/*
 | layout          | name | objects, handles, peaks |
 | x64 2003        | 78   | 94, 98, 9C, A0          |
 | x64 Vista to 11 | 10   | 2C, 30, 34, 38          |
 | x86 2003        | 40   | 50, 54, 58, 5C          |
 | x86 Vista to 10 | 8    | 18, 1C, 20, 24          |
*/
interface TypeLayout {
  readonly pointerSize: 4 | 8;
  readonly name: number;
  readonly objects: number;
  readonly builds: string;
}

const TYPE_LAYOUTS: readonly TypeLayout[] = [
  { pointerSize: 8, name: 0x10, objects: 0x2c, builds: "x64 and ARM64, Vista and later" },
  { pointerSize: 8, name: 0x78, objects: 0x94, builds: "x64, 2003" },
  { pointerSize: 4, name: 0x08, objects: 0x18, builds: "x86, Vista and later" },
  { pointerSize: 4, name: 0x40, objects: 0x50, builds: "x86, XP and 2003" },
];
const TYPE_BYTES = 0x140;
/** Directories are hashed into this many buckets in every version. */
const BUCKETS = 37;
const MOST_ENTRIES = 4096;
/** Objects by which a directory is told to be of something else; one may be damaged. */
const FIRST_OBJECTS = 3;
const MOST_NAME_BYTES = 128;
/** A directory is that of the types when these are in it. */
const KNOWN_TYPES = ["Type", "Directory", "Process", "Thread", "Event", "Key"];

/** The types; undefined where the kernel's root directory is not known or leads to no list of types. */
export function readObjectTypes({ space, debuggerData }: KernelMemory): ObjectTypes | undefined {
  const variable =
    debuggerData === undefined ? undefined : debuggerField(debuggerData, "rootDirectory", space.pointerSize);
  const root = variable === undefined ? undefined : space.readPointer(variable);
  if (root === undefined) return undefined;
  const layouts = TYPE_LAYOUTS.filter((layout) => layout.pointerSize === space.pointerSize);
  for (const child of directoryObjects(space, root)) {
    const objects = directoryObjects(space, child, (first) =>
      first.some((object) => mayBeType(space, object, layouts)),
    );
    if (objects.length < KNOWN_TYPES.length) continue;
    for (const layout of layouts) {
      const found = typesWith(space, objects, layout);
      if (found !== undefined) return { types: found, layout: layout.builds };
    }
  }
  return undefined;
}

/** False where an object is there and has a name under no layout of types. */
function mayBeType(space: VirtualMemory, object: bigint, layouts: readonly TypeLayout[]): boolean {
  const bytes = space.readExact(object, TYPE_BYTES);
  return bytes === undefined || layouts.some(({ name }) => nameAt(space, bytes, name) !== "");
}

/**
 * The objects of a directory; empty where the address holds none. `isWanted` is asked once, of the first few: a directory of
 * devices has hundreds, and over a wire each costs a packet.
 */
function directoryObjects(
  space: VirtualMemory,
  directory: bigint,
  isWanted: (first: readonly bigint[]) => boolean = () => true,
): bigint[] {
  const p = space.pointerSize;
  const bytes = space.readExact(directory, BUCKETS * p);
  if (bytes === undefined) return [];
  const buckets = Array.from({ length: BUCKETS }, (_, bucket) => pointer(bytes, bucket * p, p));
  // Most objects beside the directories fail here, before any chain is followed.
  if (!buckets.every((entry) => entry === 0n || space.isKernelAddress(entry))) return [];
  const objects: bigint[] = [];
  for (let entry of buckets) {
    for (let length = 0; entry !== 0n; length++) {
      const link = space.isKernelAddress(entry) ? space.readExact(entry, 2 * p) : undefined;
      if (link === undefined || length > MOST_ENTRIES || objects.length > MOST_ENTRIES) return [];
      const object = pointer(link, p, p);
      if (!space.isKernelAddress(object)) return [];
      objects.push(object);
      if (objects.length === FIRST_OBJECTS && !isWanted(objects)) return [];
      entry = pointer(link, 0, p);
    }
  }
  return objects;
}

function typesWith(
  space: VirtualMemory,
  objects: readonly bigint[],
  layout: TypeLayout,
): readonly ObjectType[] | undefined {
  const read = objects.flatMap((object) => {
    const bytes = space.readExact(object, TYPE_BYTES);
    return bytes === undefined ? [] : [{ bytes, name: nameAt(space, bytes, layout.name) }];
  });
  if (!KNOWN_TYPES.every((known) => read.some(({ name }) => name === known))) return undefined;
  const key = keyOffset(
    read.map(({ bytes }) => bytes),
    layout.objects + 16,
  );
  const at = layout.objects;
  return read.map(({ bytes, name }) => ({
    name,
    tag: key === undefined ? undefined : bookedTag(u32(bytes, key)),
    objects: u32(bytes, at),
    handles: u32(bytes, at + 4),
    peakObjects: u32(bytes, at + 8),
    peakHandles: u32(bytes, at + 12),
  }));
}

function nameAt(space: VirtualMemory, bytes: Uint8Array, offset: number): string {
  const length = u16(bytes, offset);
  const at = pointer(bytes, offset + space.pointerSize, space.pointerSize);
  if (length === 0 || length > MOST_NAME_BYTES || !space.isKernelAddress(at)) return "";
  const text = space.readExact(at, length);
  return text === undefined ? "" : utf16Text(text, 0, length);
}

/** The key stands at the one offset at which every type has a printable tag, and nearly every type another one. */
function keyOffset(types: readonly Uint8Array[], from: number): number | undefined {
  let best: { offset: number; different: number } | undefined;
  for (let offset = from; offset + 4 <= TYPE_BYTES; offset += 4) {
    const keys = types.map((bytes) => bookedTag(u32(bytes, offset)));
    if (!keys.every((key) => isPrintableTag(key))) continue;
    const different = new Set(keys).size;
    if (best === undefined || different > best.different) best = { offset, different };
  }
  return best !== undefined && best.different > types.length / 2 ? best.offset : undefined;
}

export interface TypeAgreement {
  readonly agreeing: number;
  readonly compared: number;
  readonly differing: readonly {
    readonly name: string;
    readonly tag: Tag;
    readonly objects: number;
    readonly blocks: number;
  }[];
}

export interface TypeWitness extends ObjectTypes {
  readonly agreement: TypeAgreement;
}

/** With fewer types the comparison says nothing. */
const FEWEST_COMPARED = 5;
/** A few tags are shared by several types: on real memory 15 of 17 types agree. An unsummed or damaged table agrees for hardly any. */
const ENOUGH_AGREEING = 2 / 3;

/** Share of the check passed, undefined where too few types could be compared. */
export function agreementShare({ agreeing, compared }: TypeAgreement): number | undefined {
  if (compared < FEWEST_COMPARED) return undefined;
  return agreeing >= ENOUGH_AGREEING * compared ? 1 : agreeing / compared;
}

/** Counts that are read at different moments of a live dump may differ by this share. */
const TOLERANCE = 0.01;

/** Compares the types' counts with the blocks outstanding of their tags. Types without objects say nothing. */
export function compareTypes(types: readonly ObjectType[], blocksOf: (tag: Tag) => number): TypeAgreement {
  let agreeing = 0;
  const differing: { name: string; tag: Tag; objects: number; blocks: number }[] = [];
  for (const { name, tag, objects } of types) {
    if (tag === undefined || objects === 0) continue;
    const blocks = blocksOf(tag);
    if (Math.abs(blocks - objects) <= TOLERANCE * objects) agreeing += 1;
    else differing.push({ name, tag, objects, blocks });
  }
  return { agreeing, compared: agreeing + differing.length, differing };
}
