// The order of the snapshots of one text: as they stand, newest first, or rows of one time spread over the text (a table sorted
// by tag). Counters decide between a clock that was set back and a text in another order; what was done is told.

import type { TextBlock } from "../../formats/text-format.ts";
import { ColumnsBuilder } from "../../model/columns-builder.ts";
import type { Repair } from "../../model/intake.ts";
import { indexRows, type Milliseconds } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import { formatTime } from "../../model/time.ts";
import { compareCounters } from "./counters.ts";

export interface FileOrder {
  readonly blocks: readonly TextBlock[];
  readonly repairs: readonly Repair[];
  /** Rows that were not taken, with their line. */
  readonly rejected: readonly { readonly line: number; readonly problem: string }[];
  /** Tables were told apart as of several machines by their counters alone. */
  readonly isParted?: boolean;
}

/** A clock is set back now and then; times that go back more often than this are of another order. */
export const MOST_CLOCK_STEPS = 3;
/** A share of counters that fell, up to which two snapshots can follow each other: 32-bit counters wrap. */
const STRAY = 0.1;
/** Rows that a script stamps one by one belong to one pass where they are this close and name no row twice. */
const ONE_PASS: Milliseconds = 2_000;
/** A restart makes nearly all counters fall. */
const RESTART = 0.9;
/** So few rows say nothing of whose they are. */
const FEWEST_COMMON = 4;
/** More machines than these in one text are not told apart by counters. */
const MOST_MACHINES = 32;
/** Levels this far apart (ln) are a restart, not a step back in a text that is read from its end. */
const FAR = Math.log(1.2);
/** Where more rows than this share come again with other values, a time that comes again is another moment. */
const OTHER_MOMENT = 0.5;

type Timed = TextBlock & { readonly time: Milliseconds };

/**
 * Puts the blocks of a text in the order of time, machine by machine. `gathers`: its rows tell their times one by one, so
 * that rows of one time are one snapshot wherever they stand (CSV).
 */
export function orderBlocks(given: readonly TextBlock[], gathers: boolean): FileOrder {
  const parted = partMachines(given);
  const blocks = parted ?? given;
  const machines = new Map<string, TextBlock[]>();
  for (const block of blocks) {
    const key = block.host?.toLowerCase() ?? "";
    const own = machines.get(key);
    if (own === undefined) machines.set(key, [block]);
    else own.push(block);
  }
  const orders = Array.from(machines.values(), (own) => orderMachine(own, gathers));
  return {
    blocks: orders.flatMap((order) => order.blocks),
    repairs: orders.flatMap((order) => order.repairs),
    rejected: orders.flatMap((order) => order.rejected),
    isParted: parted !== undefined,
  };
}

/**
 * Tables with text between them whose counters fit neither growth nor a restart are of several machines: each goes on from
 * one that it can follow. Undefined where the text names machines, or one machine can have printed all.
 */
