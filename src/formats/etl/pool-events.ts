// Pool events (group 0E): one allocation or free each. Fields as in phnt's ntwmi.h; the size tells the pointer width.

import { bookedTag } from "../../model/tag.ts";
import type { RecordReader } from "./records.ts";

/** 0 u32 pool type, 4 u32 tag, 8 P bytes, then P address, and for session pool u32 session. */
const ALLOCATION = 0x20;
const SESSION_ALLOCATION = 0x21;
const FREE = 0x22;
const SESSION_FREE = 0x23;
const LEAST_64 = 0x18;
const LEAST_64_SESSION = 0x1c;
const LEAST_32 = 0x10;

/** POOL_TYPE: bit 0 is paged pool. */
const PAGED_BIT = 0x1;
/** Pages of its own instead of a block among others. */
const BIG_BIT = 0x1000_0000;

/** Session of a block that is in no session pool. */
export const NO_SESSION = 0xffff_ffff;

/** One event; filled again for each, since a trace holds millions. */
export interface PoolEvent {
  isFree: boolean;
  paged: boolean;
  big: boolean;
  /** In no session pool: {@link NO_SESSION}. */
  session: number;
  tag: number;
  bytes: number;
  addressLow: number;
  addressHigh: number;
}

/** An event to be filled by {@link parsePoolEvent}. */
export function emptyPoolEvent(): PoolEvent {
  return {
    isFree: false,
    paged: false,
    big: false,
    session: NO_SESSION,
    tag: 0,
    bytes: 0,
    addressLow: 0,
    addressHigh: 0,
  };
}

/** Fills `event` from a record of group 0E; false where it is no allocation and no free (rundown, pages added) or too short. */
export function parsePoolEvent(record: RecordReader, event: PoolEvent): boolean {
  const { type, dataBytes } = record;
  if (type < ALLOCATION || type > SESSION_FREE || dataBytes < LEAST_32) return false;
  const inSession = type === SESSION_ALLOCATION || type === SESSION_FREE;
  const wide = dataBytes >= (inSession ? LEAST_64_SESSION : LEAST_64);
  const poolType = record.u32(0);
  event.isFree = type === FREE || type === SESSION_FREE;
  event.paged = (poolType & PAGED_BIT) !== 0;
  event.big = (poolType & BIG_BIT) !== 0;
  event.tag = bookedTag(record.u32(4));
  event.bytes = record.u32(8) + (wide ? record.u32(12) * 4_294_967_296 : 0);
  event.addressLow = record.u32(wide ? 0x10 : 0xc);
  event.addressHigh = wide ? record.u32(0x14) : 0;
  event.session = inSession ? record.u32(wide ? 0x18 : 0x10) : NO_SESSION;
  return true;
}
