// Every regular expression of the program is linear, or quadratic at most with a word beside it on why its input is short:
// `bounded: ...` in a comment on its line or the line above. recheck looks for texts on which one takes more than linear time.

import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "recheck";
import { parseAst } from "vite";
import { expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

interface Found {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
  readonly isBounded: boolean;
}

/** All regular expressions written as literals in one file. */
function literalsOf(file: string): Found[] {
  const text = readFileSync(join(root, file), "utf8");
  const lines = text.split("\n");
  const found: Found[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === "object" && node !== null) {
      const { regex, start } = node as { regex?: { pattern: string; flags: string }; start?: number };
      if (regex !== undefined && typeof start === "number") {
        const line = text.slice(0, start).split("\n").length;
        const beside = `${lines[line - 2] ?? ""}\n${lines[line - 1] ?? ""}`;
        found.push({
          where: `${file}:${line}`,
          source: regex.pattern,
          flags: regex.flags,
          isBounded: beside.includes("bounded: "),
        });
      } else Object.values(node).forEach(visit);
    }
  };
  visit(parseAst(stripTypeScriptTypes(text)));
  return found;
}

test("every regular expression is linear, or its input is short for a reason that stands beside it", async () => {
  const files = globSync("src/**/*.ts", { cwd: root }).filter((file) => !file.includes(".test"));
  const all = files.flatMap(literalsOf);
  expect(all.length).toBeGreaterThan(100);
  const slow: string[] = [];
  for (const { where, source, flags, isBounded } of all) {
    if (!/[*+]|\{\d+,\}/.test(source)) continue;
    const proof = await check(source, flags, { timeout: 5000, checker: "automaton" });
    // What the automaton does not know (look-behind) or finds too large is tried with texts that are made for it.
    const result = proof.status === "unknown" ? await check(source, flags, { timeout: 5000, checker: "fuzz" }) : proof;
    // On 4,000 characters a square is 16 million steps, a cube half a minute.
    if (result.status !== "vulnerable") continue;
    const { complexity } = result;
    if (!isBounded || complexity.type !== "polynomial" || complexity.degree > 2)
      slow.push(`${where}: /${source}/${flags}: ${result.complexity.summary}`);
  }
  expect(slow).toEqual([]);
}, 900_000);

test("the check finds what is quadratic and what is exponential", async () => {
  expect((await check("\\s+$", "")).status).toBe("vulnerable");
  expect((await check("^(a+)+$", "")).status).toBe("vulnerable");
  expect((await check("^[a-z]+ [0-9]+$", "")).status).toBe("safe");
});
