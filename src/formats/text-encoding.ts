// Translates UTF-16 and UTF-8-with-BOM text to Latin-1 bytes, chunk by chunk. PowerShell's `>` writes UTF-16.

export type TextEncodingName = "latin1" | "utf-16le" | "utf-16be" | "utf-8";

/** The encoding that the first bytes of a file show: by its byte order mark, or by the zero bytes of UTF-16 ASCII text. */
export function textEncodingOf(head: Uint8Array): TextEncodingName {
  const [b0, b1, b2] = head;
  if (b0 === 0xff && b1 === 0xfe) return "utf-16le";
  if (b0 === 0xfe && b1 === 0xff) return "utf-16be";
  if (b0 === 0xef && b1 === 0xbb && b2 === 0xbf) return "utf-8";
  let evenZeros = 0;
  let oddZeros = 0;
  const pairs = Math.min(64, head.length >> 1);
  for (let i = 0; i < pairs; i++) {
    if (head[2 * i] === 0) evenZeros += 1;
    if (head[2 * i + 1] === 0) oddZeros += 1;
  }
  if (pairs >= 8 && oddZeros > pairs * 0.8 && evenZeros < pairs * 0.2) return "utf-16le";
  if (pairs >= 8 && evenZeros > pairs * 0.8 && oddZeros < pairs * 0.2) return "utf-16be";
  return "latin1";
}

/** Turns chunks of an encoding into chunks of Latin-1; characters above U+00FF become `?`. Byte order marks are dropped. */
export function createLatin1Decoder(encoding: TextEncodingName): (chunk: Uint8Array) => Uint8Array {
  if (encoding === "latin1") return (chunk) => chunk;
  if (encoding === "utf-8") return utf8ToLatin1();
  return utf16ToLatin1(encoding === "utf-16be");
}

function utf16ToLatin1(bigEndian: boolean): (chunk: Uint8Array) => Uint8Array {
  let pending = -1;
  return (chunk) => {
    const out = new Uint8Array((chunk.length >> 1) + 1);
    let n = 0;
    for (const byte of chunk) {
      if (pending < 0) {
        pending = byte;
        continue;
      }
      const unit = bigEndian ? (pending << 8) | byte : (byte << 8) | pending;
      pending = -1;
      if (unit !== 0xfeff) out[n++] = unit > 0xff ? 0x3f : unit;
    }
    return out.subarray(0, n);
  };
}

function utf8ToLatin1(): (chunk: Uint8Array) => Uint8Array {
  let code = 0;
  let more = 0;
  return (chunk) => {
    const out = new Uint8Array(chunk.length);
    let n = 0;
    for (const byte of chunk) {
      if (byte < 0x80) {
        more = 0;
        out[n++] = byte;
      } else if (byte >= 0xc0) {
        more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
        code = byte & (0x3f >> more);
      } else if (more > 0) {
        code = (code << 6) | (byte & 0x3f);
        more -= 1;
        if (more === 0 && code !== 0xfeff) out[n++] = code > 0xff ? 0x3f : code;
      }
    }
    return out.subarray(0, n);
  };
}
