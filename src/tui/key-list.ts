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

export const KEY_LIST: readonly KeyEntry[] = [
  {
    keys: ["t", "a", "f", "d", "b", "m"],
    shown: "t a f d b m",
    does: "sort by tag, allocs, frees, diff, bytes, bytes per alloc",
    group: "PoolMon's keys",
  },
  { keys: ["(", ")"], shown: "( )", does: "sort by change instead of by value", group: "PoolMon's keys" },
  { keys: ["p"], shown: "p", does: "both pools, nonpaged only, paged only", group: "PoolMon's keys" },
  { keys: ["l"], shown: "l", does: "highlight changed rows, or not", group: "PoolMon's keys" },
  { keys: ["e"], shown: "e", does: "totals at the bottom", group: "PoolMon's keys" },
  { keys: ["s"], shown: "s", does: "system pool or session pool", group: "PoolMon's keys" },
  {
    keys: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "0-9",
    does: "pool of that session",
    group: "PoolMon's keys",
  },
  { keys: ["i"], shown: "i", does: "ask for a session (Enter alone: all)", group: "PoolMon's keys" },
  { keys: ["h", "?"], shown: "h ?", does: "this help", group: "PoolMon's keys" },
  { keys: ["q", "escape", "ctrl-c"], shown: "q Esc", does: "back, or leave", group: "PoolMon's keys" },
  { keys: ["v"], shown: "v", does: "sort by verdict: suspects first", group: "Finding a leak" },
  { keys: ["n"], shown: "n", does: "sort by rate per hour", group: "Finding a leak" },
  { keys: ["enter"], shown: "Enter", does: "everything about the selected tag", group: "Finding a leak" },
  { keys: ["tab"], shown: "Tab", does: "select the next suspect", group: "Finding a leak" },
  { keys: ["/"], shown: "/", does: "filter: Nt* afd !EtwB (tags, owners, ! excludes)", group: "Finding a leak" },
  { keys: ["g"], shown: "g", does: "only what grows", group: "Finding a leak" },
  { keys: ["u"], shown: "u", does: "only tags that no list knows", group: "Finding a leak" },
  { keys: ["z"], shown: "z", does: "changes since now, or since the last sample", group: "Finding a leak" },
  { keys: [" "], shown: "Space", does: "pause and go on", group: "Finding a leak" },
  {
    keys: ["+", "=", "-", "_"],
    shown: "+ -",
    does: "longer or shorter interval; replay speed",
    group: "Finding a leak",
  },
  { keys: ["r"], shown: "r", does: "start or stop recording to a file", group: "Finding a leak" },
  { keys: ["o"], shown: "o", does: "save this snapshot to a file", group: "Finding a leak" },
  { keys: ["up", "down", "k", "j"], shown: "Up Down", does: "one row (also k j, mouse wheel)", group: "Moving" },
  { keys: ["pageup", "pagedown"], shown: "PgUp PgDn", does: "one page", group: "Moving" },
  { keys: ["home", "end"], shown: "Home End", does: "first and last row", group: "Moving" },
  { keys: ["left", "right"], shown: "Left Right", does: "in the detail: previous and next tag", group: "Moving" },
  { keys: ["ctrl-l"], shown: "Ctrl-L", does: "draw the screen anew", group: "Moving" },
  { keys: ["ctrl-z"], shown: "Ctrl-Z", does: "to the shell and back (not on Windows)", group: "Moving" },
  { keys: ["[", "]"], shown: "[ ]", does: "one snapshot back or on", group: "Replay" },
  { keys: ["{", "}"], shown: "{ }", does: "a tenth of the recording back or on", group: "Replay" },
];
