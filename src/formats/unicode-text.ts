// The text behind Latin-1 characters that hold UTF-8: what a line says to people, where its bytes are more than ASCII.

const MULTIBYTE = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

/** Valid UTF-8 sequences as characters; every other byte stays the Latin-1 character it is. */
export function unicodeOf(text: string): string {
  return text.replace(MULTIBYTE, (bytes) => {
    const lead = bytes.charCodeAt(0);
    let code = lead & (bytes.length === 2 ? 0x1f : bytes.length === 3 ? 0x0f : 0x07);
    for (let i = 1; i < bytes.length; i++) code = (code << 6) | (bytes.charCodeAt(i) & 0x3f);
    return code <= 0x10ffff ? String.fromCodePoint(code) : bytes;
  });
}

/** The same line with `?` for every character above U+00FF, so that columns stay where they were. */
export function columnText(text: string): string {
  return text.replace(MULTIBYTE, (bytes) => {
    const [char] = unicodeOf(bytes);
    return char !== undefined && char.charCodeAt(0) <= 0xff ? char : "?";
  });
}
