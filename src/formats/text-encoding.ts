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

/**
 * Letters of Greek, Cyrillic, Chinese, Japanese, Korean and the wider Latin scripts: dates and names are written in them, so
 * they stay, as UTF-8. Other characters above U+00FF are what a console made of a tag's bytes, and become `?`.
 */
function isLetter(code: number): boolean {
  return (
    (code >= 0x100 && code <= 0x24f && code !== 0x192) ||
    (code >= 0x370 && code <= 0x52f) ||
    (code >= 0x3000 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7af) ||
    code === 0x202f
  );
}

/** Writes a character at `n` and answers where the next one goes: Latin-1 as one byte, letters as UTF-8, others as `?`. */
function put(out: Uint8Array, n: number, code: number): number {
  if (code <= 0xff) {
    out[n] = code;
    return n + 1;
  }
  if (!isLetter(code)) {
    out[n] = 0x3f;
    return n + 1;
  }
  if (code < 0x800) {
    out[n] = 0xc0 | (code >> 6);
    out[n + 1] = 0x80 | (code & 0x3f);
    return n + 2;
  }
  out[n] = 0xe0 | (code >> 12);
  out[n + 1] = 0x80 | ((code >> 6) & 0x3f);
  out[n + 2] = 0x80 | (code & 0x3f);
  return n + 3;
}

/**
 * Turns chunks of an encoding into chunks of Latin-1; letters above U+00FF stay as UTF-8, other characters become `?`. Byte
 * order marks are dropped. {@link END_OF_TEXT} as a chunk gives out what is held back.
 */
export function createLatin1Decoder(encoding: TextEncodingName): (chunk: Uint8Array) => Uint8Array {
  if (encoding === "latin1") return (chunk) => chunk;
  if (encoding === "utf-8") return utf8ToLatin1();
  return utf16ToLatin1(encoding === "utf-16be");
}

/** Units of UTF-16 that are looked at together, to tell an 8-bit text that was appended. */
const APPENDED_UNITS = 12;
/** Bytes of these units that are ASCII where they are of an 8-bit text; letters of other scripts reach it by chance once in 100,000. */
const APPENDED_ASCII = 22;
/** Given to a decoder at the end of a text: what it held back comes out. */
export const END_OF_TEXT = new Uint8Array();

function isAsciiByte(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}

/**
 * UTF-16 to which others may have appended ASCII (`>>` of another shell): units without a NUL are held back, and where many
 * follow each other and are nearly all ASCII, they are bytes of an 8-bit text, up to the next NUL or byte order mark.
 */
function utf16ToLatin1(bigEndian: boolean): (chunk: Uint8Array) => Uint8Array {
  let pending = -1;
  let isPlain = false;
  let mark = -1;
  const held: number[] = [];
  return (chunk) => {
    const out = new Uint8Array(3 * ((chunk.length >> 1) + 2 + held.length) + chunk.length);
    let n = 0;
    const unit = (first: number, second: number): void => {
      const code = bigEndian ? (first << 8) | second : (second << 8) | first;
      if (code !== 0xfeff) n = put(out, n, code);
    };
    const flush = (): void => {
      for (let i = 0; i < held.length; i += 2) unit(held[i] ?? 0, held[i + 1] ?? 0);
      held.length = 0;
    };
    for (const byte of chunk) {
      if (isPlain) {
        // A NUL is half of a unit: the low half before it was given out already, a big-endian unit begins with it.
        const isMark = mark >= 0 && byte === (bigEndian ? 0xff : 0xfe);
        if (mark >= 0 && !isMark) out[n++] = mark;
        mark = !isMark && byte === (bigEndian ? 0xfe : 0xff) ? byte : -1;
        if (byte === 0 || isMark) [isPlain, pending] = [false, bigEndian && byte === 0 ? 0 : -1];
        else if (mark < 0) out[n++] = byte;
      } else if (pending < 0) pending = byte;
      else {
        const first = pending;
        pending = -1;
        if (first === 0 || byte === 0) {
          flush();
          unit(first, byte);
          continue;
        }
        held.push(first, byte);
        if (held.length < 2 * APPENDED_UNITS) continue;
        if (held.filter(isAsciiByte).length >= APPENDED_ASCII) {
          for (const each of held) out[n++] = each;
          held.length = 0;
          isPlain = true;
        } else unit(held.shift() ?? 0, held.shift() ?? 0);
      }
    }
    if (chunk.length === 0) flush();
    return out.subarray(0, n);
  };
}

/** A whole text at once; see {@link createLatin1Decoder}. */
export function decodeLatin1(bytes: Uint8Array, encoding: TextEncodingName = textEncodingOf(bytes)): Uint8Array {
  const decode = createLatin1Decoder(encoding);
  const text = decode(bytes);
  const rest = decode(END_OF_TEXT);
  if (rest.length === 0) return text;
  const whole = new Uint8Array(text.length + rest.length);
  whole.set(text);
  whole.set(rest, text.length);
  return whole;
}

function utf8ToLatin1(): (chunk: Uint8Array) => Uint8Array {
  let code = 0;
  let more = 0;
  return (chunk) => {
    const out = new Uint8Array(chunk.length + 3);
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
        if (more === 0 && code !== 0xfeff) n = put(out, n, code);
      }
    }
    return out.subarray(0, n);
  };
}
