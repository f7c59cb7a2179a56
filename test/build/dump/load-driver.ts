// Loads a driver's file as Windows does: sections to their places, addresses moved to the base, import slots filled; then
// drops what Windows frees once the driver has started: the import list and every discardable section.

/** What lies in memory: bytes by their distance from the base. */
export interface LoadedDriver {
  readonly size: number;
  readonly parts: readonly (readonly [number, Uint8Array])[];
}

export function loadDriver(file: Uint8Array, base: bigint, addressOf: (name: string) => bigint): LoadedDriver {
  const source = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const pe = source.getUint32(0x3c, true);
  const sectionCount = source.getUint16(pe + 6, true);
  const optional = pe + 24;
  const size = source.getUint32(optional + 56, true);
  const wanted = source.getBigUint64(optional + 24, true);
  const directory = (i: number): [number, number] => [
    source.getUint32(optional + 112 + 8 * i, true),
    source.getUint32(optional + 116 + 8 * i, true),
  ];
  const image = new Uint8Array(size);
  const view = new DataView(image.buffer);
  image.set(file.subarray(0, source.getUint32(optional + 60, true)));
  const sections = Array.from({ length: sectionCount }, (_, i) => {
    const at = optional + source.getUint16(pe + 20, true) + 40 * i;
    const [bytes, rva, rawBytes, raw, flags] = [8, 12, 16, 20, 36].map((field) => source.getUint32(at + field, true));
    return { bytes: bytes ?? 0, rva: rva ?? 0, rawBytes: rawBytes ?? 0, raw: raw ?? 0, flags: flags ?? 0 };
  });
  for (const { bytes, rva, rawBytes, raw } of sections)
    image.set(file.subarray(raw, raw + Math.min(bytes, rawBytes)), rva);

  const [relocations, relocationBytes] = directory(5);
  for (let at = relocations; at < relocations + relocationBytes;) {
    const page = view.getUint32(at, true);
    const bytes = view.getUint32(at + 4, true);
    for (let entry = at + 8; entry < at + bytes; entry += 2) {
      const value = view.getUint16(entry, true);
      const place = page + (value & 0xfff);
      if (value >> 12 === 10) view.setBigUint64(place, view.getBigUint64(place, true) + base - wanted, true);
    }
    at += bytes;
  }

  const [imports] = directory(1);
  for (let at = imports; view.getUint32(at + 12, true) !== 0; at += 20) {
    const lookups = view.getUint32(at, true);
    const slots = view.getUint32(at + 16, true);
    for (let i = 0; view.getBigUint64(lookups + 8 * i, true) !== 0n; i++) {
      let end = view.getUint32(lookups + 8 * i, true) + 2;
      const start = end;
      while (image[end] !== 0) end += 1;
      view.setBigUint64(slots + 8 * i, addressOf(String.fromCharCode(...image.subarray(start, end))), true);
      view.setBigUint64(lookups + 8 * i, 0n, true);
    }
    image.fill(0, at, at + 16);
  }
  view.setBigUint64(optional + 24, base, true);

  const parts: (readonly [number, Uint8Array])[] = [[0, image.subarray(0, 0x1000)]];
  for (const { bytes, rva, flags } of sections) {
    const discarded = (flags & 0x02000000) !== 0;
    if (!discarded) parts.push([rva, image.subarray(rva, Math.min(size, rva + bytes))]);
  }
  return { size, parts };
}
