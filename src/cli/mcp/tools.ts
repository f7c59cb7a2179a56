// What an assistant can ask, as tools: each is one command of this program with --json. Read-only, every path confined.

import { z } from "zod";
import type { Roots } from "./roots.ts";

/** What a checked input holds. */
export type ToolInput = Readonly<Record<string, InputValue>>;
type InputValue = string | number | readonly string[] | undefined;

/** One tool: what it is for, what it takes, and the command line that it means. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Readonly<Record<string, z.ZodType>>;
  readonly command: (input: ToolInput, roots: Roots) => readonly string[];
}

/** Rows given back where nothing else is asked for: what an assistant reads it pays for. */
const TOP = 25;
const MOST_ROWS = 500;

const file = z.string().min(1).max(4096);
const files = z
  .array(file)
  .min(1)
  .max(1000)
  .describe("files or folders, all of one machine; names are relative to the first root");
const tag = z
  .string()
  .min(1)
  .max(16)
  .describe("a pool tag as PoolMon shows it, case-sensitive; short ones padded with blanks, e.g. 'Irp '");
const top = z.number().int().min(1).max(MOST_ROWS).default(TOP).describe("at most this many rows");
const time = z.string().max(40).describe("a time such as 2026-11-20 or 2026-11-20T10:00Z");

function textOf(value: InputValue): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** A value that must not be taken for an option. */
function word(value: InputValue): string {
  const text = textOf(value);
  return text.startsWith("-") ? `\\x2D${text.slice(1)}` : text;
}

function paths(value: InputValue, roots: Roots): string[] {
  return (Array.isArray(value) ? (value as readonly string[]) : []).map((path) => roots.resolve(path));
}

function option(name: string, value: InputValue): string[] {
  return value === undefined ? [] : [`${name}=${textOf(value)}`];
}

export const TOOLS: readonly Tool[] = [
  {
    name: "leaks",
    title: "Diagnose a leak over time",
    description:
      "Which pool tag leaks, how fast, since when, until when, which driver is suspected and how sure that is, what to do next. For recordings, " +
      "PoolMon logs, CSV and folders of them. Read `state`, `attribution.who` and `attribution.steps`; `not-judged` means that nobody looked, not that it is fine.",
    input: { files, from: time.optional(), to: time.optional() },
    command: (input, roots) => [
      "leaks",
      "--json",
      ...option("--from", input["from"]),
      ...option("--to", input["to"]),
      ...paths(input["files"], roots),
    ],
  },
  {
    name: "snapshot",
    title: "What holds the pool at one time",
    description: "The largest tags of one snapshot, with owners. For any source, also one pasted listing or a dump.",
    input: { file, top },
    command: (input, roots) => [
      "snapshot",
      "--json",
      ...option("--top", input["top"]),
      roots.resolve(textOf(input["file"])),
    ],
  },
  {
    name: "why",
    title: "The chain from growth to driver",
    description:
      "For one tag of a record: growth, group, owner, driver, call site, published case, each link with what would refute it.",
    input: { tag, files: files.optional() },
    command: (input, roots) => [
      "why",
      "--json",
      word(input["tag"]),
      ...(input["files"] === undefined ? [] : paths(input["files"], roots)),
    ],
  },
  {
    name: "tag",
    title: "Everything known of a tag",
    description:
      "Owner, cautions, what tutorials say and what is true, published leaks, and the drivers that use it: those of a dump where `file` is one, else of the " +
      "index of this machine.",
    input: { tag, file: file.optional() },
    command: (input, roots) => [
      "tag",
      "--json",
      ...(input["file"] === undefined ? [] : [`--in=${roots.resolve(textOf(input["file"]))}`]),
      word(input["tag"]),
    ],
  },
  {
    name: "dump",
    title: "Read a kernel dump",
    description:
      "MEMORY.DMP, a live dump or a memory image, without symbols: `used` (pool by tag), `big` (large blocks), `modules` (drivers in it), `find` (blocks of one tag).",
    input: { file, question: z.enum(["used", "big", "modules", "find"]).default("used"), tag: tag.optional(), top },
    command: (input, roots) => {
      const question = textOf(input["question"]);
      const rows = question === "modules" || question === "find" ? [] : option("--top", input["top"]);
      const drivers = question === "used" ? ["--drivers"] : [];
      const tags = question === "find" && input["tag"] !== undefined ? [word(input["tag"])] : [];
      return ["dump", "--json", ...rows, ...drivers, roots.resolve(textOf(input["file"])), question, ...tags];
    },
  },
  {
    name: "drivers",
    title: "Which tags drivers use",
    description: "Reads driver files (.sys) and proves from their code which pool tags they allocate with, and where.",
    input: { files },
    command: (input, roots) => ["drivers", "--json", ...paths(input["files"], roots)],
  },
];
