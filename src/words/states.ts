// The states of a finding in words: one record each, from six characters to a sentence.

import type { VerdictState } from "../model/verdict.ts";

/** How urgent a state looks. */
export type Tone = "bad" | "warn" | "ok" | "plain";

export interface StateWords {
  /** At most six characters, for a column; empty for rows that need no mark. */
  readonly word: string;
  /** For a badge or a heading. */
  readonly label: string;
  /** A clause that can follow a tag: `Even: ...`. */
  readonly clause: string;
  readonly tone: Tone;
  /** A sign that does not need colour. */
  readonly sign: string;
}

export const STATE_WORDS: Readonly<Record<VerdictState, StateWords>> = {
  leaking: {
    word: "LEAK",
    label: "Leaking",
    clause: "memory is allocated and not freed, and it still goes on",
    tone: "bad",
    sign: "▲",
  },
  "stopped-held": {
    word: "held",
    label: "Stopped, still held",
    clause: "it grew and stopped; the memory has not been given back",
    tone: "warn",
    sign: "■",
  },
  "held-not-freed": {
    word: "held?",
    label: "Held, not freed",
    clause: "the counters since boot show allocations that were not freed; no growth over time was looked at",
    tone: "warn",
    sign: "◆",
  },
  undecided: {
    word: "grows?",
    label: "Grows, undecided",
    clause: "it grows, and a leak and something harmless explain it about equally well",
    tone: "warn",
    sign: "?",
  },
  "too-early": {
    word: "early?",
    label: "Grows, too early to tell",
    clause: "it grows, but the record is too short to tell whether that ends",
    tone: "warn",
    sign: "?",
  },
  "load-driven": {
    word: "load",
    label: "Follows the load",
    clause: "it rises and falls with what the machine does",
    tone: "plain",
    sign: "≈",
  },
  step: {
    word: "step",
    label: "One step, then flat",
    clause: "it rose once and is level since",
    tone: "plain",
    sign: "⌐",
  },
  cache: { word: "cache", label: "Cache or warm-up", clause: "it fills and levels off", tone: "plain", sign: "◔" },
  moved: {
    word: "moved",
    label: "Moved",
    clause: "another tag lost as much at the same time",
    tone: "plain",
    sign: "⇄",
  },
  "given-back": { word: "freed", label: "Given back", clause: "it grew and was freed since", tone: "ok", sign: "▼" },
  steady: { word: "", label: "Steady", clause: "looked at; no growth worth a line", tone: "ok", sign: "–" },
  "not-judged": {
    word: "",
    label: "Not judged",
    clause: "no model looked at it",
    tone: "plain",
    sign: "·",
  },
};
