// The help screen: the list of keys in as many columns as fit, then what the columns and marks mean.

import { KEY_LIST, type KeyEntry } from "./key-list.ts";
import type { State } from "./state.ts";
import { Line } from "./style.ts";
import { wrap } from "./text.ts";
import { VERDICT_SENTENCES, VERDICT_WORDS } from "./words.ts";

const GROUPS: readonly KeyEntry["group"][] = ["PoolMon's keys", "Finding a leak", "Moving", "Replay"];
const SHOWN_WIDTH = 12;

/** All lines of the help for a width; the caller shows the part that fits. */
export function helpLines(state: State, width: number): string[] {
  const lines: string[] = [];
  const push = (fill: (line: Line) => void): void => {
    const line = new Line(width, state.look);
    fill(line);
    lines.push(line.done());
  };
  const block = (group: KeyEntry["group"], room: number): [string, string][] => [
    [group, ""],
    ...KEY_LIST.filter((entry) => entry.group === group).flatMap((entry) =>
      wrap(entry.does, Math.max(8, room - SHOWN_WIDTH)).map((text, index): [string, string] => [
        index === 0 ? entry.shown : "",
        text,
      ]),
    ),
    ["", ""],
  ];
  const put = (line: Line, [shown, text]: [string, string], left: number): void => {
    line.to(left);
    if (text === "") line.put(shown, "head");
    else
      line
        .put(shown, "key")
        .to(left + SHOWN_WIDTH)
        .put(text);
  };
  if (width >= 100) {
    const half = Math.floor(width / 2);
    const left = [...block("PoolMon's keys", half - 2), ...block("Moving", half - 2)];
    const right = [...block("Finding a leak", half - 2), ...block("Replay", half - 2)];
    for (let at = 0; at < Math.max(left.length, right.length); at++) {
      push((line) => {
        const a = left[at];
        const b = right[at];
        if (a !== undefined) put(line, a, 1);
        if (b !== undefined) put(line, b, half);
      });
    }
  } else {
    for (const group of GROUPS) for (const row of block(group, width - 2)) push((line) => put(line, row, 1));
  }
  push((line) => line.put(" Verdicts", "head"));
  for (const [state, word] of Object.entries(VERDICT_WORDS) as [keyof typeof VERDICT_WORDS, string][]) {
    if (word === "") continue;
    wrap(VERDICT_SENTENCES[state], Math.max(8, width - 2 - SHOWN_WIDTH)).forEach((text, index) => {
      push((line) => put(line, [index === 0 ? word : "", text], 1));
    });
  }
  push(() => undefined);
  const columns =
    "Allocs and Frees count since boot, Diff is what is held; (chg) is the change since the last sample, or since the " +
    "baseline after z. Rate/h and Trend cover everything since the view was opened (or the machine started).";
  for (const text of wrap(columns, width - 2)) push((line) => line.put(` ${text}`, "dim"));
  return lines;
}
