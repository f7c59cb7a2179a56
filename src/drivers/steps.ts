// How much work one driver may cost, counted and not timed: an instruction decoded, an operation carried out, a place of a
// state joined, a byte of padding passed. A file can be made so that any of them comes again and again for few bytes.

import type { Lifter } from "./lift/ops.ts";

/** Steps for each byte of the file. Real drivers take 3.2 at most (33 of them, looking for every size), this is twenty times as many. */
const STEPS_PER_BYTE = 60;
/** However short the file: half a second at most. */
const LEAST_STEPS = 1_000_000;
/** No file gets more than this, however large. */
const MOST_STEPS = 400_000_000;

/** The steps of one scan. */
export class Steps {
  readonly most: number;
  #taken = 0;

  /** `bytes` is the length of the file. */
  constructor(bytes: number) {
    this.most = Math.min(MOST_STEPS, LEAST_STEPS + STEPS_PER_BYTE * bytes);
  }

  get taken(): number {
    return this.#taken;
  }

  /** Nothing more is begun once this is so; what was found by then stands. */
  get areSpent(): boolean {
    return this.#taken > this.most;
  }

  take(steps: number): void {
    this.#taken += steps;
  }
}

/** A lifter that counts what it decodes, and decodes nothing more when the steps are spent. */
export function counted(lifter: Lifter, steps: Steps): Lifter {
  return {
    lift: (rva, into) => {
      steps.take(1);
      return steps.areSpent ? -1 : lifter.lift(rva, into);
    },
    dispose: () => lifter.dispose(),
  };
}
