// The columns of a table by the names in its heading, and the cells of its lines; comma, semicolon or tab.

import { NONPAGED, PAGED } from "../../model/snapshot.ts";
import { columnOf, type Field } from "./column-names.ts";

export interface Layout {
  readonly separator: string;
  readonly at: ReadonlyMap<Field, number>;
  /** Bytes of one unit of the columns of bytes. */
  readonly factors: ReadonlyMap<Field, number>;
  readonly wide: boolean;
  /** The column of the clock, where date and clock have one each. */
  readonly clock?: number;
}

function isDateOnly(name: string): boolean {
  return /^[\s"]*(?:date|datum|data|fecha|day|tag)[\s"]*$/i.test(name);
}

function isClockOnly(name: string): boolean {
  return /^[\s"]*(?:time|zeit|uhrzeit|hora|heure|ora|clock|tijd|tid)[\s"]*$/i.test(name);
}

/** The layout a heading line names, or undefined where it lacks a tag or any counter. */
export function columnsOf(heading: string): Layout | undefined {
  for (const separator of [",", ";", "\t"]) {
    const at = new Map<Field, number>();
    const factors = new Map<Field, number>();
    let clock: number | undefined;
    let times = "";
    for (const [index, name] of splitCsv(heading, separator).entries()) {
      const column = columnOf(name);
      if (column?.field === "time" && at.has("time")) {
        const [isDate, wasDate] = [isDateOnly(name), isDateOnly(times)];
        if (isDate !== wasDate && (isDate ? isClockOnly(times) : isClockOnly(name))) {
          clock = isDate ? at.get("time") : index;
          if (isDate) at.set("time", index);
          continue;
        }
      }
      if (column?.field === "time" && !at.has("time")) times = name;
      // DateTimeUTC beats DateTime beside it: it has no zone to guess.
      if (column === undefined || (at.has(column.field) && !/utc/i.test(name))) continue;
      at.set(column.field, index);
      factors.set(column.field, column.factor);
    }
    const has = (...fields: readonly Field[]): boolean => fields.some((field) => at.has(field));
    const counts = has("pagedBytes", "nonpagedBytes", "pagedOutstanding", "nonpagedOutstanding");
    const wide = counts || has("pagedAllocs", "nonpagedAllocs");
    const narrow = has("type") && (has("bytes", "outstanding") || (has("allocs") && has("frees")));
    if (has("tag") && (wide || narrow))
      return { separator, at, factors, wide, ...(clock === undefined ? {} : { clock }) };
  }
  return undefined;
}

const PAGED_FIELDS = ["pagedAllocs", "pagedFrees", "pagedOutstanding", "pagedBytes"] as const;
const NONPAGED_FIELDS = ["nonpagedAllocs", "nonpagedFrees", "nonpagedOutstanding", "nonpagedBytes"] as const;
const FIELDS = ["allocs", "frees", "outstanding", "bytes"] as const;

/** The pools that a row tells of, with the fields of each. */
export function poolsOf(layout: Layout, type: string): (readonly [number, readonly [Field, Field, Field, Field]])[] {
  if (layout.wide) {
    return [
      ...(NONPAGED_FIELDS.some((field) => layout.at.has(field)) ? [[NONPAGED, NONPAGED_FIELDS] as const] : []),
      ...(PAGED_FIELDS.some((field) => layout.at.has(field)) ? [[PAGED, PAGED_FIELDS] as const] : []),
    ];
  }
  if (/^non-?p/i.test(type)) return [[NONPAGED, FIELDS]];
  return /^paged?(?:pool\w{0,20})?$/i.test(type) ? [[PAGED, FIELDS]] : [];
}

/** The cells of one line. Quotes as in RFC 4180; a cell never spans lines here. */
export function splitCsv(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      let cell = "";
      at += 1;
      for (;;) {
        const quoteAt = line.indexOf('"', at);
        if (quoteAt < 0) {
          cell += line.slice(at);
          at = line.length;
          break;
        }
        cell += line.slice(at, quoteAt);
        at = quoteAt + 1;
        if (line[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      cells.push(cell);
      const next = line.indexOf(separator, at);
      at = next < 0 ? line.length + 1 : next + 1;
    } else {
      const next = line.indexOf(separator, at);
      cells.push(line.slice(at, next < 0 ? line.length : next));
      at = next < 0 ? line.length + 1 : next + 1;
    }
  }
  return cells;
}
