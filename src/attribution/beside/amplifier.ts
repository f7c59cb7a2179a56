// A program whose work the growth follows: it triggers the leak, the owner of the tag leaks. Read from increments, never from
// levels: everything that only rises correlates.

import type { Amplifier } from "../../model/beside.ts";
import { kindCode, rowKey } from "../../model/snapshot.ts";
import { correlation, unevenness } from "./growth.ts";
import type { Window } from "./window.ts";

/** Fewer intervals make any two series correlate by chance. */
const LEAST_INTERVALS = 12;

/** At .9 over 12 intervals, chance among 40 programs stays below 1 in 1,000. */
const LEAST_CORRELATION = 0.9;

/** Increments that hardly vary follow everything. */
const LEAST_UNEVENNESS = 0.2;

/** Where more programs than this follow the growth, it follows the load of the machine, and none is named as likely. */
const MOST_LIKELY = 2;

interface Candidate {
  readonly name: string;
  readonly pid: number;
  readonly correlation: number;
  readonly intervals: number;
  readonly operations: number;
  readonly blocks: number;
  readonly ms: number;
}

/** The program that a finding's growth follows, if one does. */
export function amplifier({ verdict, programs: points }: Window): Amplifier | undefined {
  const key = rowKey(verdict.tag, kindCode(verdict.kind));
  const keys = new Set(points.flatMap(({ programs }) => [...programs.keys()]));
  const found = [...keys]
    .flatMap((program) => candidateOf(points, program, key) ?? [])
    .sort((a, b) => b.correlation - a.correlation || b.operations - a.operations);
  const [best, ...others] = found;
  if (best === undefined) return undefined;
  return {
    kind: "amplifier",
    program: { name: best.name, pid: best.pid },
    correlation: best.correlation,
    intervals: best.intervals,
    operationsPerSecond: best.operations / (best.ms / 1000),
    blocksPerOperation: best.blocks / best.operations,
    others: others.length,
    certainty: others.length < MOST_LIKELY ? "likely" : "possible",
  };
}

function candidateOf(points: Window["programs"], program: string, key: number): Candidate | undefined {
  const operations: number[] = [];
  const blocks: number[] = [];
  let ms = 0;
  let last: { name: string; pid: number } | undefined;
  for (const [i, point] of points.entries()) {
    const before = points[i - 1];
    const now = point.programs.get(program);
    const was = before?.programs.get(program);
    const blocksNow = point.blocks(key);
    const blocksWere = before?.blocks(key);
    if (now?.otherOperations === undefined || was?.otherOperations === undefined) continue;
    if (before === undefined || blocksNow === undefined || blocksWere === undefined) continue;
    operations.push(now.otherOperations - was.otherOperations);
    blocks.push(blocksNow - blocksWere);
    ms += point.time - before.time;
    last = now;
  }
  if (last === undefined || unevenness(operations) < LEAST_UNEVENNESS || unevenness(blocks) < LEAST_UNEVENNESS)
    return undefined;
  const follows = correlation(operations, blocks, LEAST_INTERVALS);
  if (follows === undefined || follows < LEAST_CORRELATION) return undefined;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    name: last.name,
    pid: last.pid,
    correlation: follows,
    intervals: operations.length,
    operations: sum(operations),
    blocks: sum(blocks),
    ms,
  };
}
