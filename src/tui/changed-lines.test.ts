import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellWidth } from "../reports/cells.ts";
import { changedLines } from "./changed-lines.ts";
import { Line, type Role } from "./style.ts";

const WIDTH = 24;
const LOOK = { color: true, unicode: true };

/** A terminal that knows what is written here: moves, colours, erasing to the end, characters of one and two cells. */
function written(screen: string[][], out: string): string[][] {
  const cells = screen.map((row) => [...row]);
  let row = 0;
  let column = 0;
  let colour = "";
  const put = (text: string): void => {
    for (const character of text) {
      (cells[row] ?? [])[column] = `${colour} ${character}`;
      if (cellWidth(character) === 2) (cells[row] ?? [])[column + 1] = "";
      column += cellWidth(character);
    }
  };
  const [first = "", ...parts] = out.split("\u001B[");
  put(first);
  for (const part of parts) {
    const [whole = "", code = "", kind = ""] = /^([\d;]*)([HKm])/.exec(part) ?? [];
    if (kind === "H") [row = 0, column = 0] = code.split(";").map((each) => Number(each) - 1);
    else if (kind === "m") colour = code === "0" ? "" : code;
    else for (let at = column; at < WIDTH; at++) (cells[row] ?? [])[at] = " ";
    put(part.slice(whole.length));
  }
  return cells;
}

const blank = (rows: number): string[][] =>
  Array.from({ length: rows }, () => Array.from({ length: WIDTH }, () => " "));

const role = fc.constantFrom<Role>("plain", "strong", "warn", "head", "alarm");
const piece = fc.tuple(fc.string({ unit: fc.constantFrom("a", "b", "1", " ", "…", "█", "日"), maxLength: 6 }), role);
const line = fc.tuple(fc.array(piece, { maxLength: 5 }), fc.boolean()).map(([pieces, isReversed]) => {
  const made = new Line(WIDTH, LOOK, isReversed);
  for (const [text, as] of pieces) made.put(text, as);
  return made.done();
});
const frame = fc.array(line, { minLength: 3, maxLength: 3 });

describe("changed lines", () => {
  test("whatever was there, the screen is what a fresh one would show", () => {
    fc.assert(
      fc.property(frame, frame, (before, after) => {
        const shown = written(written(blank(3), changedLines([], before)), changedLines(before, after));
        expect(shown).toEqual(written(blank(3), changedLines([], after)));
      }),
      { numRuns: 3000 },
    );
  });

  test("one number in a long line is a few bytes, nothing is nothing", () => {
    const row = (text: string): string =>
      new Line(80, LOOK).put("Even ", "strong").put(text).put(" tail".repeat(12), "dim").done();
    expect(changedLines([row("1234")], [row("1235")])).toMatch(/^.\[1;9H.\[0m5(?:.\[[\d;]*m)*$/);
    expect(changedLines([row("1234")], [row("1234")])).toBe("");
    expect(changedLines([row("1234")], [row("12345")])).toContain("\u001B[K");
  });
});
