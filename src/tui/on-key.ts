// A key and a state make the next state, and perhaps something to do outside. Pure.

import { kindOf } from "../model/snapshot.ts";
import { formatDuration } from "../model/units.ts";
import type { Key } from "./keys.ts";
import { layoutOf } from "./layout.ts";
import { listLines } from "./beside-lists.ts";
import { detailLines } from "./detail.ts";
import { helpLines } from "./help.ts";
import { isSuspect } from "./order.ts";
import { place, selectIndex, settle } from "./settle.ts";
import { sortKeyAt } from "./table.ts";
import { PROGRAM_ORDERS, type SortKey, type State, type Step } from "./state.ts";

type Handler = (state: State) => Step;

const MAX_PROMPT = 60;

/** What a key does. Keys that mean nothing change nothing. */
export function onKey(state: State, key: Key): Step {
  if (key.kind === "mouse") return onMouse(withoutMessage(state), key);
  if (key.name === "ctrl-c") return { state, effect: { type: "quit" } };
  if (key.name === "ctrl-z") return { state, effect: { type: "suspend" } };
  if (key.name === "ctrl-l") return { state, effect: { type: "redraw" } };
  if (state.prompt !== undefined) return onPromptKey(state, key.name);
  // Any other key takes the wish to leave back.
  const isAgain = key.name === "q" || key.name === "escape";
  const quiet = withoutMessage(isAgain || !state.isLeaving ? state : { ...state, isLeaving: false });
  if (state.screen === "help") return onHelpKey(quiet, key.name);
  if (state.screen === "detail") return onDetailKey(quiet, key.name);
  if (state.screen !== "table") return onListKey(quiet, key.name);
  return TABLE_KEYS[key.name]?.(quiet) ?? { state: quiet };
}

function withoutMessage(state: State): State {
  return state.message === undefined ? state : { ...state, message: undefined };
}

function only(state: State): Step {
  return { state };
}

function sortBy(sort: SortKey): Handler {
  return (state) => only(settle({ ...state, sort, selected: undefined, cursor: 0, top: 0 }));
}

function move(rows: number): Handler {
  return (state) => only(selectIndex(state, state.cursor + rows));
}

function page(direction: 1 | -1): Handler {
  return (state) => only(selectIndex(state, state.cursor + direction * layoutOf(state, state.size).rows));
}

function seek(unit: "snapshot" | "tenth", steps: number): Handler {
  return (state) => {
    const { feed } = state;
    if (feed.kind !== "replay") {
      return only({ ...state, message: "Seeking is for recordings: poolscope live --replay FILE" });
    }
    // Whoever goes back from the end, or step by step, wants to look: the player does the same.
    const paused = state.paused || unit === "snapshot" || feed.ended;
    return { state: { ...state, paused }, effect: { type: "seek", unit, steps } };
  };
}

function session(choice: State["session"]): Handler {
  return (state) => ({ state, effect: { type: "session", session: choice } });
}

function ask(purpose: "filter" | "session"): Handler {
  return (state) => {
    const before = purpose === "filter" ? state.filter : "";
    return only({ ...state, prompt: { purpose, text: before, before } });
  };
}

const nextKinds = { both: "nonpaged", nonpaged: "paged", paged: "both" } as const;

/** A live view that has watched for longer than this and recorded nothing asks before it is left. */
const WORTH_KEEPING_MS = 10 * 60_000;

/** Leaves; a history that is kept nowhere is not thrown away by one key. */
const leave: Handler = (state) => {
  const span = state.diagnosis?.span;
  const watched = span === undefined ? 0 : span.to - span.from;
  const isLost = state.feed.kind === "live" && state.recording === undefined && watched > WORTH_KEEPING_MS;
  if (!isLost || state.isLeaving) return { state, effect: { type: "quit" } };
  const message = `${formatDuration(watched)} were watched and are kept nowhere: q again leaves, r records from here on.`;
  return only({ ...state, isLeaving: true, message });
};

/** Esc takes back what narrows the view, one thing a press; only with nothing left to take back it leaves. */
const escape: Handler = (state) => {
  if (state.filter !== "") return only(settle({ ...state, filter: "" }));
  if (state.growingOnly || state.unknownOnly) return only(settle({ ...state, growingOnly: false, unknownOnly: false }));
  if (state.kinds !== "both") return only(settle({ ...state, kinds: "both" }));
  return leave(state);
};
const interval =
  (plus: boolean): Handler =>
  (state) => ({ state, effect: { type: "interval", plus } });
