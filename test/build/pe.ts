// The smallest PE files that a scan looks at, to put hostile code and tables into.

/** A 64-bit PE with one executable section and an exception directory, as big as it says. */
export function peWith(
  code: Uint8Array,
  directories: readonly (readonly [index: number, rva: number, size: number])[],
): Uint8Array {
  const bytes = new Uint8Array(0x400 + code.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x4550, true);
  view.setUint16(0x84, 0x8664, true);
  view.setUint16(0x86, 1, true);
  view.setUint16(0x94, 240, true);
  view.setUint16(0x98, 0x20b, true);
  view.setUint32(0x98 + 16, 0x1000, true);
  view.setUint32(0x98 + 56, 0x1000 + code.length, true);
  view.setUint32(0x98 + 60, 0x400, true);
  view.setUint32(0x98 + 108, 16, true);
  for (const [index, rva, size] of directories) {
    view.setUint32(0x98 + 112 + 8 * index, rva, true);
    view.setUint32(0x98 + 116 + 8 * index, size, true);
  }
  const section = 0x98 + 240;
  view.setUint32(section + 8, code.length, true);
  view.setUint32(section + 12, 0x1000, true);
  view.setUint32(section + 16, code.length, true);
  view.setUint32(section + 20, 0x400, true);
  view.setUint32(section + 36, 0xe000_0020, true);
  bytes.set(code, 0x400);
  return bytes;
}
