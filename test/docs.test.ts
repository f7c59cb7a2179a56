// Docs and code must agree: commands, sources and links.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";
import { fileFormats } from "../src/sources/registry.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

function pages(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? pages(join(folder, entry.name))
      : entry.name.endsWith(".md")
        ? [join(folder, entry.name)]
        : [],
  );
}

test("the README lists every command", () => {
  const readme = read("README.md");
  for (const name of Object.keys(commands)) expect(readme, name).toContain(`\`poolscope ${name}`);
});

test("every relative link of README, CONTRIBUTING and docs leads to a file", () => {
  for (const page of ["README.md", "CONTRIBUTING.md", ...pages("docs")]) {
    for (const [, target] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      expect(existsSync(join(root, dirname(page), target ?? "")), `${page} -> ${target}`).toBe(true);
    }
  }
});

test("npm scripts that the docs name exist", () => {
  const scripts = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts;
  for (const page of ["README.md", "CONTRIBUTING.md", ...pages("docs")]) {
    for (const [, name] of read(page).matchAll(/npm run (?:-s )?([a-z:]+)/g))
      expect(scripts, `${page}: ${name}`).toHaveProperty([name ?? ""]);
  }
});

test("the page of what is read lists the formats as the program knows them, and tests that exist", () => {
  const page = read("docs/sources/what-is-read.md");
  expect(page.replaceAll(/\s+/g, " ")).toContain(`${fileFormats.map(({ title }) => title).join("; ")}.`);
  const proofs = [...page.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = ""]) => path);
  expect(proofs.length).toBeGreaterThan(8);
  for (const path of proofs) expect(existsSync(join(root, path)), path).toBe(true);
});