const changeOrder: Handler = (state) =>
  only(settle({ ...state, byChange: !state.byChange, selected: undefined, cursor: 0, top: 0 }));
function showList(screen: "drivers" | "programs"): Handler {
  return (state) => only({ ...state, screen, listScroll: 0, detail: undefined });
}

const showHelp: Handler = (state) => only({ ...state, screen: "help", helpScroll: 0 });

/** Handlers of the table screen by key name. */
export const TABLE_KEYS: Readonly<Record<string, Handler>> = {
  t: sortBy("tag"),
  a: sortBy("allocs"),
  f: sortBy("frees"),
  d: sortBy("diff"),
  b: sortBy("bytes"),
  m: sortBy("perAlloc"),
  v: sortBy("verdict"),
  n: sortBy("rate"),
  "(": changeOrder,
  ")": changeOrder,
  p: (state) => only(settle({ ...state, kinds: nextKinds[state.kinds] })),
  l: (state) => only({ ...state, highlight: !state.highlight }),
  e: (state) => only(place({ ...state, totals: !state.totals })),
  s: (state) => session(state.session === "system" ? "all" : "system")(state),
  ...Object.fromEntries(Array.from({ length: 10 }, (_, id) => [String(id), session(id)])),
  i: ask("session"),
  h: showHelp,
  "?": showHelp,
  q: leave,
  escape,
  enter: openDetail,
  tab: nextSuspect,
  "/": ask("filter"),
  g: (state) => only(settle({ ...state, growingOnly: !state.growingOnly })),
  u: (state) => only(settle({ ...state, unknownOnly: !state.unknownOnly })),
  D: showList("drivers"),
  P: showList("programs"),
  z: (state) => ({ state, effect: { type: "baseline" } }),
  " ": (state) => {
    const paused = !state.paused;
    return { state: { ...state, paused }, effect: { type: "pause", paused } };
  },
  "+": interval(true),
  "=": interval(true),
  "-": interval(false),
  _: interval(false),
  r: (state) => ({ state, effect: { type: "record" } }),
  o: (state) => ({ state, effect: { type: "save" } }),
  U: (state) => ({ state, effect: { type: "zone" } }),
  up: move(-1),
  down: move(1),
  k: move(-1),
  j: move(1),
  pageup: page(-1),
  pagedown: page(1),
  home: (state) => only(selectIndex(state, 0)),
  end: (state) => only(selectIndex(state, state.order.length - 1)),
  left: only,
  right: only,
  "[": seek("snapshot", -1),
  "]": seek("snapshot", 1),
  "{": seek("tenth", -1),
  "}": seek("tenth", 1),
};

function openDetail(state: State): Step {
  const slot = state.order[state.cursor];
  if (slot === undefined) return { state };
  const tag = state.board.tag(slot);
  const ref = { tag, kind: kindOf(state.board.kind(slot)) };
  return {
    state: {
      ...state,
      screen: "detail",
      selected: state.board.key(slot),
      detail: { ref, scroll: 0, facts: "pending", series: undefined },
    },
    effect: { type: "facts", tag },
  };
}

function nextSuspect(state: State): Step {
  const count = state.order.length;
  for (let step = 1; step <= count; step++) {
    // From the top row the first suspect is the row itself.
    const index = (state.cursor + step - (state.selected === undefined && state.cursor === 0 ? 1 : 0)) % count;
    const slot = state.order[index] ?? -1;
    if (!isSuspect(state.verdicts.get(state.board.key(slot)))) continue;
    return { state: place({ ...state, cursor: index, selected: state.board.key(slot) }) };
  }
  return { state: { ...state, message: "No suspect among the rows shown." } };
}

