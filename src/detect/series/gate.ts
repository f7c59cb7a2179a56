// The gate for a driver's own tests: which tags may grow by how much, judged on two snapshots or on a whole record.

import { compileTagPattern, formatTag } from "../../model/tag.ts";
import { indexRows, kindCodeOfKey, kindOf, tagOfKey, type Snapshot } from "../../model/snapshot.ts";
import { formatBytes, formatCount, formatRate } from "../../model/units.ts";
import type { Diagnosis, TagRef, Verdict } from "../../model/verdict.ts";
import { MIN_POINTS } from "./window.ts";

export interface GateRules {
  /** Patterns of tags; empty for all. */
  readonly tags: readonly string[];
  /** Bytes per hour that are allowed. */
  readonly maxBytesPerHour?: number;
  /** Outstanding blocks that are allowed, in all or (with `relative`) more than at the start. */
  readonly maxOutstanding?: { readonly blocks: number; readonly relative: boolean };
}

export interface GateResult extends TagRef {
  /** What was broken, one sentence each; empty where the tag passes. */
  readonly failures: readonly string[];
  /** What was measured, in one line. */
  readonly measured: string;
}

/** Judges each (tag, kind) that matches and is listed in the first or the last snapshot. */
export function checkGate(first: Snapshot, last: Snapshot, diagnosis: Diagnosis, rules: GateRules): GateResult[] {
  const matches = rules.tags.map((pattern) => compileTagPattern(pattern));
  const before = indexRows(first.columns);
  const after = indexRows(last.columns);
  const keys = new Set([...before.keys(), ...after.keys()]);
  const results: GateResult[] = [];
  for (const key of [...keys].sort((a, b) => a - b)) {
    const tag = tagOfKey(key);
    if (matches.length > 0 && !matches.some((match) => match(tag))) continue;
    const use = (snapshot: Snapshot, row: number | undefined) => ({
      outstanding: row === undefined ? 0 : (snapshot.columns.outstanding[row] ?? 0),
      bytes: row === undefined ? 0 : (snapshot.columns.bytes[row] ?? 0),
    });
    const ref = { tag, kind: kindOf(kindCodeOfKey(key)) };
    const finding = findingFor(diagnosis, ref);
    const hours = (last.time - first.time) / 3_600_000;
    results.push(judge(ref, use(first, before.get(key)), use(last, after.get(key)), hours, finding, diagnosis, rules));
  }
  return results;
}

interface Use {
  readonly outstanding: number;
  readonly bytes: number;
}

function judge(
  ref: TagRef,
  before: Use,
  after: Use,
  hours: number,
  finding: Finding | undefined,
  diagnosis: Diagnosis,
  rules: GateRules,
): GateResult {
  const failures: string[] = [];
  const gained = after.outstanding - before.outstanding;
  const { maxOutstanding, maxBytesPerHour } = rules;
  if (maxOutstanding !== undefined) {
    const { blocks, relative } = maxOutstanding;
    if ((relative ? gained : after.outstanding) > blocks) {
      failures.push(
        relative
          ? `${formatCount(gained)} blocks more are outstanding than at the start; +${formatCount(blocks)} are allowed.`
          : `${formatCount(after.outstanding)} blocks are outstanding; ${formatCount(blocks)} are allowed.`,
      );
    }
  }
  const proven = diagnosis.span.snapshots >= MIN_POINTS;
  const rate = finding?.rate ?? (proven || hours <= 0 ? 0 : (after.bytes - before.bytes) / hours);
  if (maxBytesPerHour !== undefined && rate > maxBytesPerHour) {
    const basis = finding === undefined ? "from the first snapshot to the last" : finding.words;
    failures.push(`Grows by ${formatRate(rate)} (${basis}); ${formatBytes(maxBytesPerHour)}/h is allowed.`);
  }
  if (maxBytesPerHour === undefined && maxOutstanding === undefined && finding !== undefined) {
    failures.push(`${finding.words}: ${formatRate(finding.rate)}.`);
  }
  const sign = gained > 0 ? "+" : "";
  return {
    ...ref,
    failures,
    measured:
      `${formatCount(before.outstanding)} blocks at the start, ${formatCount(after.outstanding)} at the end (${sign}${formatCount(gained)}), ` +
      `${formatBytes(after.bytes)}; ${rate > 0 ? formatRate(rate) : proven ? "no growth proven" : "no growth"}`,
  };
}

interface Finding {
  readonly rate: number;
  readonly words: string;
}

function findingFor(diagnosis: Diagnosis, ref: TagRef): Finding | undefined {
  const same = (other: TagRef): boolean => other.tag === ref.tag && other.kind === ref.kind;
  for (const verdict of diagnosis.verdicts) {
    if (verdict.state !== "leaking" && verdict.state !== "stopped-held") continue;
    if (same(verdict)) return { rate: verdict.bytesPerHour.value, words: stateWords(verdict) };
    const member = verdict.group.find(same);
    if (member !== undefined) {
      return {
        rate: member.bytesPerHour,
        words: `${stateWords(verdict)}, in lockstep with ${formatTag(verdict.tag).trimEnd()}`,
      };
    }
  }
  return undefined;
}

function stateWords(verdict: Verdict): string {
  return verdict.state === "leaking" ? "leaking" : "leaked, has stopped, is still held";
}
