import fc from "fast-check";
import { expect, test } from "vitest";
import { readMarkup } from "./markup.ts";

test("rows of a table become lines of cells, preformatted text stays", () => {
  const { lines, repairs } = readMarkup([
    "<table><tr><td>AcmA</td><td>Nonp</td></tr>",
    "<tr><td>AcmB</td></tr></table>",
  ]);
  expect(lines.map((line) => line.trim()).filter((line) => line !== "")).toEqual(["AcmA\tNonp", "AcmB"]);
  expect(repairs).toEqual([{ kind: "markup", lines: 2 }]);
  expect(readMarkup(["<pre>", " AcmA  Nonp  1 < 2", "</pre>"]).lines).toContain(" AcmA  Nonp  1 < 2");
});

test("text that begins with no page stays as it is", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (lines) => {
      const plain = ["Tag Type Allocs", ...lines];
      expect(readMarkup(plain)).toEqual({ lines: plain, repairs: [] });
    }),
  );
});

test("of any page no known mark is left, words between the marks stay, and no line is dropped", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9]{1,8}$/);
  fc.assert(
    fc.property(fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }), (rows) => {
      const page = rows.map((cells) => `<tr>${cells.map((cell) => `<td class="x">${cell}</td>`).join("")}</tr>`);
      const { lines } = readMarkup(["<html>", ...page]);
      expect(lines.join("\n")).not.toMatch(/[<>]/);
      expect(lines.flatMap((line) => line.split("\t")).filter((cell) => cell.trim() !== "")).toEqual(rows.flat());
    }),
  );
});
