// `poolscope completion SHELL`: a completion script, and what such a script asks: which words can stand at the cursor.

import { Option, type Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { Finish } from "./command.ts";
import { commands } from "./commands.ts";
import { candidatesAt } from "./completion/candidates.ts";
import { FILES_LINE, SCRIPTS } from "./completion/scripts.ts";
import type { Io } from "./io.ts";
import { addCommands, createProgram } from "./program.ts";

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  const shells = Object.keys(SCRIPTS).join(", ");
  program
    .command("completion")
    .description(`prints a completion script for ${shells}`)
    .argument("[shell...]", shells)
    .usage("[options] <shell>")
    .addOption(new Option("--words", "asked by the scripts: the words that can stand at the cursor").hideHelp())
    .addHelpText(
      "after",
      `
It completes commands, options, values such as the keys of --sort, the questions to a dump, and names of files.

Examples:
  source <(poolscope completion bash)                                     in ~/.bashrc
  source <(poolscope completion zsh)                                      in ~/.zshrc
  poolscope completion fish > ~/.config/fish/completions/poolscope.fish
  poolscope completion powershell | Out-String | Invoke-Expression        in $PROFILE`,
    )
    .action(async (given: readonly string[], options: { readonly words?: true }) => {
      if (options.words === true) {
        io.stdout.write(await answer(given, io));
        return;
      }
      const [shell] = given;
      if (shell === undefined || given.length > 1)
        throw new UsageError(`completion: name your shell, one of ${shells}`);
      const script = SCRIPTS[shell];
      if (script === undefined) throw new UsageError(`no completion for ${JSON.stringify(shell)}; there is ${shells}`);
      io.stdout.write(script);
    });
}

/** The lines that a script reads; see completion/scripts.ts. */
async function answer(given: readonly string[], io: Io): Promise<string> {
  const before = given.slice(0, -1).filter((word) => word !== "");
  const current = given.at(-1)?.replace(/^=/, "") ?? "";
  const [name] = before;
  const program = createProgram(io);
  // Only what is asked about is loaded: a shell waits for it.
  const wanted = Object.keys(commands).filter((each) =>
    name === undefined ? each.startsWith(current) : each === name,
  );
  await addCommands(program, wanted, io);
  const { words, files } = candidatesAt(program, before, current);
  const lines = words.map(({ word, about }) => (about === "" ? word : `${word}\t${about}`));
  return [...lines, ...(files ? [FILES_LINE] : [])].map((line) => `${line}\n`).join("");
}
