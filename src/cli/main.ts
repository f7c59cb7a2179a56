// Entry of the program: finds the command, runs it, turns errors into one line and an exit code.
// The only place that ends the process.

import { Command, CommanderError } from "commander";
import { isKnownError } from "../model/errors.ts";
import { commands, type ExitCode } from "./command.ts";
import { argumentsFor } from "./poolmon/arguments.ts";
import { processIo, type Io } from "./io.ts";
import { VERSION } from "./version.ts";

/** Runs one command line (without node and script) and answers the exit code. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command("poolscope")
    .description("Tells which Windows driver is eating kernel memory, how fast, and when it runs out.")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(see `poolscope --help`)")
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .enablePositionalOptions();
  const name = args.find((arg) => !arg.startsWith("-"));
  const wanted = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands);
  for (const each of wanted) {
    const load = commands[each];
    if (load === undefined) continue;
    (await load()).addCommand(program, io, (result) => {
      code = result;
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!isKnownError(error)) throw error;
    io.stderr.write(`poolscope: ${error.message.replaceAll("\n", " ")}\n`);
    return 2;
  }
  return code;
}

/** Runs the command line of this process. `programPath` tells by which name it was started. */
export async function main(args: readonly string[], programPath = ""): Promise<void> {
  process.exitCode = await run(argumentsFor(programPath, args), processIo());
}
