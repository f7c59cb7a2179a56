// docs/detection.md says what the code and the last measurement say: certainty, thresholds, what was found.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import measured from "../bench/measured.json" with { type: "json" };
import { renderMeasured, splitPage, type Measured } from "../bench/measured-table.ts";
import { CALIBRATION } from "../src/detect/findings/calibration-table.ts";

const root = join(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs/detection.md"), "utf8");

test("docs/detection.md shows the counts that certainty is read from", () => {
  const sums = new Map<string, { right: number; all: number }>();
  for (const [cell, right, all] of CALIBRATION) {
    const name = cell.split(" | ").slice(0, 3).join(", ");
    const sum = sums.get(name) ?? { right: 0, all: 0 };
    sums.set(name, { right: sum.right + right, all: sum.all + all });
  }
  expect(sums.size).toBeGreaterThan(6);
  for (const [name, { right, all }] of sums) {
    expect(page).toMatch(new RegExp(`\\| ${name} +\\| ${right} of ${all} +\\|`));
  }
});

/** Cells of a Markdown table, trimmed, without its two head rows and whatever its columns are padded to. */
function cellsOf(table: string): string[][] {
  return table
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^-+$/, "---")),
    );
}

/** The ways in which a page may write a number: as it is, as a power of e, as a percentage. */
function waysToWrite(value: number): readonly string[] {
  const plain = String(value).replace(/^0\./, ".");
  return [plain, `e^${value}`, `e^${plain}`, `${Math.round(value * 100)} %`];
}

test("every threshold of docs/detection.md is the number in the code that it names", () => {
  const section = page.slice(page.indexOf("## Thresholds"), page.indexOf("## Measured"));
  const rows = cellsOf(section).slice(2);
  expect(rows.length).toBeGreaterThan(10);
  for (const [threshold = "", value = "", reason = "", code = ""] of rows) {
    const [, file = "", names = ""] = /^`([^`]+)` ([A-Z_, ]+)$/.exec(code) ?? [];
    const source = readFileSync(join(root, "src/detect", file), "utf8");
    for (const name of names.split(", ")) {
      const [, number = "", divisor = "1"] =
        new RegExp(`^(?:export )?const ${name} = ([\\d.]+)(?: / (\\d+))?;$`, "m").exec(source) ?? [];
      expect(number, `${file}: ${name}`).not.toBe("");
      const words = `${value}, ${reason}`.split(/(?<= %)|[ ,]+(?!%)/).map((word) => word.trim());
      expect(words, `${threshold}: ${name}`).toEqual(
        expect.arrayContaining([expect.toBeOneOf([...waysToWrite(Number(number) / Number(divisor))])]),
      );
    }
  }
});

test("the table of what was found is that of the last measurement", () => {
  const [, table] = splitPage(page);
  expect(cellsOf(table)).toEqual(cellsOf(renderMeasured(measured as unknown as readonly Measured[])));
});
