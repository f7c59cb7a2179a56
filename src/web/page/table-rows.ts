// Which rows of the table of all tags are shown, and in which order. Pure, and fast enough for every key stroke.

import { kindOf } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import { VERDICT_STATES } from "../../model/verdict.ts";
import type { TagRows } from "../contract.ts";
import type { SortColumn, ViewState } from "./view-state.ts";

/** Text of every row that is searched and sorted by: displayed tag and owner, and the tag in small letters. */
export interface RowTexts {
  readonly tags: readonly string[];
  readonly sortedTags: readonly string[];
  readonly owners: readonly string[];
}

/** Made once a table. */
export function rowTexts({ tag, owner }: TagRows): RowTexts {
  const tags = tag.map(formatTag);
  return {
    tags,
    sortedTags: tags.map((each) => each.toLowerCase()),
    owners: owner.map((each) => each.toLowerCase()),
  };
}

/** Rows that match: a tag holds the text as typed (or with `?` as any character), or the owner holds it in any case. */
export function filterRows(
  table: TagRows,
  texts: RowTexts,
  { filter, pool }: Pick<ViewState, "filter" | "pool">,
): number[] {
  const isTag = tagMatcher(filter);
  const lower = filter.toLowerCase();
  const code = pool === undefined ? undefined : pool === "paged" ? 1 : 0;
  const rows: number[] = [];
  for (let row = 0; row < table.tag.length; row++) {
    if (code !== undefined && table.kind[row] !== code) continue;
    if (filter !== "" && !isTag(texts.tags[row] ?? "") && !(texts.owners[row] ?? "").includes(lower)) continue;
    rows.push(row);
  }
  return rows;
}

function tagMatcher(filter: string): (tag: string) => boolean {
  if (!/[?*]/.test(filter)) return (tag) => tag.includes(filter);
  const source = filter.replace(/[^?*]+|\?|\*/g, (part) =>
    part === "?" ? "." : part === "*" ? ".*" : part.replace(/[.+^${}()|[\]\\]/g, "\\$&"),
  );
  const pattern = new RegExp(`^${source} *$`, "s");
  return (tag) => pattern.test(tag);
}

/** Sorts rows in place; equal ones stay in the order of held bytes. */
export function sortRows(
  rows: number[],
  table: TagRows,
  texts: RowTexts,
  { sort, isDescending }: Pick<ViewState, "sort" | "isDescending">,
): number[] {
  const sign = isDescending ? -1 : 1;
  const text = sort === "tag" ? texts.sortedTags : sort === "owner" ? texts.owners : undefined;
  if (text !== undefined) {
    return rows.sort((a, b) => {
      const [left, right] = [text[a] ?? "", text[b] ?? ""];
      if (left === right) return a - b;
      // What is not known comes last either way.
      if (left === "" || right === "") return left === "" ? 1 : -1;
      return left < right ? -sign : sign;
    });
  }
  const keys = Float64Array.from(table.tag, (_, row) => numberKey(table, sort, row));
  return rows.sort((a, b) => sign * ((keys[a] ?? 0) - (keys[b] ?? 0)) || a - b);
}

function numberKey(table: TagRows, sort: SortColumn, row: number): number {
  const blocks = table.blocks[row] ?? 0;
  switch (sort) {
    case "kind":
      return table.kind[row] ?? 0;
    case "blocks":
      return blocks;
    case "size":
      return blocks === 0 ? 0 : (table.bytes[row] ?? 0) / blocks;
    case "change":
      return table.changeBytes[row] ?? 0;
    case "rate":
      return rowRate(table, row) ?? 0;
    case "state":
      return -VERDICT_STATES.indexOf(table.state[row] ?? "not-judged");
    default:
      return table.bytes[row] ?? 0;
  }
}

/** Bytes per hour of a row: as its finding tells them, else its change over the time; undefined within one instant. */
export function rowRate(table: TagRows, row: number): number | undefined {
  const told = table.rate[row] ?? null;
  if (told !== null) return told;
  const hours = (table.until - table.since) / 3_600_000;
  return hours > 0 ? (table.changeBytes[row] ?? 0) / hours : undefined;
}

/** Rows with exact numbers under their heading, for files and clipboards. */
export function tableRows(table: TagRows, rows: readonly number[]): (string | number | null)[][] {
  return [
    ["tag", "pool", "bytes", "blocks", "allocs", "frees", "bytes changed", "bytes per hour", "verdict", "owner"],
    ...rows.map((row) => [
      formatTag(table.tag[row] ?? 0),
      kindOf(table.kind[row] ?? 0),
      table.bytes[row] ?? 0,
      table.blocks[row] ?? 0,
      table.allocs[row] ?? null,
      table.frees[row] ?? null,
      table.changeBytes[row] ?? 0,
      rowRate(table, row) ?? null,
      table.state[row] ?? "not-judged",
      table.owner[row] ?? "",
    ]),
  ];
}
