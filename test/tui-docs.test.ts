// docs/live-view.md and the view must agree: its tables of keys, the verdicts' words, and the frame it shows.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { KEY_LIST } from "../src/tui/key-list.ts";
import { STATE_WORDS } from "../src/words/states.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(`${root}docs/live-view.md`, "utf8");

/** Rows of all tables under a heading, cells trimmed. */
function rowsUnder(heading: string): string[][] {
  const section = page.split(new RegExp(`^### ${heading}$`, "m"))[1]?.split(/^#/m)[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

test("every key is in the docs as the help says it, and no other", () => {
  for (const group of new Set(KEY_LIST.map((entry) => entry.group))) {
    expect(rowsUnder(group)).toEqual(
      KEY_LIST.filter((entry) => entry.group === group).map((entry) => [entry.shown, entry.does]),
    );
  }
});

test("every word of the verdict column is explained", () => {
  for (const word of Object.values(STATE_WORDS)
    .map((each) => each.word)
    .filter((each) => each !== ""))
    expect(page).toContain(`| \`${word}\``);
});

test("the frame in the docs and the README is what the program prints", () => {
  const printed = execFileSync(
    process.execPath,
    ["bin/poolscope.mjs", "live", "--replay", "data/samples/event-leak.csv.gz", "--once", "--size", "100x14"],
    { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", LC_ALL: "C.UTF-8" } },
  );
  // Rates move with the detector's arithmetic: the line of the suspect and all digits are left out of the comparison.
  const shape = (text: string): string[] =>
    stripVTControlCharacters(text)
      .split("\n")
      .map((line) => line.trimEnd().replaceAll(/[0-9]/g, "0"))
      .filter((line) => line !== "" && !line.includes("Tab Enter: why"));
  const lines = shape(printed);
  expect(lines.length).toBeGreaterThan(10);
  for (const file of ["README.md", "docs/live-view.md"]) {
    expect(shape(readFileSync(root + file, "utf8")).join("\n"), file).toContain(lines.join("\n"));
  }
});
