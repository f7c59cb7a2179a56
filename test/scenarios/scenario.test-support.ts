// Scenarios as text tables: times across, one row for each thing measured, below a line of dashes what must be said.
// Rows are `Tag kind what values...`, what being blocks, bytes, size (per block) or allocs (cumulative); the last value
// holds to the end. `-` leaves a row out of a snapshot. `load` adds ten busy tags that follow it. `boot` marks snapshots
// that are the first of a boot with `x`.

import { parseDuration } from "../../src/model/units.ts";
import { ColumnsBuilder } from "../../src/model/columns-builder.ts";
import { kindCode, type PoolKind, type Snapshot } from "../../src/model/snapshot.ts";
import { parseTag } from "../../src/model/tag.ts";

export interface Scenario {
  readonly title: string;
  readonly snapshots: readonly Snapshot[];
  readonly start: number;
  /** Lines below the dashes. */
  readonly expected: readonly string[];
}

const START = Date.UTC(2026, 2, 2, 8);
const DEFAULT_SIZE = 96;

export function parseScenario(text: string): Scenario {
  const [table = "", below = ""] = text.split(/^-{3,}$/m);
  const lines = table.split("\n").filter((line) => line.trim() !== "");
  const title = (lines.shift() ?? "").trim();
  const rows = lines.map((line) => rowOf(line));
  const times = (rows.find((row) => row.what === "time")?.values ?? []).map((value) => parseDuration(value) ?? Number.NaN);
  const boots = rows.find((row) => row.what === "boot")?.values ?? [];
  const all = rows.flatMap((row) => (row.what === "load" ? loadRows(times, row.values.map(Number)) : row.key === "" ? [] : [row]));
  const keys = [...new Set(all.map((row) => row.key))];
  let bootTime: number | undefined;
  const snapshots = times.map((offset, i): Snapshot => {
    const time = START + offset;
    if (boots[i] === "x") bootTime = time - 60_000;
    const builder = new ColumnsBuilder(keys.length);
    for (const key of keys) addUse(builder, key, (what) => valueAt(all, key, what, i));
    return {
      time,
      origin: { source: "csv", timeBasis: "measured", ...(bootTime === undefined ? {} : { bootTime }) },
      columns: builder.finish(),
      totals: { physicalBytes: 16 * 1024 ** 3, nonpagedLimitBytes: 12 * 1024 ** 3 },
      counterBits: 32,
      gaps: [],
    };
  });
  const expected = below.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return { title, snapshots, start: START, expected };
}

interface Row {
  /** `Tag kind`, or empty. */
  readonly key: string;
  readonly what: string;
  readonly values: readonly string[];
}

function rowOf(line: string): Row {
  const [first = "", ...rest] = line.trim().split(/\s+/);
  if (first === "time" || first === "load" || first === "boot") return { key: "", what: first, values: rest };
  const [kind = "", what = "", ...values] = rest;
  return { key: `${first} ${kind}`, what, values };
}

function valueAt(rows: readonly Row[], key: string, what: string, i: number): number | undefined {
  const row = rows.find((each) => each.key === key && each.what === what);
  const value = row?.values[i] ?? row?.values[row.values.length - 1];
  return value === undefined || value === "-" ? undefined : Number(value);
}

function addUse(builder: ColumnsBuilder, key: string, value: (what: string) => number | undefined): void {
  const [name = "", kind = ""] = key.split(" ");
  const blocks = value("blocks");
  if (blocks === undefined) return;
  const allocs = value("allocs") ?? Number.NaN;
  const frees = (((allocs - blocks) % 2 ** 32) + 2 ** 32) % 2 ** 32;
  const bytes = value("bytes") ?? blocks * (value("size") ?? DEFAULT_SIZE);
  builder.add(parseTag(name) ?? 0, kindCode(kind as PoolKind), allocs, frees, blocks, bytes);
}

/** Ten tags whose allocations follow the load and whose blocks live shorter than an interval. */
function loadRows(times: readonly number[], load: readonly number[]): Row[] {
  return Array.from({ length: 10 }, (_, k) => {
    let made = 10_000;
    const level = (i: number): number => load[i] ?? load[load.length - 1] ?? 1;
    const allocs = times.map((time, i) => {
      const hours = i === 0 ? 0 : (time - (times[i - 1] ?? 0)) / 3_600_000;
      made += Math.round(20_000 * (k + 1) * level(i) * hours);
      return String(made % 2 ** 32);
    });
    const key = `Bus${k} nonpaged`;
    return [
      { key, what: "allocs", values: allocs },
      { key, what: "blocks", values: times.map((_, i) => String(Math.round(100 * (k + 1) * level(i)))) },
    ];
  }).flat();
}
