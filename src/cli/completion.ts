// `poolscope completion SHELL`: a completion script made from the commands and options themselves.

import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { CommandModule, Finish } from "./command.ts";
import type { Io } from "./io.ts";

/** What can follow a command: its options, the values of those that have few, and words such as the questions to a dump. */
interface Follows {
  readonly options: readonly string[];
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
}

type Words = ReadonlyMap<string, Follows>;

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

/** Every command with what can follow it, read from the commands themselves. */
async function wordsOfAll(io: Io): Promise<Words> {
  const { Command: CommandClass } = await import("commander");
  const { commands } = await import("./commands.ts");
  const root = new CommandClass("poolscope").enablePositionalOptions();
  for (const load of Object.values(commands)) {
    const module: CommandModule = await load();
    module.addCommand(root, io, () => {});
  }
  return new Map(root.commands.map((command) => [command.name(), followsOf(command)]));
}

function followsOf(command: Command): Follows {
  const values = new Map<string, readonly string[]>();
  for (const { long, argChoices, description } of command.options) {
    const listed = argChoices ?? listedWords(description);
    if (long !== undefined && long !== null && listed.length > 0) values.set(long, listed);
  }
  return {
    options: [...command.options.map(({ long }) => long ?? "").filter((long) => long !== ""), "--help"],
    values,
    words: command.registeredArguments.flatMap(({ argChoices, description }) => argChoices ?? listedWords(description)),
  };
}

/** The words that a description lists as what can be given: `one of a, b, c`, `a, b or c`; empty where it lists none. */
export function listedWords(description: string): readonly string[] {
  const list = /^(?:(?:for \w+: )?one of )?([A-Za-z][\w-]*(?:, [A-Za-z][\w-]*)+(?: or [A-Za-z][\w-]*)?)(?=$|;|\.)/.exec(
    description,
  );
  const two = /^([a-z][\w-]*) or ([a-z][\w-]*)$/.exec(description);
  if (two !== null) return two.slice(1);
  return list?.[1]?.split(/, | or /) ?? [];
}

function bash(words: Words): string {
  const cases = [...words].map(([name, { options, words: more, values }]) => {
    const ofOptions = [...values].map(([option, list]) => `        ${option}) words="${list.join(" ")}" ;;`);
    return [
      `    ${name})`,
      `      words="${[...options, ...more].join(" ")}"`,
      ...(ofOptions.length === 0 ? [] : [`      case "$before" in`, ...ofOptions, "      esac"]),
      "      ;;",
    ].join("\n");
  });
  return `# poolscope completion for bash
_poolscope() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="" words=""
  if [ "$COMP_CWORD" -gt 1 ]; then
    before="\${COMP_WORDS[COMP_CWORD-1]}"
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  else
    words="${[...words.keys()].join(" ")} --help --version"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _poolscope poolscope
`;
}

function zsh(words: Words): string {
  return `# poolscope completion for zsh
autoload -U +X compinit && compinit -u
autoload -U +X bashcompinit && bashcompinit
${bash(words)}`;
}

function fish(words: Words): string {
  const lines = [...words].flatMap(([name, { options, values, words: more }]) => {
    const on = `complete -c poolscope -n "__fish_seen_subcommand_from ${name}"`;
    return [
      `complete -c poolscope -n __fish_use_subcommand -a ${name}`,
      ...options.map((option) => {
        const list = values.get(option);
        return `${on} -l ${option.slice(2)}${list === undefined ? "" : ` -x -a "${list.join(" ")}"`}`;
      }),
      ...(more.length === 0 ? [] : [`${on} -a "${more.join(" ")}"`]),
    ];
  });
  return `# poolscope completion for fish\n${lines.join("\n")}\n`;
}

function powershell(words: Words): string {
  const list = (items: readonly string[]): string => `@(${items.map((item) => `'${item}'`).join(", ")})`;
  const table = [...words].map(([name, { options, words: more }]) => `    '${name}' = ${list([...options, ...more])}`);
  const values = [...words].flatMap(([name, follows]) =>
    [...follows.values].map(([option, items]) => `    '${name} ${option}' = ${list(items)}`),
  );
  return `# poolscope completion for PowerShell
Register-ArgumentCompleter -Native -CommandName poolscope -ScriptBlock {
  param($word, $ast, $position)
  $words = @{
${table.join("\n")}
  }
  $values = @{
${values.join("\n")}
  }
  $elements = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position -or $word -eq '' } | ForEach-Object { $_.ToString() })
  $key = if ($elements.Count -gt 1) { "$($elements[1]) $($elements[-1])" } else { '' }
  $list = if ($values.ContainsKey($key)) { $values[$key] }
    elseif ($elements.Count -gt 1 -and $words.ContainsKey($elements[1])) { $words[$elements[1]] }
    else { $words.Keys }
  $list | Where-Object { $_ -like "$word*" } | Sort-Object | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`;
}
