// Text for terminals and files: hostile bytes made visible, lines wrapped, words painted only where asked for.

import { cellWidth } from "./cells.ts";

/** Paints a word; every function is the identity where colour is off. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly alarm: (text: string) => string;
  readonly caution: (text: string) => string;
  readonly good: (text: string) => string;
}

const same = (text: string): string => text;
export const plainPaint: Paint = { bold: same, dim: same, alarm: same, caution: same, good: same };

const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001B[${on}m${text}\u001B[${off}m`;

/** ANSI colours that stay readable on light and dark grounds; nothing is told by colour alone. */
export const ansiPaint: Paint = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  alarm: (text) => `\u001B[1;31m${text}\u001B[0m`,
  caution: sgr(33, 39),
  good: sgr(36, 39),
};

/** Makes control characters, escapes and bidirectional overrides visible, so that a name from a file cannot drive a terminal. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}}`,
  );
}

/** What we send to a terminal ourselves: the colours of {@link ansiPaint}, line ends, tabs, and a status line drawn anew. */
const OURS = "\u001B\\[(?:0|1|2|22|33|36|39|1;31)m|\r\u001B\\[K|\r\n|[\n\t]";
const IS_OURS = new RegExp(`^(?:${OURS})$`, "u");
const OURS_OR_HOSTILE = new RegExp(`${OURS}|[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]`, "gu");
const HARMLESS = /^[\x20-\x7e\n]*$/;

/**
 * The last thing that happens to text on its way to a terminal or a log, whoever made it: all that is not our own colour or
 * line end and could drive a terminal is made {@link visible}. Content is made visible where it enters a sentence; this
 * holds what was forgotten there.
 */
export function safeForTerminal(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(OURS_OR_HOSTILE, (found) => (IS_OURS.test(found) ? found : visible(found)));
}

/** Wraps a sentence at blanks to lines of at most `width` cells; a longer word stays whole. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && cellWidth(line) + 1 + cellWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** A label in a column of its own and the text beside it, wrapped under itself; a longer label has a line of its own. */
export function labelled(label: string, text: string, width: number, indent = 3, labelWidth = 10): string {
  const room = Math.max(20, width - indent - labelWidth);
  const lead = " ".repeat(indent);
  const isLong = label.length >= labelWidth;
  return [...(isLong ? [""] : []), ...wrapText(text, room)]
    .map((line, index) => `${lead}${(index === 0 ? label : "").padEnd(labelWidth)}${line}`.trimEnd())
    .join("\n");
}
