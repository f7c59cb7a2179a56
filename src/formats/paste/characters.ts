// Characters that web pages, mail programs and spreadsheets put into text: entities, special spaces, curly quotes.

import type { Repair } from "../../model/intake.ts";
import type { Repaired } from "./repaired.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: "\u00a0",
  "#160": "\u00a0",
  "#xa0": "\u00a0",
  "#8239": "\u202f",
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  "#34": '"',
  "#39": "'",
  apos: "'",
};

/** Stands between groups of digits where the text has a space that does not break: the number goes on. */
export const GROUP_SPACE = "\u00a0";

export function cleanCharacters(lines: readonly string[]): Repaired {
  let colours = 0;
  let entities = 0;
  let spaces = 0;
  const out = lines.map((line) => {
    let text = line;
    if (text.includes("\u001b[")) {
      // eslint-disable-next-line no-control-regex -- SGR of ECMA-48, 8.3.117: colours of a terminal
      text = text.replace(/\u001b\[[\d;]{0,20}[A-Za-z]/g, "");
      colours += 1;
    }
    if (/&(?:#?\w{2,6});/.test(text)) {
      const plain = text.replace(/&(#?\w{2,6});/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
      if (plain !== text) entities += 1;
      text = plain;
    }
    if (/[\u00a0\u2000-\u200f\u202f\u205f\u2018-\u201f\u3000\ufeff]/.test(text)) {
      const plain = text
        .replace(/[\u200b-\u200f\ufeff]/g, "")
        .replace(/(?<=\d)[\u00a0\u2007\u2008\u2009\u202f](?=\d{3}(?!\d))/g, "\u0001")
        .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " ")
        .replaceAll("\u0001", GROUP_SPACE)
        .replace(/[\u201c\u201d\u201e]/g, '"')
        .replace(/[\u2018\u2019]/g, "'");
      if (plain !== text) spaces += 1;
      text = plain;
    }
    return text;
  });
  const repairs: Repair[] = [];
  if (colours > 0) repairs.push({ kind: "colours", lines: colours });
  if (entities > 0) repairs.push({ kind: "entities", lines: entities });
  if (spaces > 0) repairs.push({ kind: "special-spaces", lines: spaces });
  return { lines: out, repairs };
}