function onPromptKey(state: State, name: string): Step {
  const { prompt } = state;
  if (prompt === undefined) return { state };
  const isFilter = prompt.purpose === "filter";
  const withText = (text: string): Step => {
    const next = { ...state, prompt: { ...prompt, text } };
    return { state: isFilter ? settle({ ...next, filter: text }) : next };
  };
  const closed: State = { ...state, prompt: undefined };
  if (name === "enter") {
    if (isFilter) return { state: closed };
    const text = prompt.text.trim();
    if (text !== "" && !/^[0-9]{1,9}$/.test(text)) {
      return { state: { ...closed, message: `A session is a number, not ${JSON.stringify(text)}.` } };
    }
    return session(text === "" ? "all" : Number(text))(closed);
  }
  if (name === "escape") return { state: isFilter ? settle({ ...closed, filter: prompt.before }) : closed };
  if (name === "backspace") {
    return prompt.text === "" ? { state: closed } : withText(prompt.text.replace(/.$/su, ""));
  }
  if (name === "ctrl-u") return withText("");
  if (!/^.$/su.test(name) || prompt.text.length >= MAX_PROMPT) return { state };
  return withText(prompt.text + name);
}

function scrolled(current: number, name: string, lines: number, body: number): number {
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -body,
    pagedown: body,
    " ": body,
    home: -lines,
    end: lines,
  };
  return Math.max(0, Math.min(current + (steps[name] ?? 0), Math.max(0, lines - body)));
}

const SCROLL_KEYS: ReadonlySet<string> = new Set(["up", "down", "k", "j", "pageup", "pagedown", " ", "home", "end"]);

function onHelpKey(state: State, name: string): Step {
  if (!SCROLL_KEYS.has(name)) return { state: { ...state, screen: "table" } };
  const lines = helpLines(state, state.size.columns).length;
  return { state: { ...state, helpScroll: scrolled(state.helpScroll, name, lines, layoutOf(state, state.size).body) } };
}

function onListKey(state: State, name: string): Step {
  if (["q", "escape", "enter", "backspace"].includes(name)) return { state: place({ ...state, screen: "table" }) };
  if (name === "s" && state.screen === "programs") {
    const next = (PROGRAM_ORDERS.indexOf(state.programOrder) + 1) % PROGRAM_ORDERS.length;
    return { state: { ...state, programOrder: PROGRAM_ORDERS[next] ?? "handles", listScroll: 0 } };
  }
  if (name !== " " && "DPh?+=-_[]{}roz".includes(name)) return TABLE_KEYS[name]?.(state) ?? { state };
  const lines = listLines(state, state.size.columns).length;
  return { state: { ...state, listScroll: scrolled(state.listScroll, name, lines, layoutOf(state, state.size).body) } };
}

function onDetailKey(state: State, name: string): Step {
  const { detail } = state;
  if (detail === undefined || ["q", "escape", "enter", "backspace"].includes(name)) {
    return { state: place({ ...state, screen: "table", detail: undefined }) };
  }
  if (name === "left" || name === "right") {
    return openDetail(selectIndex(state, state.cursor + (name === "left" ? -1 : 1)));
  }
  if (name === "h" || name === "?") return { state: { ...state, screen: "help", helpScroll: 0, detail: undefined } };
  if (name === " " || "+=-_[]{}rozDP".includes(name)) return TABLE_KEYS[name]?.(state) ?? { state };
  const lines = detailLines(state, state.size).length;
  const scroll = scrolled(detail.scroll, name, lines, layoutOf(state, state.size).body);
  return { state: scroll === detail.scroll ? state : { ...state, detail: { ...detail, scroll } } };
}

function onMouse(state: State, key: Key & { readonly kind: "mouse" }): Step {
  if (state.prompt !== undefined) return { state };
  const wheel = key.action === "wheel-up" ? "up" : key.action === "wheel-down" ? "down" : undefined;
  if (wheel !== undefined) {
    let next = state;
    for (let step = 0; step < 3; step++) next = onKey(next, { kind: "key", name: wheel }).state;
    return { state: next };
  }
  if (state.screen !== "table") return { state };
  const layout = layoutOf(state, state.size);
  const line = key.row - 1;
  if (line === layout.titles) {
    const sort = sortKeyAt(state, state.size.columns, key.column - 1);
    if (sort === undefined) return { state };
    return sort === state.sort ? changeOrder(state) : sortBy(sort)(state);
  }
  const index = state.top + line - layout.firstRow;
  if (line < layout.firstRow || line >= layout.firstRow + layout.rows || index >= state.order.length) return { state };
  if (index === state.cursor) return openDetail(state);
  const slot = state.order[index] ?? 0;
  return { state: place({ ...state, cursor: index, selected: state.board.key(slot) }) };
}

/** The state at a new size of the terminal. */
export function onResize(state: State, size: State["size"]): State {
  return place({ ...state, size });
}
