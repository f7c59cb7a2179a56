// What is being looked at, as the address tells it: reload, back and a mailed link show the same.

import type { Milliseconds, PoolKind } from "../../model/snapshot.ts";
import type { TagRef } from "../../model/verdict.ts";

export const SORT_COLUMNS = ["tag", "kind", "bytes", "blocks", "size", "change", "rate", "state", "owner"] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

export interface ViewState {
  /** The tag whose own view is open. */
  readonly tag?: TagRef;
  /** Two times that are compared. */
  readonly range?: { readonly from: Milliseconds; readonly to: Milliseconds };
  readonly filter: string;
  readonly pool?: PoolKind;
  readonly sort: SortColumn;
  readonly isDescending: boolean;
  readonly theme?: "light" | "dark";
}

export const START_STATE: ViewState = { filter: "", sort: "bytes", isDescending: true };

/** The state of a fragment such as `#tag=0x6c466341&pool=nonpaged`; what is not understood is left out. */
export function parseViewState(fragment: string): ViewState {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const tag = fields.get("tag") ?? "";
  const of = toKind(fields.get("of"));
  const pool = toKind(fields.get("pool"));
  const from = Number(fields.get("from") ?? Number.NaN);
  const to = Number(fields.get("to") ?? Number.NaN);
  const sort = SORT_COLUMNS.find((each) => each === fields.get("sort"));
  const theme = fields.get("theme");
  return {
    filter: fields.get("q") ?? "",
    sort: sort ?? START_STATE.sort,
    isDescending: fields.get("dir") !== "up",
    ...(/^0x[0-9a-f]{1,8}$/i.test(tag) && of !== undefined ? { tag: { tag: Number(tag), kind: of } } : {}),
    ...(Number.isFinite(from) && Number.isFinite(to) && from < to ? { range: { from, to } } : {}),
    ...(pool === undefined ? {} : { pool }),
    ...(theme === "light" || theme === "dark" ? { theme } : {}),
  };
}

/** The inverse of {@link parseViewState}, without the leading `#`; empty for the start. */
export function formatViewState(state: ViewState): string {
  const fields = new URLSearchParams();
  if (state.tag !== undefined) {
    fields.set("tag", `0x${state.tag.tag.toString(16).padStart(8, "0")}`);
    fields.set("of", state.tag.kind);
  }
  if (state.range !== undefined) {
    fields.set("from", String(Math.round(state.range.from)));
    fields.set("to", String(Math.round(state.range.to)));
  }
  if (state.filter !== "") fields.set("q", state.filter);
  if (state.pool !== undefined) fields.set("pool", state.pool);
  if (state.sort !== START_STATE.sort) fields.set("sort", state.sort);
  if (!state.isDescending) fields.set("dir", "up");
  if (state.theme !== undefined) fields.set("theme", state.theme);
  return fields.toString();
}

function toKind(text: string | null): PoolKind | undefined {
  return text === "nonpaged" || text === "paged" ? text : undefined;
}
