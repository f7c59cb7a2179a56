// Writes security descriptors, for tests: from SIDs as text and entries.

interface Entry {
  readonly type?: number;
  readonly flags?: number;
  readonly mask: number;
  readonly sid: string;
}

function sidBytes(sid: string): Buffer {
  const [, , authority = 0, ...rest] = sid.split("-").map(Number);
  const bytes = Buffer.alloc(8 + 4 * rest.length);
  bytes[0] = 1;
  bytes[1] = rest.length;
  bytes.writeUIntBE(authority, 2, 6);
  for (const [i, part] of rest.entries()) bytes.writeUInt32LE(part, 8 + 4 * i);
  return bytes;
}

/** A self-relative descriptor; without `entries` it has no list. */
export function descriptorBytes(owner: string, entries?: readonly Entry[]): Uint8Array {
  const head = Buffer.alloc(20);
  head[0] = 1;
  head.writeUInt16LE(0x8000 | (entries === undefined ? 0 : 4), 2);
  head.writeUInt32LE(20, 4);
  const own = sidBytes(owner);
  if (entries === undefined) return Buffer.concat([head, own]);
  const list = entries.map(({ type = 0, flags = 0, mask, sid }) => {
    const who = sidBytes(sid);
    const entry = Buffer.alloc(8);
    entry[0] = type;
    entry[1] = flags;
    entry.writeUInt16LE(8 + who.length, 2);
    entry.writeUInt32LE(mask >>> 0, 4);
    return Buffer.concat([entry, who]);
  });
  const body = Buffer.concat(list);
  const acl = Buffer.alloc(8);
  acl[0] = 2;
  acl.writeUInt16LE(8 + body.length, 2);
  acl.writeUInt16LE(entries.length, 4);
  head.writeUInt32LE(20 + own.length, 16);
  return Buffer.concat([head, own, acl, body]);
}
