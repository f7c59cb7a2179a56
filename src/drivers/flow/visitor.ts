// What the data flow tells of a function while it runs through it.

import type { Call } from "./call.ts";
import type { Callee } from "./driver-context.ts";
import type { Value } from "./values.ts";

/** Told of what happens on the way. */
export interface Visitor {
  /** A call or tail call: told of once, with all that may arrive there. */
  call(call: Call): void;
  /** The value that a callee gives back, or undefined where it is not known; asked each time the call is run. */
  resultOf(call: Call): Value | undefined;
  /** x86: bytes of arguments that a callee takes off the stack, as far as known. */
  poppedBy(callee: Callee): number | undefined;
  /** A value stored to static memory. */
  readonly stored: (rva: number, value: Value, at: number) => void;
}
