// A Windows security descriptor in its self-relative form, as GetFileSecurity writes it: the owner and who may do what.
// Spec: MS-DTYP 2.4.2 (SID), 2.4.4 (ACE), 2.4.5 (ACL), 2.4.6 (SECURITY_DESCRIPTOR).

import { FormatError } from "../model/errors.ts";

export interface AccessEntry {
  /** 0 allowed, 1 denied, 9 allowed under a condition; others are rarer. */
  readonly type: number;
  /** Bit 3: inherit only, of no effect on the object itself. */
  readonly flags: number;
  readonly mask: number;
  /** As text, e.g. S-1-5-32-544; undefined where the entry is of a type that is not read. */
  readonly sid: string | undefined;
}

export interface SecurityDescriptor {
  readonly owner: string | undefined;
  /** In their order; undefined where there is no list, which lets everybody do everything. */
  readonly entries: readonly AccessEntry[] | undefined;
}

/** Types whose mask is followed by the SID at once: allowed, denied, audit, alarm, and the four under a condition. */
const PLAIN_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 3, 9, 10, 13, 14]);
const DACL_PRESENT = 4;
const SELF_RELATIVE = 0x8000;

/** Throws FormatError where the bytes are no descriptor. */
export function parseSecurityDescriptor(bytes: Uint8Array): SecurityDescriptor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20 || view.getUint8(0) !== 1 || (view.getUint16(2, true) & SELF_RELATIVE) === 0)
    throw damaged("no self-relative descriptor", 0);
  const control = view.getUint16(2, true);
  const owner = view.getUint32(4, true);
  const list = view.getUint32(16, true);
  return {
    owner: owner === 0 ? undefined : sidAt(view, owner),
    entries: (control & DACL_PRESENT) === 0 || list === 0 ? undefined : entriesAt(view, list),
  };
}

function entriesAt(view: DataView, at: number): AccessEntry[] {
  if (at + 8 > view.byteLength) throw damaged("the list of entries lies outside", at);
  const end = at + view.getUint16(at + 2, true);
  if (end > view.byteLength) throw damaged("the list of entries is cut off", at);
  const entries: AccessEntry[] = [];
  let next = at + 8;
  for (let left = view.getUint16(at + 4, true); left > 0; left--) {
    const size = next + 8 <= end ? view.getUint16(next + 2, true) : 0;
    if (size < 8 || next + size > end) throw damaged("an entry is cut off", next);
    const type = view.getUint8(next);
    entries.push({
      type,
      flags: view.getUint8(next + 1),
      mask: view.getUint32(next + 4, true),
      sid: PLAIN_TYPES.has(type) ? sidAt(view, next + 8) : undefined,
    });
    next += size;
  }
  return entries;
}

function sidAt(view: DataView, at: number): string {
  const count = at + 8 <= view.byteLength ? view.getUint8(at + 1) : 255;
  if (count > 15 || view.getUint8(at) !== 1 || at + 8 + 4 * count > view.byteLength)
    throw damaged("a SID is damaged", at);
  const parts = [view.getUint16(at + 2) * 2 ** 32 + view.getUint32(at + 4)];
  for (let i = 0; i < count; i++) parts.push(view.getUint32(at + 8 + 4 * i, true));
  return `S-1-${parts.join("-")}`;
}

function damaged(problem: string, offset: number): FormatError {
  return new FormatError("security descriptor", problem, { offset });
}
