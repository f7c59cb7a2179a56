// What to do next, once for all findings of a report. A command stands on a line of its own and is never broken, so that it
// can be copied whole.

import type { Step } from "../model/attribution.ts";
import { stepGroups } from "../words/steps.ts";
import { visible, wrapText, type Paint } from "./terminal-text.ts";

const INDENT = "   ";

/** A heading, then each purpose with its commands above it; nothing where there is no step. */
export function nextStepsLines(steps: readonly Step[], { width, paint }: { width: number; paint: Paint }): string[] {
  const groups = stepGroups(steps);
  if (groups.length === 0) return [];
  return [
    paint.bold("Next steps:"),
    ...groups.flatMap(({ commands, why }) => {
      const lead = commands.length === 0 ? INDENT : INDENT + INDENT;
      return [
        ...commands.map((command) => INDENT + paint.bold(visible(command))),
        ...wrapText(visible(why), Math.max(20, width - lead.length)).map((line) => lead + line),
      ];
    }),
  ];
}
