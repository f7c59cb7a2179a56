// What the data flow tells of a function while it runs through it.

import type { Call } from "./call.ts";
import type { Callee } from "./driver-context.ts";
import type { Value } from "./values.ts";

/** Told of what happens on the way. */
export interface Visitor {
  /** A call or tail call. Answers the value that the callee gives back, or undefined where it is not known. */
  call(call: Call): Value | undefined;
  /** x86: bytes of arguments that a callee takes off the stack, as far as known. */
  poppedBy(callee: Callee): number | undefined;
  /** A value stored to static memory. */
  readonly stored: (rva: number, value: Value, at: number) => void;
}
