// Commands of the kernel debugger as the questions that they mean: `!poolused 2 Even`, `!poolfind Even`, `!handle`, `lm`.
// Source of their arguments: Microsoft Learn, "Debugger commands".

import { UsageError } from "../../model/errors.ts";
import type { DumpSortKey } from "./rows.ts";

export interface DebuggerQuestion {
  readonly question: "summary" | "used" | "find" | "holders" | "verifier" | "modules" | "lookasides" | "irps";
  readonly tag?: string;
  readonly pattern?: string;
  readonly sort?: DumpSortKey;
  /** Address of the one structure that is asked for. */
  readonly at?: bigint;
}

/** Bits of the flags of `!poolused`. */
const SORT_NONPAGED = 2;
const SORT_PAGED = 4;

/** Undefined where the text is no command of the debugger; throws UsageError for one that no question answers. */
export function toDumpQuestion(text: string): DebuggerQuestion | undefined {
  const [command = "", ...args] = text.trim().split(/\s+/);
  const name = command.toLowerCase();
  if (name === "lm" || name === "!lm") return { question: "modules" };
  if (!name.startsWith("!")) return undefined;
  if (name === "!poolused") return poolUsed(args);
  if (name === "!poolfind" || name === "!findpool") {
    const tag = args.find((arg) => !arg.startsWith("-"));
    if (tag === undefined) throw new UsageError(`${command} needs a tag, such as '${command} Even'`);
    return { question: "find", tag };
  }
  // The totals of both pools head the summary.
  if (name === "!vm") return { question: "summary" };
  if (name === "!handle") return { question: "holders" };
  if (name === "!verifier") return { question: "verifier" };
  if (name === "!irpfind") return { question: "irps" };
  if (name === "!lookaside") {
    const at = addressOf(args[0]);
    return { question: "lookasides", ...(at === undefined ? {} : { at }) };
  }
  throw new UsageError(
    `no question answers ${JSON.stringify(command)}; known are !poolused, !poolfind, !findpool, !vm, !handle, !verifier, !lookaside, !irpfind and lm`,
  );
}

/** An address as the debugger takes it, with or without 0x and the mark in the middle; undefined for options such as -all. */
function addressOf(text: string | undefined): bigint | undefined {
  const digits = text?.replace(/^0x/i, "").replace("`", "") ?? "";
  return /^[0-9a-f]{1,16}$/i.test(digits) ? BigInt(`0x${digits}`) : undefined;
}

function poolUsed(args: readonly string[]): DebuggerQuestion {
  const [first, second] = args;
  const isFlags = first !== undefined && /^(?:0x)?[0-9a-f]{1,2}$/i.test(first);
  const flags = isFlags ? Number.parseInt(first, 16) : 0;
  const pattern = isFlags ? second : first;
  const sort = (flags & SORT_NONPAGED) !== 0 ? "nonpaged" : (flags & SORT_PAGED) !== 0 ? "paged" : undefined;
  return {
    question: "used",
    ...(pattern === undefined ? {} : { pattern }),
    ...(sort === undefined ? {} : { sort }),
  };
}