function partMachines(blocks: readonly TextBlock[]): readonly TextBlock[] | undefined {
  if (blocks.length < 2 || blocks.some(({ host }) => host !== undefined)) return undefined;
  if (!blocks.some(({ caption }, i) => i > 0 && caption !== undefined)) return undefined;
  const machines: { last: TextBlock; readonly name: string }[] = [];
  const of = blocks.map((block) => {
    const known = machines.find(({ last }) => canFollow(last, block));
    if (known !== undefined) {
      known.last = block;
      return known;
    }
    // bounded: runs of at most 80 signs
    const label = block.caption?.trim().replace(/^[-=*#_\s]{1,80}|[-=*#_\s:]{1,80}$/g, "") ?? "";
    const isLabel = /^\S{2,20}$/.test(label) && !machines.some(({ name }) => name === label);
    const machine = { last: block, name: isLabel ? label : `machine ${machines.length + 1}` };
    machines.push(machine);
    return machine;
  });
  if (machines.length < 2 || machines.length > MOST_MACHINES) return undefined;
  return blocks.map((block, i) => ({ ...block, host: of[i]?.name ?? "" }));
}

function canFollow(before: TextBlock, after: TextBlock): boolean {
  const { fallen, common } = compareCounters(before, after);
  if (common < FEWEST_COMMON) return true;
  return fallen <= STRAY || fallen >= RESTART || compareCounters(after, before).fallen <= STRAY;
}

function orderMachine(blocks: readonly TextBlock[], gathers: boolean): FileOrder {
  const timed = blocks.filter((block): block is Timed => block.time !== undefined);
  const untimed = blocks.filter(({ time }) => time === undefined);
  const asIs: FileOrder = { blocks, repairs: [], rejected: [] };
  if (timed.length === 0 && isTurned(untimed))
    return { blocks: untimed.toReversed(), repairs: [{ kind: "newest-first", lines: untimed.length }], rejected: [] };
  if (timed.length < 2) return asIs;
  if (gathers) {
    const gathered = gather(timed);
    if (gathered !== undefined) return { ...gathered, blocks: [...untimed, ...gathered.blocks] };
  }
  const steps = timed.filter((block, i) => i > 0 && block.time < (timed[i - 1]?.time ?? 0)).length;
  if (steps === 0) return asIs;
  const isDescending = timed.every((block, i) => i === 0 || block.time <= (timed[i - 1]?.time ?? 0));
  const byTime = isDescending ? timed.toReversed() : timed.toSorted((a, b) => a.time - b.time);
  const [here, there] = [falls(timed), falls(byTime)];
  // A clock that was set back shows in counters that go on. Where they tell nothing, a few steps of a log are its clock's; rows
  // that tell their times one by one may stand in any order, and a text whose times all go back is read from its end.
  const isClock = !gathers && !isDescending && steps <= MOST_CLOCK_STEPS;
  if (here < there || (here === there && isClock)) return asIs;
  const repair: Repair = { kind: isDescending ? "newest-first" : "time-order", lines: timed.length };
  return { blocks: [...untimed, ...byTime], repairs: [repair], rejected: [] };
}

/** Whether tables without times count down a little from each to the next and can follow each other the other way round. */
function isTurned(blocks: readonly TextBlock[]): boolean {
  if (blocks.length < 2) return false;
  return blocks.every((block, i) => {
    const before = blocks[i - 1];
    if (before === undefined) return true;
    const here = compareCounters(before, block);
    return here.fallen > STRAY && here.distance <= FAR && compareCounters(block, before).fallen <= STRAY;
  });
}

/** How often snapshots that stand one after the other cannot follow each other by their counters. */
function falls(blocks: readonly Timed[]): number {
  let count = 0;
  for (const [i, block] of blocks.entries()) {
    const before = blocks[i - 1];
    if (before !== undefined && compareCounters(before, block).fallen > STRAY) count += 1;
  }
  return count;
}

/** Rows of one time put together, where they stand apart; undefined where they do not, or where they are moments of their own. */
function gather(timed: readonly Timed[]): FileOrder | undefined {
  const sorted = timed.toSorted((a, b) => a.time - b.time);
  const isSingle = timed.every(({ columns }) => columns.length === 1);
  const seen = new Set<Milliseconds>();
  let returns = 0;
  for (const { time } of timed) {
    if (seen.has(time)) returns += 1;
    seen.add(time);
  }
  if (returns === 0 && !isSingle) return undefined;
  const groups: Timed[][] = [];
  let keys = new Set<number>();
  for (const block of sorted) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const own = [...indexRows(block.columns).keys()];
    const isSame = first?.time === block.time;
    const isPass = isSingle && first !== undefined && block.time - first.time <= ONE_PASS && !keys.has(own[0] ?? -1);
    if (group !== undefined && (isSame || isPass)) group.push(block);
    else {
      groups.push([block]);
      keys = new Set();
    }
    for (const key of own) keys.add(key);
  }
  if (groups.length === timed.length) return undefined;
  const rejected: { line: number; problem: string }[] = [];
  let returning = 0;
  let gathered = 0;
  const merged = groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length === 1) return group;
    const builder = new ColumnsBuilder(group.length * 4);
    for (const { line, time, columns } of group) {
      gathered += columns.length;
      if (columns !== first.columns) returning += columns.length;
      for (let row = 0; row < columns.length; row++) {
        if (builder.copyOnce(columns, row) !== "differs") continue;
        const tag = formatTag(columns.tag[row] ?? 0);
        const problem = `${tag} comes again at ${formatTime(time)} with other values; the first was taken`;
        rejected.push({ line, problem });
      }
    }
    return [{ ...first, columns: builder.finish() }];
  });
  // A clock that was set back passes its times again: moments of their own, for the order as a whole to decide.
  if (rejected.length > returning * OTHER_MOMENT) return undefined;
  return { blocks: merged, repairs: [{ kind: "rows-by-time", lines: gathered }], rejected };
}
