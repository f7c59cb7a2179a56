// `poolscope completion SHELL`: a completion script made from the commands and options themselves.

import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { CommandModule, Finish } from "./command.ts";
import type { Io } from "./io.ts";

type Words = ReadonlyMap<string, readonly string[]>;

const SCRIPTS: Readonly<Record<string, (words: Words) => string>> = { bash, zsh, fish, powershell };

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  program
    .command("completion")
    .description(`prints a completion script for ${Object.keys(SCRIPTS).join(", ")}`)
    .argument("<shell>", Object.keys(SCRIPTS).join(", "))
    .addHelpText(
      "after",
      `
Examples:
  source <(poolscope completion bash)
  poolscope completion powershell | Out-String | Invoke-Expression`,
    )
    .action(async (shell: string) => {
      const script = SCRIPTS[shell];
      if (script === undefined)
        throw new UsageError(`no completion for ${JSON.stringify(shell)}; there is ${Object.keys(SCRIPTS).join(", ")}`);
      io.stdout.write(script(await wordsOfAll(io)));
    });
}

/** Every command with its long options. */
async function wordsOfAll(io: Io): Promise<Words> {
  const { Command: CommandClass } = await import("commander");
  const { commands } = await import("./commands.ts");
  const root = new CommandClass("poolscope").enablePositionalOptions();
  for (const load of Object.values(commands)) {
    const module: CommandModule = await load();
    module.addCommand(root, io, () => {});
  }
  return new Map(
    root.commands.map((command) => [
      command.name(),
      command.options.map((option) => option.long ?? "").filter((long) => long !== ""),
    ]),
  );
}

function bash(words: Words): string {
  const cases = [...words].map(([name, options]) => `    ${name}) words="${options.join(" ")} --help" ;;`).join("\n");
  return `# poolscope completion for bash
_poolscope() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases}
    *) words="${[...words.keys()].join(" ")} --help --version" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${[...words.keys()].join(" ")} --help --version"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _poolscope poolscope
`;
}

function zsh(words: Words): string {
  return `# poolscope completion for zsh
autoload -U +X bashcompinit && bashcompinit
${bash(words)}`;
}

function fish(words: Words): string {
  const lines = [...words].flatMap(([name, options]) => [
    `complete -c poolscope -n __fish_use_subcommand -a ${name}`,
    ...options.map((option) => `complete -c poolscope -n "__fish_seen_subcommand_from ${name}" -l ${option.slice(2)}`),
  ]);
  return `# poolscope completion for fish\n${lines.join("\n")}\n`;
}

function powershell(words: Words): string {
  const table = [...words]
    .map(([name, options]) => `    '${name}' = @(${options.map((option) => `'${option}'`).join(", ")})`)
    .join("\n");
  return `# poolscope completion for PowerShell
Register-ArgumentCompleter -Native -CommandName poolscope -ScriptBlock {
  param($word, $ast, $position)
  $words = @{
${table}
  }
  $elements = @($ast.CommandElements | ForEach-Object { $_.ToString() })
  $list = if ($elements.Count -gt 1 -and $words.ContainsKey($elements[1])) { $words[$elements[1]] } else { $words.Keys }
  $list | Where-Object { $_ -like "$word*" } | Sort-Object | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`;
}
