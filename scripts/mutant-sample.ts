// `npm run test:mutants:sample [-- FOLDER ...]`: a mutation run over a fixed sample of lines, 9 of every 192 of each file, for
// figures within the hour instead of a day. `--list` prints the sample. Folders: src/detect and src/attribution without any.

import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Lines of every stretch that are mutated, and the length of a stretch. */
const LINES = 9;
const STRETCH = 192;
/** Fewer lines at the end of a file hold hardly a mutant. */
const FEWEST_LINES = 4;

/** Where the first stretch of a file begins: from its path alone, so that another file moves nothing. */
export function offsetOf(path: string): number {
  let hash = 20261129;
  for (let i = 0; i < path.length; i++) hash = (Math.imul(hash, 31) + path.charCodeAt(i)) >>> 0;
  return hash % STRETCH;
}

/** The stretches of a file of so many lines, first and last line of each, from 1. */
export function stretchesOf(path: string, lines: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (let at = offsetOf(path) - STRETCH; at < lines; at += STRETCH) {
    const [from, to] = [Math.max(1, at), Math.min(lines, at + LINES)];
    if (to - from >= FEWEST_LINES - 1) found.push([from, to]);
  }
  return found;
}

function sampleOf(folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`)).filter((path) => !path.includes(".test"));
  return files
    .toSorted()
    .flatMap((path) =>
      stretchesOf(path, readFileSync(path, "utf8").split("\n").length).map(([from, to]) => `${path}:${from}-${to}`),
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const given = process.argv.slice(2).filter((each) => !each.startsWith("--"));
  const sample = sampleOf(given.length > 0 ? given : ["src/attribution", "src/detect"]);
  if (process.argv.includes("--list")) process.stdout.write(`${sample.join("\n")}\n`);
  else
    process.exitCode =
      spawnSync("npx", ["stryker", "run", "--mutate", sample.join(",")], { stdio: "inherit" }).status ?? 2;
}
