// The README line by line, as far as a program can check it: every command line is one that the program takes, every option
// and exit code it names exists, and figures stand elsewhere in the docs. The frame is held by tui-docs.test.ts.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Command } from "commander";
import { commands } from "../src/cli/commands.ts";
import { addCommands, createProgram, EXIT_CODES } from "../src/cli/program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");
const silent = { isTTY: false, columns: 100, write: () => {} };
const io = { stdout: silent, stderr: silent, env: {}, platform: "linux", now: () => 0 };

async function wholeProgram(): Promise<Command> {
  const program = createProgram(io);
  await addCommands(program, Object.keys(commands), io);
  for (const command of program.commands) command.exitOverride().action(() => {});
  return program;
}

/** Words of a line that starts poolscope, what follows two blanks (a comment) left out. */
function wordsOf(line: string): string[] {
  const typed =
    line
      .replace(/ [|>] .*$/, "")
      .replace(/^npm run -s poolscope -- /, "poolscope ")
      .split(/ {2,}/)[0] ?? "";
  return [...typed.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "").slice(1);
}

/** Lines of code blocks and code spans that call the program with something. */
const typed = [
  ...readme
    .split("```")
    .filter((_, at) => at % 2 === 1)
    .join("\n")
    .split("\n"),
  ...[...readme.replaceAll(/```[\s\S]*?```/g, "").matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span),
].filter((line) => /^(?:poolscope|npm run -s poolscope --) \S/.test(line));

describe("command lines", () => {
  test("there are many of them", () => {
    expect(typed.length).toBeGreaterThan(40);
  });

  test.each([...new Set(typed)])("%s", async (line) => {
    const words = wordsOf(line).filter((word) => word !== "ARGS");
    // Left-out operands of the table (`[SOURCE]`, `FILE..`) are words like any other to the program.
    const plain = words.map((word) => word.replaceAll(/[[\]]/g, ""));
    // A command that is only named, without what it needs.
    if (plain.length < 2 || plain.includes("--help") || plain.includes("--man")) return;
    await expect((await wholeProgram()).parseAsync(plain, { from: "user" })).resolves.toBeDefined();
  });
});

describe("what it names", () => {
  let flags: ReadonlySet<string>;
  beforeAll(async () => {
    const program = await wholeProgram();
    flags = new Set([program, ...program.commands].flatMap(({ options }) => options.map(({ long }) => long ?? "")));
  });

  test("every option exists", () => {
    // Of npm and of the program's own help.
    const others = new Set(["--help", "--json"]);
    const named = [...readme.matchAll(/(?<![\w-])--[a-z][\w-]+/g)].map(([flag]) => flag);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((flag) => !flags.has(flag) && !others.has(flag))).toEqual([]);
  });

  test("every exit code is told as the help tells it", () => {
    const text = readme.replaceAll(/\s+/g, " ");
    for (const [code, means] of EXIT_CODES) expect(text).toContain(`${code} ${means}`);
  });

  test("--json is there on every command that the README says has a result", async () => {
    const without = (await wholeProgram()).commands
      .filter(({ options }) => !options.some(({ long }) => long === "--json"))
      .map((command) => command.name());
    // They make a file, a server, a stream, a script or PoolMon's own output; snapshot and compare choose by --format.
    const reasons = [
      "record",
      "serve",
      "report",
      "mcp",
      "poolmon",
      "collector",
      "completion",
      "export",
      "import",
      "snapshot",
      "issue",
    ];
    expect(without.filter((name) => !reasons.includes(name))).toEqual([]);
  });
});

describe("the picture", () => {
  test("is a screen wide enough for charts beside the findings", () => {
    const [, path = ""] = /!\[[^\]]+\]\(([^)]+)\)/.exec(readme) ?? [];
    const png = readFileSync(root + path);
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBeGreaterThanOrEqual(1500);
  });
});

test("figures of how sure it is are those of the page on detection, of the recordings kept aside", () => {
  const detection = readFileSync(`${root}docs/detection.md`, "utf8");
  const rowOf = (head: string): string[] =>
    (detection.split("\n").find((line) => line.startsWith(head)) ?? "").split("|").map((cell) => cell.trim());
  const families = rowOf("|  ").flatMap((family, at) =>
    family.includes("kept aside") && !family.startsWith("real") ? [at] : [],
  );
  expect(families.length).toBeGreaterThan(2);
  const aside = (row: string): string[] => families.map((at) => rowOf(`| ${row}`)[at] ?? "");
  const shares = aside("precision, recall").map((cell) => [...cell.matchAll(/\.(\d\d)/g)].map(([, share]) => share));
  const clean = aside("clean recordings").map((cell) => [...cell.matchAll(/\d+/g)].map(Number));
  const sum = (at: number): number => clean.reduce((total, each) => total + (each[at] ?? Number.NaN), 0);
  const text = readme.replaceAll(/\s+/g, " ");
  const right = shares.map(([precision]) => Number(precision));
  const found = shares.map(([, recall]) => Number(recall));
  expect(text).toContain(`${Math.min(...right)} to ${Math.max(...right)} of 100 tags called a leak are one`);
  expect(text).toContain(`${Math.min(...found)} to ${Math.max(...found)} of 100 leaks are found`);
  expect(text).toContain(`${sum(0)} of ${sum(1)} recordings without a leak raise an alarm`);
});
