// How states and times look on this screen; what is said of them is in src/words/.

import { formatTime } from "../model/time.ts";
import { needsAction, type VerdictState } from "../model/verdict.ts";
import { STATE_WORDS, type Tone } from "../words/states.ts";
import type { Role } from "./style.ts";

/** How a tone is painted. */
const TONE_ROLES: Readonly<Record<Tone, Role>> = { bad: "alarm", warn: "warn", ok: "dim", plain: "dim" };

/** How a state is painted: what calls for action stands out, what waits does not. */
export function stateRole(state: VerdictState): Role {
  return needsAction(state) ? TONE_ROLES[STATE_WORDS[state].tone] : "dim";
}

/** `12:03:10Z`. */
export function clockTime(time: number): string {
  return formatTime(time).slice(11);
}
