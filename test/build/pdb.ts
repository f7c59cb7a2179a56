// Writes small PDB files, to try what compilers at hand do not make: rearranged images, and streams out of order.

const BLOCK = 512;

export interface PdbPlan {
  /** RVAs of the sections as linked. */
  readonly sections: readonly number[];
  /** RVA as linked to RVA in the image, in order; 0 where it is gone. */
  readonly omap?: readonly (readonly [from: number, to: number])[];
  readonly publics: readonly { name: string; segment: number; offset: number; code: boolean }[];
}

/** A PDB with public symbols only, its blocks in reverse order. */
export function writePdb({ sections, omap, publics }: PdbPlan): Uint8Array {
  const symbols = Buffer.concat(
    publics.map(({ name, segment, offset, code }) => {
      const text = Buffer.from(`${name}\0`);
      const size = (14 + text.length + 3) & ~3;
      const record = Buffer.alloc(size);
      record.writeUInt16LE(size - 2, 0);
      record.writeUInt16LE(0x110e, 2);
      record.writeUInt32LE(code ? 2 : 0, 4);
      record.writeUInt32LE(offset, 8);
      record.writeUInt16LE(segment, 12);
      text.copy(record, 14);
      return record;
    }),
  );
  const headers = Buffer.alloc(40 * sections.length);
  for (const [i, rva] of sections.entries()) headers.writeUInt32LE(rva, 40 * i + 12);
  const map = Buffer.alloc(8 * (omap?.length ?? 0));
  for (const [i, [from, to]] of (omap ?? []).entries()) {
    map.writeUInt32LE(from, 8 * i);
    map.writeUInt32LE(to, 8 * i + 4);
  }
  const debugHeader = Buffer.alloc(22, 0xff);
  debugHeader.writeUInt16LE(5, 2 * (omap === undefined ? 5 : 10));
  if (omap !== undefined) debugHeader.writeUInt16LE(6, 2 * 4);
  const dbi = Buffer.alloc(64);
  dbi.writeInt32LE(-1, 0);
  dbi.writeUInt32LE(19_990_903, 4);
  dbi.writeUInt32LE(3, 8);
  dbi.writeUInt16LE(4, 20);
  dbi.writeUInt32LE(debugHeader.length, 48);
  const info = Buffer.from(
    "94 2e 31 01 00 00 00 00 01 00 00 00 33 22 11 00 55 44 77 66 88 99 aa bb cc dd ee ff".replaceAll(" ", ""),
    "hex",
  );
  return container([Buffer.alloc(0), info, Buffer.alloc(0), Buffer.concat([dbi, debugHeader]), symbols, headers, map]);
}

function container(streams: readonly Buffer[]): Uint8Array {
  const count = (size: number): number => Math.ceil(size / BLOCK);
  const total = streams.reduce((sum, { length }) => sum + count(length), 0);
  const directoryBytes = 4 + 4 * streams.length + 4 * total;
  const blocks = 3 + 1 + count(directoryBytes) + total;
  const file = Buffer.alloc(blocks * BLOCK);
  let next = blocks - 1;
  const place = (bytes: Buffer): number[] => {
    const numbers = Array.from({ length: count(bytes.length) }, () => next--);
    for (const [i, number] of numbers.entries()) bytes.copy(file, number * BLOCK, i * BLOCK, (i + 1) * BLOCK);
    return numbers;
  };
  const numbers = streams.flatMap((stream) => place(stream));
  const directory = Buffer.alloc(directoryBytes);
  for (const [i, value] of [streams.length, ...streams.map(({ length }) => length), ...numbers].entries()) {
    directory.writeUInt32LE(value, 4 * i);
  }
  for (const [i, number] of place(directory).entries()) file.writeUInt32LE(number, 3 * BLOCK + 4 * i);
  file.write("Microsoft C/C++ MSF 7.00\r\n\u001aDS\0\0\0", 0, "latin1");
  for (const [i, value] of [BLOCK, 1, blocks, directoryBytes, 0, 3].entries()) file.writeUInt32LE(value, 32 + 4 * i);
  return Uint8Array.from(file);
}
