// The gate for a driver's own tests: which tags may grow by how much. It fails closed: what neither a limit nor a verdict
// can decide is undecided, never passed.

import {
  MAX_BLOCKS_PER_OPERATION,
  type CheckedTag,
  type GrowthLimits,
  type Held,
  type LeakPerOperation,
  type LimitResult,
} from "../../model/check.ts";
import { indexRows, kindCodeOfKey, kindOf, tagOfKey, type Snapshot } from "../../model/snapshot.ts";
import { compileTagPattern } from "../../model/tag.ts";
import { gateCode, type Diagnosis, type TagRef, type Verdict } from "../../model/verdict.ts";
import { countInterval } from "./count-interval.ts";

/** What is compared. */
export interface CheckedSpan {
  readonly first: Snapshot;
  readonly last: Snapshot;
  readonly diagnosis: Diagnosis;
  /** Whether the times between the snapshots are known well enough for a rate. */
  readonly timed: boolean;
  /** Whether a model looked at a row: a row that none looked at is never called steady. */
  readonly wasJudged: (ref: TagRef) => boolean;
}

/** Judges each (tag, kind) that matches a pattern (all without one) and is listed in the first or the last snapshot. */
export function checkGrowth(span: CheckedSpan, patterns: readonly string[], limits: GrowthLimits): CheckedTag[] {
  const matches = patterns.map((pattern) => compileTagPattern(pattern));
  const before = indexRows(span.first.columns);
  const after = indexRows(span.last.columns);
  const findings = findingsByKey(span.diagnosis);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => matches.length === 0 || matches.some((match) => match(tagOfKey(key))))
    .sort((a, b) => a - b)
    .map((key) => {
      const ref: TagRef = { tag: tagOfKey(key), kind: kindOf(kindCodeOfKey(key)) };
      const held = { before: heldAt(span.first, before.get(key)), after: heldAt(span.last, after.get(key)) };
      return judgeTag(ref, held, findings.get(textKey(ref)), span, limits);
    });
}

/** A row that a snapshot does not list holds nothing there. */
function heldAt({ columns }: Snapshot, row: number | undefined): Held {
  if (row === undefined) return { blocks: 0, bytes: 0 };
  return { blocks: columns.outstanding[row] ?? 0, bytes: columns.bytes[row] ?? 0 };
}

/** The finding that a row leads or is a member of, with the row's own share of its rate. */
interface Found {
  readonly finding: Verdict;
  readonly bytesPerHour: number;
}

function textKey({ tag, kind }: TagRef): string {
  return `${tag} ${kind}`;
}

function findingsByKey({ verdicts }: Diagnosis): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  const add = (ref: TagRef, value: Found): void => {
    if (!found.has(textKey(ref))) found.set(textKey(ref), value);
  };
  for (const verdict of verdicts) {
    add(verdict, { finding: verdict, bytesPerHour: verdict.bytesPerHour.value });
    for (const member of verdict.group) add(member, { finding: verdict, bytesPerHour: member.bytesPerHour });
  }
  return found;
}

function judgeTag(
  ref: TagRef,
  { before, after }: { readonly before: Held; readonly after: Held },
  found: Found | undefined,
  span: CheckedSpan,
  limits: GrowthLimits,
): CheckedTag {
  const judged = found !== undefined || span.wasJudged(ref);
  const state = found?.finding.state ?? (judged ? "steady" : "not-judged");
  const hours = (span.last.time - span.first.time) / 3_600_000;
  const ends = span.timed && hours > 0 ? (after.bytes - before.bytes) / hours : undefined;
  const bytesPerHour = found?.bytesPerHour ?? (judged ? 0 : ends);
  const perOperation = operationsOf(after.blocks - before.blocks, limits);
  const { broken, open } = holdAgainst(limits, { before, after, bytesPerHour, byVerdict: judged, perOperation });
  const common = {
    ...ref,
    before,
    after,
    state,
    ...(found === undefined ? {} : { finding: found.finding }),
    ...(bytesPerHour === undefined ? {} : { bytesPerHour }),
    ...(perOperation === undefined ? {} : { perOperation }),
    broken,
    open,
  };
  if (broken.length > 0) return { ...common, outcome: "failed", decidedBy: "limit" };
  if (open.length > 0) return { ...common, outcome: "undecided", decidedBy: "nothing" };
  if (hasLimit(limits)) return { ...common, outcome: "passed", decidedBy: "limit" };
  const code = gateCode(state);
  if (code === 2) return { ...common, outcome: "undecided", decidedBy: "nothing" };
  return { ...common, outcome: code === 1 ? "failed" : "passed", decidedBy: "verdict" };
}

/** Whether anything is limited. */
export function hasLimit(limits: GrowthLimits): boolean {
  return Object.values(limits).some((limit) => limit !== undefined);
}

function operationsOf(gained: number, { perOperation }: GrowthLimits): LeakPerOperation | undefined {
  if (perOperation === undefined) return undefined;
  const { operations } = perOperation;
  const { low, high } = countInterval(Math.max(0, gained));
  return { operations, blocks: Math.max(0, gained) / operations, low: low / operations, high: high / operations };
}

interface Measured {
  readonly before: Held;
  readonly after: Held;
  readonly bytesPerHour: number | undefined;
  readonly byVerdict: boolean;
  readonly perOperation: LeakPerOperation | undefined;
}

function holdAgainst(
  { maxOutstanding, maxGainedBytes, maxBytesPerHour, perOperation }: GrowthLimits,
  measured: Measured,
): { readonly broken: readonly LimitResult[]; readonly open: readonly LimitResult[] } {
  const broken: LimitResult[] = [];
  const open: LimitResult[] = [];
  const { before, after, bytesPerHour, byVerdict } = measured;
  if (maxOutstanding !== undefined) {
    const { blocks: allowed, relative } = maxOutstanding;
    const blocks = relative ? after.blocks - before.blocks : after.blocks;
    if (blocks > allowed) broken.push({ limit: "outstanding", blocks, allowed, relative });
  }
  const bytes = after.bytes - before.bytes;
  if (maxGainedBytes !== undefined && bytes > maxGainedBytes) {
    broken.push({ limit: "gained-bytes", bytes, allowed: maxGainedBytes });
  }
  if (maxBytesPerHour !== undefined) {
    // Without times a tag that did not grow is within any rate; one that grew is not measured.
    const rate = bytesPerHour ?? (bytes > 0 ? Number.NaN : 0);
    const result: LimitResult = { limit: "rate", bytesPerHour: rate, allowed: maxBytesPerHour, byVerdict };
    if (Number.isNaN(rate)) open.push(result);
    else if (rate > maxBytesPerHour) broken.push(result);
  }
  if (perOperation !== undefined && measured.perOperation !== undefined) {
    const leak = measured.perOperation;
    const result: LimitResult = { limit: "per-operation", allowed: perOperation.maxBlocks, leak };
    if (leak.low > perOperation.maxBlocks) broken.push(result);
    else if (leak.high > perOperation.maxBlocks) open.push(result);
  }
  return { broken, open };
}

/** Operations of which none may leave a block for the interval's upper end to be within the limit that `--per` allows. */
export function fewestOperations(maxBlocks = MAX_BLOCKS_PER_OPERATION): number {
  return Math.ceil(countInterval(0).high / maxBlocks);
}
