// Every text of another tool that can stand beside a record; a new one is one file and one line here.

import { FormatError } from "../../model/errors.ts";
import { driverquery } from "./driverquery.ts";
import { fltmc } from "./fltmc.ts";
import { getProcess } from "./get-process.ts";
import { handleSummary } from "./handle-summary.ts";
import { tasklist } from "./tasklist.ts";
import type { ToolAnswer, ToolId } from "./tool-text.ts";

const TOOLS = [handleSummary, getProcess, driverquery, fltmc, tasklist] as const;

/** Recognised by content. Throws FormatError where it is of none of the tools, or not whole. */
export function parseToolText(text: string): ToolAnswer & { readonly tool: ToolId } {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");
  const tool = TOOLS.find((each) => each.isText(lines));
  if (tool === undefined)
    throw new FormatError("beside", "the text of no tool that is known", {
      expected: TOOLS.map(({ title }) => title).join(", "),
      found: JSON.stringify((lines[0] ?? "").slice(0, 60)),
    });
  return { ...tool.parse(lines), tool: tool.id };
}
