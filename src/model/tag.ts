// Pool tags: the 32-bit value as the kernel holds it, and its reversible displayed form.
// The tag read as text is its bytes from low to high ('1gaT' in C source is `Tag1` here and in PoolMon).

/** A pool tag as the kernel holds it: an unsigned 32-bit integer, first character in the low byte. */
export type Tag = number;

const SPACE = 0x20;
const BACKSLASH = 0x5c;

function escapeByte(byte: number): string {
  if (byte === BACKSLASH) return "\\\\";
  if (isPrintableByte(byte)) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/**
 * The displayed form of a tag: four characters, with bytes outside printable ASCII as `\xNN` and a backslash as `\\`.
 * Reversible by {@link parseTag}: trailing spaces and NULs stay distinct (`Irp ` against `Lis\x00`).
 */
export function formatTag(tag: Tag): string {
  return (
    escapeByte(tag & 0xff) + escapeByte((tag >>> 8) & 0xff) + escapeByte((tag >>> 16) & 0xff) + escapeByte(tag >>> 24)
  );
}

/** A tag of which only the bytes of `mask` are known, each other byte as a question mark: `Htb?`. */
export function formatTagPattern(tag: Tag, mask: number): string {
  let text = "";
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (tag >>> shift) & 0xff;
    if (((mask >>> shift) & 0xff) !== 0xff) text += "?";
    else
      text += isPrintableByte(byte)
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0").toUpperCase()}`;
  }
  return text;
}

/** A tag as hexadecimal number, e.g. `0x20707249` for `Irp `. */
export function formatTagHex(tag: Tag): string {
  return `0x${(tag >>> 0).toString(16).padStart(8, "0")}`;
}

/** The tag made of up to four bytes, the rest filled with spaces as the kernel's own headers do. */
export function tagFromBytes(b0: number, b1: number = SPACE, b2: number = SPACE, b3: number = SPACE): Tag {
  return (b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)) >>> 0;
}

/**
 * The tag of a displayed form. Accepts what {@link formatTag} prints; one to three characters are padded with spaces
 * (`Irp` is `Irp `), since that is how people type them. A lone backslash that starts no escape stands for itself.
 * Returns undefined where the text is empty, longer than four bytes, or holds a character above U+00FF.
 */
export function parseTag(text: string): Tag | undefined {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    if (code === BACKSLASH) {
      if (text.charCodeAt(i + 1) === BACKSLASH) {
        bytes.push(BACKSLASH);
        i += 1;
        continue;
      }
      const hex = /^x([0-9a-fA-F]{2})/.exec(text.slice(i + 1, i + 4))?.[1];
      if (hex !== undefined) {
        bytes.push(Number.parseInt(hex, 16));
        i += 3;
        continue;
      }
    }
    bytes.push(code);
  }
  const [b0, b1, b2, b3] = bytes;
  if (b0 === undefined || bytes.length > 4) return undefined;
  return tagFromBytes(b0, b1, b2, b3);
}

/** The tag as users see it in PoolMon: four characters, unprintable bytes shown as `.`; not reversible, for fixed columns. */
export function formatTagFixed(tag: Tag): string {
  let text = "";
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (tag >>> shift) & 0xff;
    text += isPrintableByte(byte) ? String.fromCharCode(byte) : byte === 0 ? " " : ".";
  }
  return text;
}

/** Whether a byte is printable ASCII, 0x20 to 0x7E. */
export function isPrintableByte(byte: number): boolean {
  return byte >= SPACE && byte <= 0x7e;
}

/** How many of the four bytes are printable, wherever they stand. */
export function printableBytes(tag: Tag): number {
  let count = 0;
  for (let shift = 0; shift < 32; shift += 8) if (isPrintableByte((tag >>> shift) & 0xff)) count += 1;
  return count;
}

/** Whether every byte of the tag is printable ASCII, as Microsoft's rules for tags ask. */
export function isPrintableTag(tag: Tag): boolean {
  return printableBytes(tag) === 4;
}

/** Whether a value reads as a tag: at least so many printable characters, and behind them nothing but NULs. */
export function isTagLike(value: number, leastCharacters = 2): boolean {
  let characters = 0;
  let ended = false;
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (value >>> shift) & 0xff;
    if (byte === 0) ended = true;
    else if (ended || !isPrintableByte(byte)) return false;
    else characters += 1;
  }
  return characters >= leastCharacters;
}

/**
 * A matcher for tag patterns with PoolMon's rules: case-sensitive, `*` any run of characters, `?` any one character,
 * trailing spaces of tag and pattern ignored. Escapes of {@link formatTag} may be used for unprintable bytes.
 */
export function compileTagPattern(pattern: string): (tag: Tag) => boolean {
  const exact = pattern.includes("*") || pattern.includes("?") ? undefined : parseTag(pattern);
  if (exact !== undefined) return (tag) => tag === exact;
  const source = pattern
    .replace(/(?<! ) +$/, "")
    .replace(/\*+/g, "*")
    .replace(/\\x[0-9a-fA-F]{2}|\\\\|[\s\S]/g, (part) =>
      part === "*" ? ".*" : part === "?" ? "." : escapeRegExp(unescapePart(part)),
    );
  const regex = new RegExp(`^(?:${source}) *$`, "s");
  return (tag) => regex.test(rawText(tag));
}

function unescapePart(part: string): string {
  if (part === "\\\\") return "\\";
  if (part.length === 4) return String.fromCharCode(Number.parseInt(part.slice(2), 16));
  return part;
}

function rawText(tag: Tag): string {
  return String.fromCharCode(tag & 0xff, (tag >>> 8) & 0xff, (tag >>> 16) & 0xff, tag >>> 24);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/**
 * The tag as the kernel books it: bit 31 of the number that a driver passes asks for protected pool (PROTECTED_POOL of wdm.h)
 * and is no part of the tag.
 */
export function bookedTag(value: number): Tag {
  return (value & 0x7fff_ffff) >>> 0;
}

/** The tags that read alike with other padding: each space or NUL at the end as the other. Without the tag itself. */
export function paddedAlike(tag: Tag): Tag[] {
  let found: Tag[] = [tag];
  for (let shift = 24; shift > 0; shift -= 8) {
    const byte = (tag >>> shift) & 0xff;
    if (byte !== 0x20 && byte !== 0) break;
    const other = (byte === 0 ? 0x20 : 0) << shift;
    found = found.flatMap((each) => [each, ((each & ~(0xff << shift)) | other) >>> 0]);
  }
  return found.filter((each) => each !== tag);
}

/** The tag spelt from the other end: `'HTES'` in a C source lies in memory as `SETH`. */
export function reversedTag(tag: Tag): Tag {
  return tagFromBytes(tag >>> 24, (tag >>> 16) & 0xff, (tag >>> 8) & 0xff, tag & 0xff);
}
