// The manual page, made of the same descriptions, options and examples as `--help`. Requests are those of man(7).

import type { Argument, Command, Option } from "commander";
import { EXIT_CODES } from "./program.ts";

/** Environment variables that the program looks at, as the page lists them. */
const ENVIRONMENT: readonly (readonly [name: string, means: string])[] = [
  ["NO_COLOR", "no colours, whatever the terminal can show"],
  ["FORCE_COLOR", "colours also into a file or a pipe"],
  ["POOLSCOPE_TOKEN", "the token of serve, where others may see the dashboard"],
  ["POOLSCOPE_BEARER", "the bearer token of record and fleet; --bearer-file wins"],
  ["POOLSCOPE_BASIC", "USER:PASSWORD of record and fleet; --basic-file wins"],
];

/** The page of a program with all its commands, as troff. */
export function renderManPage(program: Command, version: string): string {
  const parts = [
    `.TH POOLSCOPE 1 "" "poolscope ${escaped(version)}" "User Commands"`,
    ".SH NAME",
    `poolscope \\- ${escaped(lowerFirst(program.description().replace(/\.$/, "")))}`,
    ".SH SYNOPSIS",
    ".B poolscope",
    ".I command",
    "[options]",
    ...section("OPTIONS", program.createHelp().visibleOptions(program).flatMap(optionLines)),
    ".SH COMMANDS",
    ...program.commands.flatMap(commandLines),
    ...section(
      "EXIT STATUS",
      EXIT_CODES.flatMap(([code, means]) => term(String(code), means)),
    ),
    ...section(
      "ENVIRONMENT",
      ENVIRONMENT.flatMap(([name, means]) => term(name, means)),
    ),
    ".SH EXAMPLES",
    ...literal(afterHelp(program).split("Exit codes:")[0] ?? ""),
  ];
  return `${parts.join("\n")}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH ${title}`, ...lines];
}

function commandLines(command: Command): readonly string[] {
  const operands = command.registeredArguments.filter(({ description }) => description !== "");
  return [
    `.SS ${escaped(`${command.name()} ${command.usage()}`)}`,
    `${escaped(command.description())}.`,
    ...operands.flatMap((argument: Argument) => term(argument.name(), argument.description)),
    ...command.createHelp().visibleOptions(command).flatMap(optionLines),
    ...literal(afterHelp(command)),
  ];
}

function optionLines(option: Option): readonly string[] {
  const { flags, description, defaultValueDescription, defaultValue } = option;
  const told = defaultValueDescription ?? (typeof defaultValue === "string" ? defaultValue : undefined);
  return term(flags, told === undefined ? description : `${description} (default: ${told})`);
}

function term(name: string, means: string): readonly string[] {
  return [".TP", `.B ${escaped(name)}`, escaped(means)];
}

/** Text whose lines stay as they are. */
function literal(text: string): readonly string[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line !== "");
  const last = lines.findLastIndex((line) => line !== "");
  return first < 0 ? [] : [".PP", ".nf", ...lines.slice(first, last + 1).map(escaped), ".fi"];
}

/** What a command says after its options: remarks and examples. */
function afterHelp(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  return text.slice(command.helpInformation().length);
}

/** Text that troff shows as it is; a line never begins with a request. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll("'", "\\(aq")
    .replace(/^\./, "\\&.");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
