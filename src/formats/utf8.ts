// Bytes of names to text: UTF-8, or one character per byte where they are not valid UTF-8 (older tools wrote the code page).

/** Decodes UTF-8; bytes that are no valid UTF-8 as a whole are taken as Latin-1. */
export function decodeUtf8(bytes: Uint8Array): string {
  let latin1 = "";
  let escaped = "";
  let isPlain = true;
  for (const byte of bytes) {
    latin1 += String.fromCharCode(byte);
    escaped += `%${byte.toString(16).padStart(2, "0")}`;
    isPlain &&= byte < 0x80;
  }
  if (isPlain) return latin1;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return latin1;
  }
}
