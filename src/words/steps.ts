// What to type or do next: the command where there is one, and why. Commands exist on every Windows or in Microsoft's
// free kits, or are this program's own.

import type { Step } from "../model/attribution.ts";
import { formatTag, formatTagHex, isPrintableTag, type Tag } from "../model/tag.ts";
import { formatDuration } from "../model/units.ts";
import { listWords } from "./evidence.ts";

export interface StepWords {
  /** To be typed as it stands; absent where there is nothing to type. */
  readonly command?: string;
  readonly why: string;
}

/** A tag as it has to be typed: quoted where a shell would take it apart. */
export function shellTag(tag: Tag): string {
  const text = formatTag(tag);
  return /^[A-Za-z0-9_]+$/.test(text) ? text : `"${text.replaceAll('"', String.raw`\x22`)}"`;
}

function debuggerTag(tag: Tag): string {
  return isPrintableTag(tag) ? formatTag(tag).trimEnd() : formatTagHex(tag);
}

/** The first name, where a command takes one only. */
function firstOf(names: readonly string[]): string {
  return names[0] ?? "NAME.sys";
}

export function stepWords(step: Step): StepWords {
  switch (step.kind) {
    case "look-up-tag":
      return {
        command: `poolscope tag ${shellTag(step.tag)}`,
        why: "on the machine itself: which of its drivers use this tag",
      };
    case "case-remedy":
      return { why: `Published for ${step.culprit}: ${withStop(step.remedy)}` };
    case "update-driver":
      return {
        why: `Look for an update of ${listWords(step.names, "or")}; if there is none, switch off what it belongs to and watch whether the growth stops.`,
      };
    case "windows-update":
      return {
        why: `${step.component} is part of Windows: install the updates of Windows. It allocates for others, so look for who calls it.`,
      };
    case "feature-of-filter":
      return {
        why: `${step.component} is a filter that comes with Windows: install the updates of Windows, and see which feature loads it and whether it can be done without.`,
      };
    case "count-handles":
      return {
        command: "handle -s",
        why: step.stopped
          ? "Sysinternals; counts handles by type: is the process that held them still running? Its end gives the memory back"
          : "Sysinternals; counts handles by type. Then handle -s -p PID for the process with the most: a program that never closes them is the usual cause; if no process holds them, a driver keeps references",
      };
    case "list-filters":
      return {
        command: "fltmc filters",
        why: "which file system filters are loaded (security, backup, sync, containers)",
      };
    case "list-callouts":
      return {
        command: "netsh wfp show state",
        why: "which network filters and callouts are loaded (VPN, firewall, security)",
      };
    case "trace-stacks":
      return {
        command: `poolscope trace --tag ${shellTag(step.tag)} --for 60s -o pool.etl`,
        why: "on the machine while it grows, as administrator; then poolscope leaks with --trace pool.etl: the call stacks of the allocations name the caller",
      };
    case "debugger-table":
      return {
        command: `!poolused ${step.pool === "paged" ? 4 : 2} ${debuggerTag(step.tag)}`,
        why: "in a kernel debugger: what the tag holds now",
      };
    case "verifier":
      return {
        command: `verifier /flags 0x8 /driver ${firstOf(step.names)}`,
        why: `pool tracking of the suspected driver, after a restart; then !verifier 3 ${firstOf(step.names)} in a kernel debugger lists what it did not free`,
      };
    case "dump-blocks":
      return {
        command: `poolscope dump MEMORY.DMP find ${shellTag(step.tag)}`,
        why: "out of a full or kernel dump: what the blocks contain",
      };
    case "look-again":
      return { why: `Look again after ${formatDuration(step.afterMs)} more.` };
  }
}

/** A step in one line: the command, then why. */
export function stepLine(step: Step): string {
  const { command, why } = stepWords(step);
  return command === undefined ? why : `${command}   (${why})`;
}

/** Steps with one purpose: what to type, each command a line of its own, and why; no command where there is none to type. */
export interface StepGroup {
  readonly commands: readonly string[];
  readonly why: string;
}

/** The steps of one or several findings as one set: what several ask for is said once, commands of one purpose stand together. */
export function stepGroups(steps: readonly Step[]): readonly StepGroup[] {
  const byWhy = new Map<string, Set<string>>();
  for (const step of steps) {
    const { command, why } = stepWords(step);
    const commands = byWhy.get(why) ?? new Set();
    byWhy.set(why, command === undefined ? commands : commands.add(command));
  }
  return [...byWhy].map(([why, commands]) => ({ commands: [...commands], why }));
}

/** A sentence from data, with exactly one stop at its end. */
export function withStop(text: string): string {
  return /[.!?]$/.test(text.trimEnd()) ? text.trimEnd() : `${text.trimEnd()}.`;
}
