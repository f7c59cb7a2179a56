// Help texts against the program: examples are lines that it takes, one thing has one name, and the manual page is made of it.

import { spawnSync } from "node:child_process";
import { Command, type Option } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import { commandGroups, commands } from "../../src/cli/commands.ts";
import { addCommands, createProgram } from "../../src/cli/program.ts";
import { entry, runCli } from "./run-cli.test-support.ts";

const silent = { isTTY: false, columns: 100, write: () => {} };
const io = { stdout: silent, stderr: silent, env: {}, platform: "linux", now: () => 0 };

async function wholeProgram(): Promise<Command> {
  const program = createProgram(io);
  await addCommands(program, Object.keys(commands), io);
  return program;
}

/** Lines after "Examples:" up to the next empty line. */
function examplesOf(help: string): string[] {
  const lines = (help.split(/^Examples:$/m)[1] ?? "").split("\n").slice(1);
  const end = lines.indexOf("");
  return (end < 0 ? lines : lines.slice(0, end)).map((line) => line.trim());
}

/** The words of the part of an example that starts poolscope: without its comment, pipes and files. */
function wordsOf(example: string): string[] | undefined {
  const line = /(?:^|\(|\| )(poolscope [^|>)]*)/.exec(example)?.[1]?.split(/\s{2,}(?![^']*')/)[0] ?? "";
  if (line === "") return undefined;
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "").slice(1);
}

describe("examples", () => {
  test("every command has some, and the program takes each of them as it stands", async () => {
    for (const name of Object.keys(commands)) {
      const { code, stdout } = runCli([name, "--help"]);
      expect(code, name).toBe(0);
      const examples = examplesOf(stdout);
      expect(examples.length, `${name}: ${stdout}`).toBeGreaterThan(0);
      for (const words of examples.map(wordsOf)) {
        if (words === undefined) continue;
        const program = await wholeProgram();
        for (const command of program.commands) command.exitOverride().action(() => {});
        await expect(program.parseAsync(words, { from: "user" }), words.join(" ")).resolves.toBeDefined();
      }
      expect(
        examples.some((line) => wordsOf(line)?.[0] === name),
        name,
      ).toBe(true);
    }
  }, 120_000);

  test("no line of a help text is wider than a wide terminal", () => {
    for (const name of ["", ...Object.keys(commands)]) {
      const wide = runCli([...(name === "" ? [] : [name]), "--help"])
        .stdout.split("\n")
        .filter((line) => line.length > 175);
      expect(wide, name).toEqual([]);
    }
  }, 120_000);
});

describe("one name for one thing", () => {
  let options: { command: string; option: Option }[] = [];
  beforeAll(async () => {
    options = (await wholeProgram()).commands.flatMap((command) =>
      command.options.filter(({ hidden }) => !hidden).map((option) => ({ command: command.name(), option })),
    );
  });

  test("an option takes the same kind of value in every command", () => {
    const kinds = new Map<string, Set<string>>();
    for (const { option } of options) {
      const kind = /<([\w/-]+)/.exec(option.flags)?.[1] ?? "";
      kinds.set(option.long ?? "", (kinds.get(option.long ?? "") ?? new Set()).add(kind));
    }
    const several = [...kinds]
      .filter(([, set]) => set.size > 1)
      .map(([flag, set]) => `${flag}: ${[...set].sort().join(", ")}`);
    // `trace` records one tag each; `--fail-on` of a driver names a level.
    expect(several.toSorted()).toEqual(["--fail-on: level, what", "--tag: pattern, tag"]);
  });

  test("time between measurements is --every, a machine is --machine, everywhere", () => {
    const flags = options.map(({ option }) => option.long);
    expect(flags).not.toContain("--host");
    expect(options.filter(({ option }) => option.long === "--every").map(({ command }) => command)).toEqual([
      "record",
      "live",
      "serve",
    ]);
    const interval = new Set(
      options.filter(({ option }) => option.long === "--interval").map(({ option }) => option.description),
    );
    expect([...interval]).toEqual(["how far apart snapshots are where files tell no times"]);
  });

  test("older spellings are understood as the newer ones, and shown nowhere", async () => {
    for (const [old, now] of [
      [["leaks", "x", "--host", "A"], { machine: "A" }],
      [["serve", "--host", "0.0.0.0"], { listen: "0.0.0.0" }],
      [["live", "--interval", "5s"], { interval: "5s" }],
    ] as const) {
      const program = await wholeProgram();
      const command = program.commands.find((each) => each.name() === old[0]) ?? new Command();
      command.action(() => {});
      await program.parseAsync(old, { from: "user" });
      expect(command.opts(), old.join(" ")).toMatchObject(now);
    }
    expect(runCli(["leaks", "--help"]).stdout).not.toContain("--host");
  });
});

test("every command is in one group of the list", () => {
  expect(commandGroups.flatMap(({ names }) => names).toSorted()).toEqual(Object.keys(commands).toSorted());
});

describe("the manual page", () => {
  test("has every command, every option and every example, and no option that is hidden", async () => {
    const page = runCli(["--man"]).stdout.replaceAll("\\-", "-").replaceAll("\\(aq", "'").replaceAll("\\e", "\\");
    for (const command of (await wholeProgram()).commands) {
      expect(page).toContain(`.SS ${command.name()}`);
      for (const { flags, hidden } of command.options) {
        if (hidden) expect(page).not.toContain(`.B ${flags}`);
        else expect(page).toContain(`.B ${flags}`);
      }
      for (const line of examplesOf(runCli([command.name(), "--help"]).stdout))
        expect(page).toContain(line.replaceAll("`", "\\(ga").replaceAll("~", "\\(ti"));
    }
  }, 120_000);

  test("groff formats it without a warning", () => {
    const { status } = spawnSync("groff", ["--version"]);
    if (status !== 0) {
      console.warn("no groff: the manual page is not formatted");
      return;
    }
    const { stdout, stderr } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-P-c"], {
      input: spawnSync(process.execPath, [entry, "--man"]).stdout,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    // Bold is a letter struck twice.
    const text = stdout
      .split("\b")
      .map((part, at, all) => (at < all.length - 1 ? part.slice(0, -1) : part))
      .join("");
    expect(text.replaceAll(/ +/g, " ")).toContain("tells which Windows driver");
    expect(text).toContain("--fail-on-leak");
  });
});
