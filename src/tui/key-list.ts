// Every key and what it does: the help screen and docs/live-view.md are made from this list, and tests hold the key
// handlers against it.

export interface KeyEntry {
  /** Key names as {@link decodeKeys} gives them. */
  readonly keys: readonly string[];
  /** How the keys are written for people. */
  readonly shown: string;
  readonly does: string;
  readonly group: "PoolMon's keys" | "Finding a leak" | "Moving" | "Replay";
}

const poolmon = "PoolMon's keys";
const finding = "Finding a leak";
const moving = "Moving";
const replay = "Replay";

export const KEY_LIST: readonly KeyEntry[] = [
  {
    keys: ["t", "a", "f", "d", "b", "m"],
    shown: "t a f d b m",
    does: "sort: tag, allocs, frees, diff, bytes, bytes per alloc",
    group: poolmon,
  },
  { keys: ["(", ")"], shown: "( )", does: "sort by change, by value", group: poolmon },
  { keys: ["p"], shown: "p", does: "nonpaged, paged, or both", group: poolmon },
  { keys: ["l"], shown: "l", does: "highlight changes, or not", group: poolmon },
  { keys: ["e"], shown: "e", does: "totals at the bottom", group: poolmon },
  { keys: ["s"], shown: "s", does: "system or session pool", group: poolmon },
  {
    keys: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "0-9",
    does: "pool of that session",
    group: poolmon,
  },
  { keys: ["i"], shown: "i", does: "ask for a session", group: poolmon },
  { keys: ["h", "?"], shown: "h ?", does: "this help", group: poolmon },
  { keys: ["q", "escape", "ctrl-c"], shown: "q Esc", does: "back, or leave", group: poolmon },
  { keys: ["v"], shown: "v", does: "sort by verdict, worst first", group: finding },
  { keys: ["n"], shown: "n", does: "sort by rate per hour", group: finding },
  { keys: ["enter"], shown: "Enter", does: "all about the selected tag", group: finding },
  { keys: ["tab"], shown: "Tab", does: "to the next suspect", group: finding },
  { keys: ["/"], shown: "/", does: "filter: Nt* afd !EtwB", group: finding },
  { keys: ["g"], shown: "g", does: "only what grows", group: finding },
  { keys: ["u"], shown: "u", does: "only tags no list knows", group: finding },
  { keys: ["z"], shown: "z", does: "changes since now, baseline", group: finding },
  { keys: [" "], shown: "Space", does: "pause, go on", group: finding },
  { keys: ["+", "=", "-", "_"], shown: "+ -", does: "interval, or replay speed", group: finding },
  { keys: ["U"], shown: "U", does: "times in UTC, or local", group: finding },
  { keys: ["r"], shown: "r", does: "record to a file, stop", group: finding },
  { keys: ["o"], shown: "o", does: "save this snapshot", group: finding },
  { keys: ["up", "down", "k", "j"], shown: "Up Down", does: "a row (k j, mouse wheel)", group: moving },
  { keys: ["pageup", "pagedown"], shown: "PgUp PgDn", does: "a page", group: moving },
  { keys: ["home", "end"], shown: "Home End", does: "first, last row", group: moving },
  { keys: ["left", "right"], shown: "Left Right", does: "in the detail: other tags", group: moving },
  { keys: ["D", "P"], shown: "D P", does: "drivers; programs", group: moving },
  { keys: ["ctrl-l"], shown: "Ctrl-L", does: "draw the screen anew", group: moving },
  { keys: ["ctrl-z"], shown: "Ctrl-Z", does: "to the shell and back", group: moving },
  { keys: ["[", "]"], shown: "[ ]", does: "one snapshot back, on", group: replay },
  { keys: ["{", "}"], shown: "{ }", does: "a tenth back, on", group: replay },
];
