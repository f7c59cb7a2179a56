// Which programs a recording keeps: those that stand out by handles, by what they gained, by quota or by other I/O. Pure.

import type { Milliseconds } from "../model/snapshot.ts";
import type { Program, ProgramList } from "../model/surroundings.ts";

/** A minute tells who leads as well as ten seconds do, at a sixth of the bytes. */
export const PROGRAMS_EVERY: Milliseconds = 60_000;

/** Of each ranking. Four rankings overlap: about 25 programs are kept, and a leaking one leads one of them. */
const LEADERS = 10;

/** Remembers what programs had when they were first seen, to rank them by what they gained. */
export class StandingOut {
  #first = new Map<string, Program>();
  #before = new Map<string, Program>();
  #time: Milliseconds | undefined;

  /** The programs to keep of a list, or undefined where the list before it is recent enough. */
  choose(list: ProgramList): ProgramList | undefined {
    if (this.#time !== undefined && list.time >= this.#time && list.time < this.#time + PROGRAMS_EVERY)
      return undefined;
    this.#time = list.time;
    const { programs } = list;
    const now = new Map(programs.map((program) => [keyOf(program), program]));
    const gained = (program: Program): number =>
      (program.handles ?? 0) - (this.#first.get(keyOf(program))?.handles ?? program.handles ?? 0);
    const busy = (program: Program): number =>
      (program.otherOperations ?? 0) - (this.#before.get(keyOf(program))?.otherOperations ?? 0);
    const chosen = new Set([
      ...leaders(programs, (program) => program.handles ?? 0),
      ...leaders(programs, gained),
      ...leaders(programs, (program) => (program.nonpagedQuota ?? 0) + (program.pagedQuota ?? 0)),
      ...leaders(programs, busy),
    ]);
    this.#first = new Map(Array.from(now, ([key, program]) => [key, this.#first.get(key) ?? program]));
    this.#before = now;
    const kept = programs.filter((program) => chosen.has(program)).map(withoutMemory);
    return { time: list.time, programs: kept, isWhole: list.isWhole && kept.length === programs.length };
  }
}

/** Memory of user mode moves all the time, says nothing of the pool, and would be half of what programs cost. */
function withoutMemory({ privateBytes: _private, workingSet: _set, otherBytes: _bytes, ...program }: Program): Program {
  return program;
}

function leaders(programs: readonly Program[], by: (program: Program) => number): Program[] {
  return programs
    .map((program) => ({ program, figure: by(program) }))
    .filter(({ figure }) => figure > 0)
    .sort((a, b) => b.figure - a.figure)
    .slice(0, LEADERS)
    .map(({ program }) => program);
}

function keyOf({ pid, name, started }: Program): string {
  return `${pid} ${started ?? ""} ${name}`;
}
