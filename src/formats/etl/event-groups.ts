// Which events are which: kernel records carry a group and a type, classic records a GUID that stands for the same group.

/** Groups of kernel events (the high byte of a hook id) and two of our own for classic providers without a group. */
export const GROUP = {
  header: 0x00,
  process: 0x03,
  pool: 0x0e,
  image: 0x14,
  stack: 0x18,
  identity: 0x100,
  lost: 0x101,
  /** A classic, instance or manifest event of somebody else. */
  other: 0x1ff,
} as const;

/** Each GUID as four little-endian words, with its group. */
const PROVIDERS: readonly (readonly [number, number, number, number, number])[] = [
  guid("68fdd900-4a3e-11d1-84f4-0000f80464e3", GROUP.header),
  guid("3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c", GROUP.process),
  guid("0268a8b6-74fd-4302-9dd0-6e8f1795c0cf", GROUP.pool),
  guid("2cb15d1d-5fc1-11d2-abe1-00a0c911f518", GROUP.image),
  guid("def2fe46-7bd6-4b80-bd94-f57fe20d0ce3", GROUP.stack),
  guid("b3e675d7-2554-4f18-830b-2762732560de", GROUP.identity),
  guid("6a399ae0-4bc6-4de9-870b-3657f8947e7e", GROUP.lost),
];

/** The group of a GUID that starts at `index` of the words. */
export function groupOfGuid(words: Uint32Array, index: number): number {
  const first = words[index];
  for (const [a, b, c, d, group] of PROVIDERS) {
    if (a === first && b === words[index + 1] && c === words[index + 2] && d === words[index + 3]) return group;
  }
  return GROUP.other;
}

function guid(text: string, group: number): readonly [number, number, number, number, number] {
  const hex = text.replaceAll("-", "");
  const number = (from: number, to: number): number => Number.parseInt(hex.slice(from, to), 16);
  const bytesAt = (at: number): number =>
    (number(at, at + 2) |
      (number(at + 2, at + 4) << 8) |
      (number(at + 4, at + 6) << 16) |
      (number(at + 6, at + 8) << 24)) >>>
    0;
  return [number(0, 8), (number(8, 12) | (number(12, 16) << 16)) >>> 0, bytesAt(16), bytesAt(24), group];
}
