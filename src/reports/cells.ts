// How wide text is on a terminal, in cells.

/** Cells a character takes: 0 for combining marks, 2 for wide East Asian and emoji blocks, else 1. */
function cellsOf(code: number): 0 | 1 | 2 {
  if (code < 0x300) return 1;
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || code === 0xfeff) return 0;
  if (code >= 0xfe00 && code <= 0xfe0f) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Whether a UTF-16 unit is printable ASCII or one of our own marks (arrows, bars, braille): one cell, harmless. */
export function isSimpleUnit(code: number): boolean {
  return (
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0x2500 && code <= 0x25cf) ||
    (code >= 0x2800 && code <= 0x28ff) ||
    (code >= 0x2190 && code <= 0x2193) ||
    code === 0xb7 ||
    code === 0x2026
  );
}

/** Whether all of the text is of such units. */
export function isSimple(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isSimpleUnit(text.charCodeAt(i))) return false;
  return true;
}

/** Width of text in terminal cells; control characters count as one. */
export function cellWidth(text: string): number {
  if (isSimple(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellsOf(character.codePointAt(0) ?? 0);
  return width;
}

/** The longest beginning of clean text that fits into `width` cells. */
export function cut(text: string, width: number): string {
  if (isSimple(text)) return text.length <= width ? text : text.slice(0, Math.max(0, width));
  let cells = 0;
  let end = 0;
  for (const character of text) {
    cells += cellsOf(character.codePointAt(0) ?? 0);
    if (cells > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}
