// Entry of the program: finds the command, runs it, turns errors into one line and an exit code.
// The only place that ends the process.

import { CommanderError, type Command } from "commander";
import { isKnownError } from "../model/errors.ts";
import { visible } from "../reports/terminal-text.ts";
import { INTERNAL_ERROR, type ExitCode } from "./command.ts";
import { commands } from "./commands.ts";
import { processIo, type Io } from "./io.ts";
import { argumentsFor } from "./poolmon/arguments.ts";
import { keepWindow, processWindow } from "./keep-window.ts";
import { applyOutputOptions, withOwnEnvironment } from "./output-options.ts";
import { addCommands, createProgram } from "./program.ts";
import { VERSION } from "./version.ts";

/** Runs one command line (without node and script) and answers the exit code. */
export async function run(args: readonly string[], outside: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  const io = withOwnEnvironment(outside);
  const program = createProgram(io).hook("preAction", (_program, command) => {
    applyOutputOptions(command.opts(), io.env);
  });
  if (args.length === 0) return await runBare(program, io);
  if (args.length === 2 && args.includes("--json") && (args.includes("--version") || args.includes("-V"))) {
    io.stdout.write(`${JSON.stringify((await import("./made-of.ts")).readMadeOf())}\n`);
    return 0;
  }
  if (args.length === 1 && args[0] === "--licenses") {
    const { readNotices } = await import("./licenses.ts");
    io.stdout.write(readNotices());
    return 0;
  }
  if (args.length === 1 && args[0] === "--man") {
    const { renderManPage } = await import("./man-page.ts");
    await addCommands(program, Object.keys(commands), io);
    io.stdout.write(renderManPage(program, VERSION));
    return 0;
  }
  const name = args.find((arg) => !arg.startsWith("-"));
  const wanted = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands);
  await addCommands(program, wanted, io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (isKnownError(error)) {
      io.stderr.write(`poolscope: ${visible(error.message.replaceAll("\n", " "))}\n`);
      return 2;
    }
    io.stderr.write(internalError(error));
    return INTERNAL_ERROR;
  }
  return code;
}

/** Without a command: the live view on Windows, elsewhere the list of commands. */
async function runBare(program: Command, io: Io): Promise<ExitCode> {
  if (io.platform === "win32" && io.stdout.isTTY && Object.hasOwn(commands, "live")) return await run(["live"], io);
  await addCommands(program, Object.keys(commands), io);
  program.outputHelp();
  io.stdout.write("\nStart with `poolscope demo`: a sample investigation that runs anywhere.\n");
  return 0;
}

/** What is said of a bug: what happened, and where. */
function internalError(error: unknown): string {
  const lines = (error instanceof Error ? (error.stack ?? error.message) : String(error)).split("\n").map(visible);
  return `poolscope: internal error, please report it with these lines (poolscope ${VERSION}, Node ${process.version}):\n${lines.join("\n")}\n`;
}

/** Runs the command line of this process. `programPath` tells by which name it was started. */
export async function main(args: readonly string[], programPath = ""): Promise<void> {
  const io = processIo();
  // What is thrown where no command waits for it (a timer, a stream) would end Node with 1, which means that a leak was found.
  process.on("uncaughtException", (error) => {
    io.stderr.write(internalError(error));
    // oxlint-disable-next-line unicorn/no-process-exit -- after such an error nothing of the program can be relied on
    process.exit(INTERNAL_ERROR);
  });
  const asked = argumentsFor(programPath, args);
  const code = await run(asked, io);
  process.exitCode = code;
  await keepWindow(code, asked, io, processWindow);
}
