// A table of `!poolused`: its titles, its rows in the plain and the verbose forms, its TOTAL.
// Layout: Microsoft Learn, "!poolused"; newer debuggers widen the columns and put a tab before the comment.

import { NONPAGED, PAGED } from "../../model/snapshot.ts";
import { parseTag, type Tag } from "../../model/tag.ts";

/** `outstanding`: blocks and bytes of both pools; `counters`: allocs, frees, blocks, bytes of both pools or of one. */
export interface TableLayout {
  readonly form: "outstanding" | "counters" | "counters-one-pool";
  readonly tagColumn: number;
  /** Ends of the number columns, as the titles show them. */
  readonly ends: readonly number[];
}

/** One (tag, pool) of a table; allocs and frees are NaN where the form lacks them. */
export interface TableRow {
  readonly tag: Tag;
  readonly kind: number;
  readonly allocs: number;
  readonly frees: number;
  readonly outstanding: number;
  readonly bytes: number;
}

const TITLES = /^\s*Tag((?:\s+(?:Allocs|Frees|Diff|Used)\b)+)/;

/** The layout that a line of titles shows, or undefined where it is none. */
export function layoutOf(line: string): TableLayout | undefined {
  const words = TITLES.exec(line)?.[1]?.trim().split(/\s+/).join(" ");
  if (words === undefined) return undefined;
  const form =
    words === "Allocs Used Allocs Used"
      ? "outstanding"
      : words === "Allocs Frees Diff Used Allocs Frees Diff Used"
        ? "counters"
        : words === "Allocs Frees Diff Used" || words === "Allocs Frees Diff"
          ? "counters-one-pool"
          : undefined;
  if (form === undefined) return undefined;
  return {
    form,
    tagColumn: line.indexOf("Tag"),
    ends: Array.from(line.matchAll(/Allocs|Frees|Diff|Used/g), (match) => match.index + match[0].length),
  };
}

/** Numbers of a row by form. */
const COUNTS = { outstanding: 4, counters: 8, "counters-one-pool": 4 } as const;

/** The rows of a line and its comment, or undefined where it is no row. `kind` is the pool of a table of one pool. */
export function readRow(
  text: string,
  layout: TableLayout,
  kind: number,
): { readonly rows: readonly TableRow[]; readonly comment: string } | undefined {
  const column = layout.tagColumn;
  const inColumn = text.slice(0, column).trim() === "" && /^\s+\d/.test(text.slice(column + 4));
  const name = inColumn ? text.slice(column, column + 4) : /^\s*(\S.{0,3}?)\s+(?=\d+\s+\d+\s+\d+\s+\d)/.exec(text)?.[1];
  const tag = name === undefined ? undefined : parseTag(name);
  if (name === undefined || tag === undefined) return undefined;
  const read = numbersOf(text, inColumn ? column + 4 : text.indexOf(name) + name.length, layout);
  if (read === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = read.numbers;
  const unknown = Number.NaN;
  const row = (pool: number, allocs: number, frees: number, outstanding: number, bytes: number): TableRow => ({
    tag,
    kind: pool,
    allocs,
    frees,
    outstanding,
    bytes,
  });
  if (layout.form === "counters-one-pool") return { rows: [row(kind, a, b, c, d)], comment: read.comment };
  const both =
    layout.form === "outstanding"
      ? [row(NONPAGED, unknown, unknown, a, b), row(PAGED, unknown, unknown, c, d)]
      : [row(NONPAGED, a, b, c, d), row(PAGED, e, f, g, h)];
  const used = both.filter(({ outstanding, bytes, allocs }) => outstanding > 0 || bytes > 0 || allocs > 0);
  return { rows: used.length > 0 ? used : both.slice(0, 1), comment: read.comment };
}

/** The numbers and the comment, which touches the last number; a comment that starts with a digit is cut by column. */
function numbersOf(
  text: string,
  from: number,
  { form, ends }: TableLayout,
): { readonly numbers: readonly number[]; readonly comment: string } | undefined {
  const count = COUNTS[form];
  const match = new RegExp(String.raw`^((?:\s*\d+\s+){${count - 1}})(\d+)(.*)$`).exec(text.slice(from));
  if (match === null) return undefined;
  const leading = (match[1] ?? "").trim().split(/\s+/);
  let last = match[2] ?? "";
  let comment = match[3] ?? "";
  const lastStart = text.length - comment.length - last.length;
  const thirdEnd = from + (match[1] ?? "").trimEnd().length;
  const lastEnd = ends[count - 1] ?? 0;
  // Only a row that keeps to the columns can be cut by them.
  // Newer debuggers part the comment by a tab: nothing touches the number then.
  if (
    !comment.startsWith("\t") &&
    thirdEnd === ends[count - 2] &&
    lastStart < lastEnd &&
    lastStart + last.length > lastEnd
  ) {
    comment = last.slice(lastEnd - lastStart) + comment;
    last = last.slice(0, lastEnd - lastStart);
  }
  const numbers = [...leading, last].map(Number);
  return numbers.length === count ? { numbers, comment: comment.trim() } : undefined;
}

/** The sums of a TOTAL line, of nonpaged and paged bytes; undefined where the line is none. */
export function totalOf(text: string, layout: TableLayout): readonly [number, number] | undefined {
  const digits = /^\s*TOTAL\s+([\d\s]+)/.exec(text)?.[1]?.trim().split(/\s+/).map(Number);
  if (digits === undefined) return undefined;
  if (layout.form === "outstanding") return [digits[1] ?? 0, digits[3] ?? 0];
  return layout.form === "counters" ? [digits[3] ?? 0, digits[7] ?? 0] : [digits[3] ?? 0, 0];
}
