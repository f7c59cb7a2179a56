// The table of all tags: what each holds now, how it changed since the newest boot, its shape and its verdict.

import { indexRows, kindCodeOfKey, kindCode, kindOf, rowKey, tagOfKey } from "../../model/snapshot.ts";
import type { Tag } from "../../model/tag.ts";
import { needsAction, type Diagnosis, type TagRef, type VerdictState } from "../../model/verdict.ts";
import type { ChartHistory } from "./chart-history.ts";
import { nearestIndex } from "./compare.ts";
import type { TagRows } from "../contract.ts";
import { toShape } from "./points.ts";

/** Builds the table, largest first. Tags that are no longer listed stay in it with 0 bytes. */
export function tagTable(
  history: ChartHistory,
  diagnosis: Diagnosis | null,
  revision: number,
  ownerOf: (tag: Tag) => string,
  wasJudged: (ref: TagRef) => boolean,
): TagRows {
  const { times, last } = history;
  const boot = diagnosis?.span.boots.at(-1);
  const start = boot === undefined ? 0 : Math.max(0, nearestIndex(times, boot));
  const base = boot !== undefined && (times[start] ?? 0) < boot ? start + 1 : start;
  const states = new Map<number, VerdictState>();
  // One rate for one thing: a finding's tags show the rate that the finding tells.
  const rates = new Map<number, number>();
  for (const { tag, kind, state, group, bytesPerHour } of diagnosis?.verdicts ?? []) {
    const key = rowKey(tag, kindCode(kind));
    for (const member of group) {
      const memberKey = rowKey(member.tag, kindCode(member.kind));
      states.set(memberKey, state);
      if (needsAction(state)) rates.set(memberKey, member.bytesPerHour);
    }
    states.set(key, state);
    if (needsAction(state)) rates.set(key, bytesPerHour.value);
  }
  const index = last === undefined ? new Map<number, number>() : indexRows(last.columns);
  const rows = history.keys().map((key) => {
    const row = index.get(key);
    const series = history.series(key);
    const bytes = row === undefined ? 0 : (last?.columns.bytes[row] ?? 0);
    const blocks = row === undefined ? 0 : (last?.columns.outstanding[row] ?? 0);
    return {
      key,
      bytes,
      blocks,
      allocs: known(row === undefined ? undefined : last?.columns.allocs[row]),
      frees: known(row === undefined ? undefined : last?.columns.frees[row]),
      changeBytes: bytes - (series?.bytes[base] || 0),
      changeBlocks: blocks - (series?.blocks[base] || 0),
      shape: series === undefined ? "" : toShape(series.bytes),
    };
  });
  rows.sort((a, b) => b.bytes - a.bytes || a.key - b.key);
  return {
    revision,
    since: times[base] ?? 0,
    until: last?.time ?? 0,
    tag: rows.map(({ key }) => tagOfKey(key)),
    kind: rows.map(({ key }) => kindCodeOfKey(key)),
    bytes: rows.map(({ bytes }) => bytes),
    blocks: rows.map(({ blocks }) => blocks),
    allocs: rows.map(({ allocs }) => allocs),
    frees: rows.map(({ frees }) => frees),
    changeBytes: rows.map(({ changeBytes }) => changeBytes),
    changeBlocks: rows.map(({ changeBlocks }) => changeBlocks),
    rate: rows.map(({ key }) => rates.get(key) ?? null),
    state: rows.map(
      ({ key }) =>
        states.get(key) ??
        (wasJudged({ tag: tagOfKey(key), kind: kindOf(kindCodeOfKey(key)) }) ? "steady" : "not-judged"),
    ),
    owner: rows.map(({ key }) => ownerOf(tagOfKey(key))),
    shape: rows.map(({ shape }) => shape),
  };
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
