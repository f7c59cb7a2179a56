// The program as a tree of commands: what `--help`, completion and the manual page are made of.

import { Command } from "commander";
import type { Finish } from "./command.ts";
import { commandGroups, commands } from "./commands.ts";
import type { Io } from "./io.ts";
import { addOutputOptions } from "./output-options.ts";
import { VERSION } from "./version.ts";

/** Exit codes as the help, the manual page and the README tell them. */
export const EXIT_CODES: readonly (readonly [code: number, means: string])[] = [
  [0, "done"],
  [1, "leak found (where asked to fail on one)"],
  [2, "could not do it, with one line that says why"],
  [70, "internal error"],
];

const AFTER = `
Examples:
  poolscope demo                             a sample investigation, on any system
  poolscope live                             what holds the pool now (Windows)
  poolscope leaks logs/                      who leaks, out of PoolMon logs
  poolscope live --replay week.pool          a recording in the live view
  poolscope dump MEMORY.DMP                  when the machine has died

Exit codes: ${EXIT_CODES.map(([code, means]) => `${code} ${means}`).join(";\n  ")}.
\`poolscope COMMAND --help\` shows the options and examples of a command; \`poolscope --man\` prints the manual page.`;

/** The program without its commands. */
export function createProgram(io: Io): Command {
  return new Command("poolscope")
    .description("Tells which Windows driver is eating kernel memory, how fast, and when it runs out.")
    .version(VERSION)
    .option("--licenses", "print the licences of the packages of others that come with it")
    .option("--man", "print the manual page of all commands, for man -l -")
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => Math.min(io.stdout.columns, 100),
      getErrHelpWidth: () => Math.min(io.stderr.columns, 100),
      outputError: (text, write) =>
        write(
          `poolscope: ${text
            .replace(/^error: /, "")
            .trim()
            .replaceAll("\n", " ")}; see \`poolscope --help\`\n`,
        ),
    })
    .addHelpText("after", AFTER)
    .enablePositionalOptions();
}

/** Adds commands by their names. */
export async function addCommands(
  program: Command,
  names: readonly string[],
  io: Io,
  finish: Finish = () => {},
): Promise<void> {
  for (const name of names) {
    const load = commands[name];
    if (load === undefined) continue;
    (await load()).addCommand(program, io, finish);
    const added = program.commands.at(-1);
    if (added === undefined) continue;
    addOutputOptions(added);
    const group = commandGroups.find(({ names: members }) => members.includes(name));
    if (group !== undefined) added.helpGroup(`${group.title}:`);
  }
}
