// GUIDs as symbol servers spell them.

/** A GUID's 16 bytes as a symbol server spells them: three little-endian fields, then eight bytes. */
export function guidAt(data: Uint8Array, offset: number): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return order
    .map((i) => (data[offset + i] ?? 0).toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}
