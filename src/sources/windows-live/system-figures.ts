// System-wide figures from NtQuerySystemInformation classes 0, 2 and 3. Pure: bytes in, plain values out.
//
//   class 0 (basic)        page size 8 (u32), pages of RAM 12 (u32); 44 bytes on 32-bit, 64 on 64-bit, no more and no less
//   class 2 (performance)  u32 page counts at the same offsets in both: available 44, committed 48, commit limit 52,
//                          commit peak 56, page faults 60 (a count), paged pool 112, nonpaged pool 116,
//                          resident system code 140, paged pool still available 160, resident paged pool 168,
//                          resident drivers 172; 312 bytes and more, longer on newer builds
//   class 3 (time of day)  boot time 0, current time 8: 64-bit, 100 ns units since 1601; bias by sleep 40: 64-bit, 100 ns
//                          units (phnt's SYSTEM_TIMEOFDAY_INFORMATION; not seen on real Windows here)

import type { Milliseconds, SystemTotals } from "../../model/snapshot.ts";

export interface BasicFigures {
  readonly pageBytes: number;
  readonly physicalBytes: number;
}

/** Milliseconds between 1601 and 1970. */
const FILETIME_EPOCH = 11_644_473_600_000;

/** Length that class 0 insists on. */
export function basicLength(pointerBytes: 4 | 8): number {
  return pointerBytes === 8 ? 64 : 44;
}

/** Page size and RAM from a class 0 answer; undefined where they make no sense. */
export function parseBasic(bytes: Uint8Array): BasicFigures | undefined {
  if (bytes.length < 16) return undefined;
  const view = viewOf(bytes);
  const pageBytes = view.getUint32(8, true);
  const pages = view.getUint32(12, true);
  const sensible = pageBytes >= 512 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0 && pages > 0;
  return sensible ? { pageBytes, physicalBytes: pages * pageBytes } : undefined;
}

/** Totals from a class 2 answer. A field that is zero where it cannot be (Wine does not fill them) is left out. */
export function parsePerformance(bytes: Uint8Array, basic: BasicFigures, pointerBytes: 4 | 8): SystemTotals {
  const { pageBytes, physicalBytes } = basic;
  if (bytes.length < 176) return { physicalBytes };
  const view = viewOf(bytes);
  const bytesAt = (offset: number): number | undefined => {
    const pages = view.getUint32(offset, true);
    return pages === 0 ? undefined : pages * pageBytes;
  };
  const pagedBytes = bytesAt(112);
  const pagedLeft = bytesAt(160);
  const faults = view.getUint32(60, true);
  const code = bytesAt(140);
  const drivers = bytesAt(172);
  return present({
    physicalBytes,
    availableBytes: bytesAt(44),
    commitBytes: bytesAt(48),
    commitLimitBytes: bytesAt(52),
    commitPeakBytes: bytesAt(56),
    pageFaults: faults === 0 ? undefined : faults,
    pagedBytes,
    nonpagedBytes: bytesAt(116),
    // Only on 32-bit Windows: the address space of a 64-bit paged pool has more pages than a u32 can count.
    pagedLimitBytes:
      pointerBytes === 4 && pagedBytes !== undefined && pagedLeft !== undefined ? pagedBytes + pagedLeft : undefined,
    residentKernelBytes: code === undefined && drivers === undefined ? undefined : (code ?? 0) + (drivers ?? 0),
    residentPagedBytes: bytesAt(168),
  });
}

/** Boot time from a class 3 answer, in whole milliseconds; undefined where it lies before 1990. */
export function parseBootTime(bytes: Uint8Array): Milliseconds | undefined {
  if (bytes.length < 8) return undefined;
  const time = Number(viewOf(bytes).getBigUint64(0, true) / 10_000n) - FILETIME_EPOCH;
  return time > 631_152_000_000 && time < 8.64e15 ? time : undefined;
}

/**
 * Time slept since the boot from a class 3 answer, in whole milliseconds: what interrupt time is ahead of the unbiased one.
 * Undefined where the answer is too short for it or tells more sleep than time since the boot.
 */
export function parseSleptTime(bytes: Uint8Array): Milliseconds | undefined {
  if (bytes.length < 48) return undefined;
  const view = viewOf(bytes);
  const slept = view.getBigUint64(40, true);
  const isPossible = slept <= view.getBigUint64(8, true) - view.getBigUint64(0, true);
  return isPossible ? Number(slept / 10_000n) : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function present(values: { readonly [Key in keyof SystemTotals]: SystemTotals[Key] | undefined }): SystemTotals {
  const totals: Mutable<SystemTotals> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) totals[key as keyof SystemTotals] = value;
  }
  return totals;
}
