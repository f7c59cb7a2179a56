// A state and a size make a frame: exactly as many lines as the screen has, none wider than it. Pure.

import { kindCode, rowKey } from "../model/snapshot.ts";
import { cellWidth } from "../reports/cells.ts";
import { plural } from "../model/units.ts";
import { listLines, listTitle } from "./beside-lists.ts";
import { detailLines, detailTitle } from "./detail.ts";
import { headerLines } from "./header.ts";
import { helpLines } from "./help.ts";
import { layoutOf } from "./layout.ts";
import { SORT_NAMES } from "./order.ts";
import type { Size, State } from "./state.ts";
import { Line } from "./style.ts";
import { fit } from "./text.ts";
import { rowLine, titleLine, totalLines } from "./table.ts";
import { STATE_WORDS } from "../words/states.ts";
import { clockTime, stateRole } from "./words.ts";

/** Draws the screen the state says. Lines hold escape codes for colour only; positions are the writer's affair. */
export function frame(state: State, size: Size): string[] {
  const lines = state.screen === "table" ? tableScreen(state, size) : textScreen(state, size);
  while (lines.length < size.rows - 1) lines.push("");
  lines.length = Math.max(0, size.rows - 1);
  if (size.rows > 0) lines.push(bottomLine(state, size));
  return lines;
}

function tableScreen(state: State, size: Size): string[] {
  const layout = layoutOf(state, size);
  const lines = headerLines(state, size.columns, layout);
  lines.push(titleLine(state, size.columns));
  const end = Math.min(state.order.length, state.top + layout.rows);
  for (let index = state.top; index < end; index++) {
    lines.push(rowLine(state, size.columns, state.order[index] ?? 0, index === state.cursor));
  }
  if (state.order.length === 0 && state.board.snapshot !== undefined) {
    lines.push(new Line(size.columns, state.look).put(` ${whyEmpty(state)}`, "dim").done());
  }
  while (lines.length < layout.firstRow + layout.rows) lines.push("");
  if (layout.totals > 0) lines.push(...totalLines(state, size.columns));
  return lines;
}

function whyEmpty(state: State): string {
  if (state.filter !== "") return `No row matches ${state.filter}`;
  if (state.growingOnly) return "Nothing grows (g shows all)";
  if (state.unknownOnly) return "Every tag is known (u shows all)";
  return "No rows";
}

function textScreen(state: State, size: Size): string[] {
  const isHelp = state.screen === "help";
  const isList = state.screen === "drivers" || state.screen === "programs";
  const content = isHelp
    ? helpLines(state, size.columns)
    : isList
      ? listLines(state, size.columns)
      : detailLines(state, size);
  const body = layoutOf(state, size).body;
  const wanted = isHelp ? state.helpScroll : isList ? state.listScroll : (state.detail?.scroll ?? 0);
  const from = Math.max(0, Math.min(wanted, content.length - body));
  const below = content.length - from - body;
  const title = isList ? listTitle(state) : isHelp || state.detail === undefined ? "Keys" : detailTitle(state.detail);
  const more = below > 0 ? `${below} more ${below === 1 ? "line" : "lines"} below` : from > 0 ? "end" : "";
  const moment = isHelp ? "" : momentWords(state);
  const told = [more === "" || moment === "" ? more + moment : `${more}  ${moment}`, moment, below > 0 ? "more" : ""];
  const line = new Line(size.columns, state.look).put(title, "head");
  const { detail } = state;
  const verdict =
    isHelp || isList || detail === undefined
      ? undefined
      : state.verdicts.get(rowKey(detail.ref.tag, kindCode(detail.ref.kind)));
  const word = verdict === undefined ? "" : STATE_WORDS[verdict.state].word;
  if (verdict !== undefined && word !== "") line.put("  ").put(` ${word} `, stateRole(verdict.state));
  const hint = told.find((text) => text !== "" && line.room > text.length + 2);
  if (hint !== undefined) line.to(size.columns - hint.length).put(hint, "dim");
  return [line.done(), ...content.slice(from, from + body)];
}

/** Which moment a text screen tells of, as the table's first line does. */
function momentWords({ board, paused }: State): string {
  const time = board.snapshot?.time;
  return time === undefined ? "" : `${paused ? "PAUSED  " : ""}${clockTime(time)}`;
}

/** The prompt, else a message, else what is in force and the keys that matter. */
function bottomLine(state: State, size: Size): string {
  const line = new Line(size.columns, state.look);
  if (state.prompt !== undefined) {
    const label = state.prompt.purpose === "filter" ? "Filter: " : "Session (Enter: all): ";
    const hint = state.prompt.purpose === "filter" ? "  Nt* afd !EtwB   Enter keeps, Esc undoes" : "";
    return line
      .put(label, "head")
      .put(state.prompt.text, "strong")
      .put(state.look.unicode ? "█" : "_")
      .put(hint, "dim")
      .done();
  }
  if (state.message !== undefined) return line.put(state.message, "warn").done();
  if (state.failure !== undefined && state.screen !== "table")
    return line.put(" FAILED ", "alarm").put(` ${state.failure}; trying again`, "warn").done();
  if (state.screen === "help") return hints(line, state, ["Up Down scroll", "any other key: back"]);
  if (state.screen === "drivers") return hints(line, state, ["Esc back", "P programs", "Up Down scroll"]);
  if (state.screen === "programs")
    return hints(line, state, ["Esc back", "s next order", "D drivers", "Up Down scroll"]);
  if (state.screen === "detail") return hints(line, state, ["Esc back", "Left Right other tags", "Up Down scroll"]);
  const inForce = [
    plural(state.order.length, "row"),
    `by ${SORT_NAMES[state.sort]}${state.byChange ? " change" : ""}`,
    ...(state.kinds === "both" ? [] : [`${state.kinds} only`]),
    ...(state.filter === "" ? [] : [`filter ${state.filter}`]),
    ...(state.growingOnly ? ["growing only"] : []),
    ...(state.unknownOnly ? ["unknown only"] : []),
    ...(state.board.baseTime === undefined ? [] : ["since baseline"]),
  ];
  // Whatever is in force, the way to the help stays on screen.
  const helpKey = "  ? help";
  line.put(fitLeft(` ${inForce.join(", ")}`, size.columns - helpKey.length, state), "strong");
  const keys = ["? help", "q quit", "Enter detail", "/ filter", "v suspects", "g growing", "z baseline", "r record"];
  const seek = state.feed.kind === "replay" ? ["[ ] step", "{ } seek"] : [];
  const room = size.columns - line.cells;
  let text = "";
  for (const key of [...keys.slice(0, 4), ...seek, ...keys.slice(4)]) {
    if (cellWidth(text) + key.length + 2 > room - (text === "" ? 0 : 2)) continue;
    text += `  ${key}`;
  }
  return line
    .to(size.columns - cellWidth(text))
    .put(text, "dim")
    .done();
}

/** Text that is cut with a mark where it is longer than `width`. */
function fitLeft(text: string, width: number, { look }: State): string {
  return cellWidth(text) <= width ? text : fit(text, Math.max(1, width), "left", look.unicode);
}

function hints(line: Line, state: State, parts: readonly string[]): string {
  return line.put(` ${parts.join(state.look.unicode ? " · " : " | ")}`, "dim").done();
}
