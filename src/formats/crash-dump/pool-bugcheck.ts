// Bug checks that speak of pool: which driver left allocations behind, what a session never freed, who wrote past its block.
// Parameters as Microsoft Learn, "Bug check code reference", describes them. Facts only; the words are in src/words/dump.ts.

import { bookedTag, isPrintableTag, type Tag } from "../../model/tag.ts";
import { asciiText, pointer, u16, utf16Text } from "./bytes.ts";

export type PoolBugcheck =
  /** C4, 62: a driver was unloaded and had not freed all of its allocations. */
  | {
      readonly kind: "unloaded-with-allocations";
      readonly driver: string | undefined;
      /** The name comes from the list of unloaded drivers, whose last entry it is. */
      readonly fromUnloaded: boolean;
      readonly allocations: number;
    }
  /** AB: a session ended and left pool behind. */
  | {
      readonly kind: "session-leak";
      readonly session: number;
      readonly pagedBytes: number;
      readonly nonpagedBytes: number;
      readonly pagedAllocations: number;
      readonly nonpagedAllocations: number;
    }
  /** C4, 0 to 2 and 51 to 59: an allocation was asked for or used wrongly. */
  | { readonly kind: "verifier-misuse"; readonly code: number; readonly bytes: number | undefined }
  /** 19, C2, C5, C1: the pool's own structures were found damaged, or it was called wrongly. */
  | { readonly kind: "damaged-pool"; readonly code: number; readonly sub: number; readonly tag: Tag | undefined }
  /** CB, 76: pages were left locked; that is no pool. */
  | {
      readonly kind: "locked-pages";
      readonly code: number;
      readonly pages: number;
      readonly driver: string | undefined;
    };

/** What the dump can be asked for: bytes at a kernel address, and the driver unloaded last. */
export interface BugcheckContext {
  readonly pointerSize: 4 | 8;
  readonly read: (address: bigint, length: number) => Uint8Array | undefined;
  readonly lastUnloaded: string | undefined;
}

const CODE_MASK = ~0x1000_0000;
const MISUSE = new Set([0, 1, 2, 0x51, 0x52, 0x53, 0x54, 0x59]);
/** Sub-codes of C2 whose third or second parameter is the tag. */
const C2_TAG_PARAMETER: Readonly<Record<number, number>> = { 0x0a: 3, 0x07: 2, 0x9a: 2, 0x9b: 2 };

/** The bug check as far as it speaks of pool; undefined where it does not. */
export function poolBugcheck(
  { code, parameters }: { readonly code: number; readonly parameters: readonly bigint[] },
  context: BugcheckContext,
): PoolBugcheck | undefined {
  const [p1 = 0n, p2 = 0n, p3 = 0n, p4 = 0n] = parameters;
  const bare = code & CODE_MASK;
  const half = BigInt(context.pointerSize * 4);
  const sub = Number(p1 & 0xffffffffn);
  if (bare === 0xc4 && sub === 0x62) {
    const named = driverName(context, p2);
    return {
      kind: "unloaded-with-allocations",
      driver: named ?? context.lastUnloaded,
      fromUnloaded: named === undefined && context.lastUnloaded !== undefined,
      allocations: Number(p4),
    };
  }
  if (bare === 0xab) {
    return {
      kind: "session-leak",
      session: Number(p1),
      pagedBytes: Number(p2),
      nonpagedBytes: Number(p3),
      // The upper half of the word counts nonpaged, the lower half paged allocations.
      nonpagedAllocations: Number(p4 >> half),
      pagedAllocations: Number(p4 & ((1n << half) - 1n)),
    };
  }
  if (bare === 0xc4 && MISUSE.has(sub)) {
    return { kind: "verifier-misuse", code: sub, bytes: sub <= 2 ? Number(p4) : undefined };
  }
  if (bare === 0x19 || bare === 0xc2 || bare === 0xc5 || bare === 0xc1) {
    const at = bare === 0xc2 ? C2_TAG_PARAMETER[sub] : undefined;
    const value = at === undefined ? 0n : (parameters[at] ?? 0n);
    const tag = bookedTag(Number(value & 0xffffffffn));
    return { kind: "damaged-pool", code: bare, sub, tag: value !== 0n && isPrintableTag(tag) ? tag : undefined };
  }
  if (bare === 0xcb || bare === 0x76) {
    const driver = bare === 0xcb ? driverName(context, p3) : undefined;
    return { kind: "locked-pages", code: bare, pages: Number(bare === 0xcb ? p4 : p3), driver };
  }
  return undefined;
}

const NAME_BYTES = 128;

/** A driver's name at an address: plain text, UTF-16, or a counted string that points to it. */
function driverName({ pointerSize, read }: BugcheckContext, address: bigint): string | undefined {
  if (address === 0n) return undefined;
  // A piece of memory in a small dump may end soon behind the name.
  const bytes = readUpTo(read, address, NAME_BYTES);
  if (bytes === undefined) return undefined;
  for (const text of [utf16Text(bytes, 0, bytes.length), asciiText(bytes, 0, bytes.length)])
    if (isDriver(text)) return text;
  const length = Math.min(u16(bytes, 0), NAME_BYTES);
  const target = bytes.length >= 2 * pointerSize ? pointer(bytes, pointerSize, pointerSize) : 0n;
  const counted = target === 0n || length === 0 ? undefined : read(target, length);
  const text = counted === undefined ? "" : utf16Text(counted, 0, length);
  return isDriver(text) ? text : undefined;
}

function readUpTo(read: BugcheckContext["read"], address: bigint, most: number): Uint8Array | undefined {
  for (let length = most; length >= 8; length /= 2) {
    const bytes = read(address, length);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

function isDriver(text: string): boolean {
  return /^[\x20-\x7e]{1,80}\.(?:sys|dll|exe)$/i.test(text);
}
