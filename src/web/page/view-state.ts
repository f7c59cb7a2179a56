// What is being looked at, as the address tells it: reload, back and a mailed link show the same.

import type { Milliseconds, PoolKind } from "../../model/snapshot.ts";
import type { TagRef } from "../../model/verdict.ts";

export const SORT_COLUMNS = ["tag", "kind", "bytes", "blocks", "size", "change", "rate", "state", "owner"] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** What is shown instead of the overview where no tag is open. */
export const VIEWS = ["drivers", "programs", "objects"] as const;
export type ViewName = (typeof VIEWS)[number];

/** The zone of every time on the page; `local`, the start, is the reader's own. The words are those of the command line. */
export const ZONES = ["local", "utc", "machine"] as const;
export type Zone = (typeof ZONES)[number];

/** A view kept under a name; `state` is the fragment of its address. */
export interface SavedView {
  readonly name: string;
  readonly state: string;
}

/** More and longer ones make an address that mail programs break. */
export const MOST_SAVED = 8;
export const LONGEST_NAME = 40;

export interface ViewState {
  readonly view?: ViewName;
  /** Column by which the table of a view is sorted, `-` before it: the other way round. */
  readonly by?: string;
  readonly saved?: readonly SavedView[];
  /** The tag whose own view is open. */
  readonly tag?: TagRef;
  /** Two times that are compared. */
  readonly range?: { readonly from: Milliseconds; readonly to: Milliseconds };
  /** The stretch that all charts show. */
  readonly zoom?: { readonly from: Milliseconds; readonly to: Milliseconds };
  /** What a drag across a chart does, where it does not zoom. */
  readonly drag?: "compare";
  /** Columns of the table of all tags that are put away. */
  readonly hidden?: readonly SortColumn[];
  readonly zone?: Exclude<Zone, "local">;
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
  const start = Number(fields.get("start") ?? Number.NaN);
  const end = Number(fields.get("end") ?? Number.NaN);
  const away = (fields.get("hide") ?? "").split(",");
  const hidden = SORT_COLUMNS.filter((column) => column !== "tag" && away.includes(column));
  const sort = SORT_COLUMNS.find((each) => each === fields.get("sort"));
  const theme = fields.get("theme");
  const view = VIEWS.find((each) => each === fields.get("view"));
  const zone = ZONES.find((each) => each !== "local" && each === fields.get("zone"));
  const by = fields.get("by") ?? "";
  const saved = fields.getAll("saved").slice(0, MOST_SAVED).flatMap(parseSaved);
  return {
    filter: fields.get("q") ?? "",
    sort: sort ?? START_STATE.sort,
    isDescending: fields.get("dir") !== "up",
    ...(/^0x[0-9a-f]{1,8}$/i.test(tag) && of !== undefined ? { tag: { tag: Number(tag), kind: of } } : {}),
    ...(Number.isFinite(from) && Number.isFinite(to) && from < to ? { range: { from, to } } : {}),
    ...(Number.isFinite(start) && Number.isFinite(end) && start < end ? { zoom: { from: start, to: end } } : {}),
    ...(fields.get("drag") === "compare" ? { drag: "compare" as const } : {}),
    ...(hidden.length > 0 ? { hidden } : {}),
    ...(view === undefined ? {} : { view }),
    ...(/^-?[a-z]{1,12}$/.test(by) ? { by } : {}),
    ...(zone === undefined || zone === "local" ? {} : { zone }),
    ...(saved.length > 0 ? { saved } : {}),
    ...(pool === undefined ? {} : { pool }),
    ...(theme === "light" || theme === "dark" ? { theme } : {}),
  };
}

/** The inverse of {@link parseViewState}, without the leading `#`; empty for the start. */
export function formatViewState(state: ViewState): string {
  const fields = new URLSearchParams();
  if (state.view !== undefined) fields.set("view", state.view);
  if (state.by !== undefined) fields.set("by", state.by);
  if (state.tag !== undefined) {
    fields.set("tag", `0x${state.tag.tag.toString(16).padStart(8, "0")}`);
    fields.set("of", state.tag.kind);
  }
  if (state.range !== undefined) {
    fields.set("from", String(Math.round(state.range.from)));
    fields.set("to", String(Math.round(state.range.to)));
  }
  if (state.zoom !== undefined) {
    fields.set("start", String(Math.round(state.zoom.from)));
    fields.set("end", String(Math.max(Math.round(state.zoom.to), Math.round(state.zoom.from) + 1)));
  }
  if (state.drag !== undefined) fields.set("drag", state.drag);
  if (state.hidden !== undefined && state.hidden.length > 0) fields.set("hide", state.hidden.join(","));
  if (state.zone !== undefined) fields.set("zone", state.zone);
  if (state.filter !== "") fields.set("q", state.filter);
  if (state.pool !== undefined) fields.set("pool", state.pool);
  if (state.sort !== START_STATE.sort) fields.set("sort", state.sort);
  if (!state.isDescending) fields.set("dir", "up");
  if (state.theme !== undefined) fields.set("theme", state.theme);
  for (const { name, state: kept } of state.saved ?? []) fields.append("saved", `${name}|${kept}`);
  return fields.toString();
}

/** The state of a view to be kept: without the other kept views, and without the theme of whoever kept it. */
export function formatForSaving(state: ViewState): string {
  const { saved: _, theme: __, ...kept } = state;
  return formatViewState(kept);
}

function parseSaved(text: string): SavedView[] {
  const [name = "", ...rest] = text.split("|");
  return name === "" || name.length > LONGEST_NAME || rest.length === 0
    ? []
    : [{ name, state: formatForSaving(parseViewState(rest.join("|"))) }];
}

function toKind(text: string | null): PoolKind | undefined {
  return text === "nonpaged" || text === "paged" ? text : undefined;
}

const FIELDS = [
  "view",
  "by",
  "saved",
  "tag",
  "of",
  "from",
  "to",
  "start",
  "end",
  "drag",
  "hide",
  "zone",
  "q",
  "pool",
  "sort",
  "dir",
  "theme",
];

/** Parts of a fragment that mean nothing here, as they stand: a link of another version, or a typing error. */
export function unknownParts(fragment: string): string[] {
  const kept = new URLSearchParams(formatViewState(parseViewState(fragment)));
  return [...new URLSearchParams(fragment.replace(/^#/, ""))]
    .filter(([name, value]) => !FIELDS.includes(name) || (!kept.has(name) && !isStart(name, value)))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
}

/** What is left out of an address because it is the start. */
function isStart(name: string, value: string): boolean {
  return value === "" || (name === "sort" && value === START_STATE.sort) || (name === "dir" && value === "down");
}
