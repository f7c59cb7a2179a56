// What can stand at the place of the cursor: commands, options, values of options, words such as the questions to a dump, files.

import type { Argument, Command, Option } from "commander";

export interface Candidate {
  readonly word: string;
  /** One line on it; empty where there is none. */
  readonly about: string;
}

export interface Candidates {
  readonly words: readonly Candidate[];
  /** Whether names of files can stand here too. */
  readonly files: boolean;
}

/** Arguments and values that are names of files, as the help texts call them. */
const FILE_NAMES = new Set(["file", "folder", "source", "path", "recording", "trace", "etl"]);

const NOTHING: Candidates = { words: [], files: false };

/**
 * Candidates for `current`, the word under the cursor, where `before` are the words between the program and it.
 * `program` needs to hold the command that `before` names, or all of them where it names none.
 */
export function candidatesAt(program: Command, before: readonly string[], current: string): Candidates {
  const [name, ...rest] = before;
  if (name === undefined)
    return { words: starting(current, [...namesOf(program), ...optionsOf(program)]), files: false };
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) return NOTHING;
  const glued = /^(--[\w-]+)=(.*)$/s.exec(current);
  if (glued !== null) {
    const { words } = valuesOf(optionNamed(command, glued[1] ?? ""), glued[2] ?? "");
    return { words: words.map(({ word, about }) => ({ word: `${glued[1] ?? ""}=${word}`, about })), files: false };
  }
  // Shells that cut at "=" hand it in as a word of its own.
  const last = rest.at(-1) === "=" ? rest.at(-2) : rest.at(-1);
  const awaiting = current === "=" ? undefined : optionNamed(command, last ?? "");
  if (awaiting?.required === true) return valuesOf(awaiting, current);
  if (current.startsWith("-")) return { words: starting(current, optionsOf(command)), files: false };
  return positional(command, operandCount(command, rest), current);
}

function namesOf(program: Command): Candidate[] {
  return program.commands.map((each) => ({ word: each.name(), about: each.description() }));
}

function optionsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, description }) => ({ word: long ?? "", about: description }))
    .filter(({ word }) => word !== "");
}

function optionNamed(command: Command, flag: string): Option | undefined {
  return command.options.find(({ short, long }) => flag !== "" && (flag === long || flag === short));
}

/** How many of the words are neither options nor their values. */
function operandCount(command: Command, words: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word.startsWith("-") && word !== "-") {
      if (optionNamed(command, word)?.required !== true) continue;
      i += words[i + 1] === "=" ? 2 : 1;
    } else count += 1;
  }
  return count;
}

function valuesOf(option: Option | undefined, current: string): Candidates {
  if (option === undefined) return NOTHING;
  const placeholder = /<([\w-]+)/.exec(option.flags)?.[1] ?? "";
  const listed = option.argChoices ?? listedWords(option.description);
  return { words: starting(current, listed.map(bare)), files: listed.length === 0 && FILE_NAMES.has(placeholder) };
}

function positional(command: Command, index: number, current: string): Candidates {
  const all = command.registeredArguments;
  const argument = all[index] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
  if (argument === undefined) return NOTHING;
  const isSkipped = !argument.required && all.slice(index + 1).some(isFile);
  return { words: starting(current, wordsOf(argument).map(bare)), files: isFile(argument) || isSkipped };
}

const wordsOf = (argument: Argument): readonly string[] => argument.argChoices ?? listedWords(argument.description);
const isFile = (argument: Argument): boolean => FILE_NAMES.has(argument.name());
const bare = (word: string): Candidate => ({ word, about: "" });

function starting(current: string, list: readonly Candidate[]): readonly Candidate[] {
  return list.filter(({ word }) => word.startsWith(current));
}

/** The words that a description lists as what can be given: `one of a, b, c`, `a, b or c`; empty where it lists none. */
export function listedWords(description: string): readonly string[] {
  const list =
    /^(?:(?:for \w+: )?one of )?([A-Za-z][\w-]*(?:, [A-Za-z][\w-]*)+(?: or [A-Za-z][\w-]*)?)(?=$|;|:|\.)/.exec(
      description,
    );
  const two = /^([a-z][\w-]*) or ([a-z][\w-]*)$/.exec(description);
  if (two !== null) return two.slice(1);
  return list?.[1]?.split(/, | or /) ?? [];
}
