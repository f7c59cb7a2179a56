// The help screen: the list of keys in two columns where they fit, and what the verdicts' words mean.

import { KEY_LIST, type KeyEntry } from "./key-list.ts";
import type { State } from "./state.ts";
import { Line, type Role } from "./style.ts";
import { wrap } from "./text.ts";
import { STATE_WORDS } from "../words/states.ts";

const GROUPS: readonly KeyEntry["group"][] = ["PoolMon's keys", "Finding a leak", "Moving", "Replay"];
const SHOWN_WIDTH = 12;

type Row = readonly [shown: string, text: string, role: Role];

/** All lines of the help for a width; the caller shows the part that fits. */
export function helpLines(state: State, width: number): string[] {
  const lines: string[] = [];
  const push = (fill: (line: Line) => void): void => {
    const line = new Line(width, state.look);
    fill(line);
    lines.push(line.done());
  };
  const block = (group: KeyEntry["group"], room: number): Row[] => [
    [group, "", "head"],
    ...KEY_LIST.filter((entry) => entry.group === group).flatMap((entry) =>
      wrap(entry.does, Math.max(8, room - SHOWN_WIDTH)).map((text, index): Row => [
        index === 0 ? entry.shown : "",
        text,
        "key",
      ]),
    ),
    ["", "", "plain"],
  ];
  const put = (line: Line, [shown, text, role]: Row, left: number): void => {
    line.to(left).put(shown, role);
    if (text !== "") line.to(left + SHOWN_WIDTH).put(text);
  };
  if (width >= 80) {
    const half = Math.floor(width / 2);
    const left = [...block("PoolMon's keys", half - 2), ...block("Moving", half - 2)];
    const right = [...block("Finding a leak", half), ...block("Replay", half), ...verdictBlock(half - 1)];
    for (let at = 0; at < Math.max(left.length - 1, right.length); at++) {
      push((line) => {
        const a = left[at];
        const b = right[at];
        if (a !== undefined) put(line, a, 1);
        if (b !== undefined) put(line, b, half);
      });
    }
    return lines;
  }
  for (const group of GROUPS) for (const row of block(group, width - 2)) push((line) => put(line, row, 1));
  for (const row of verdictBlock(width - 2)) push((line) => put(line, row, 1));
  return lines;
}

/** What the words of the verdict column mean, in as few lines as there can be. */
function verdictBlock(width: number): Row[] {
  const text =
    `${STATE_WORDS.leaking.word}: grows and is not freed. ${STATE_WORDS["stopped-held"].word}: grew, stopped, still held. ` +
    `${STATE_WORDS["too-early"].word}: too early to tell. The others are harmless. Trends are drawn from the lowest value of their time, not from 0.`;
  return [["Verdicts", "", "head"], ...wrap(text, width).map((part): Row => [part, "", "plain"])];
}
