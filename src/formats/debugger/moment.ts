// One moment of a debugger session: the tables, lists and totals that were printed while the target stood still.

import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { NONPAGED, PAGED, rowKey, type Milliseconds, type SystemTotals } from "../../model/snapshot.ts";
import type { TextBlock } from "../text-format.ts";
import type { BlockLine } from "./block-lines.ts";
import type { TableRow } from "./poolused-table.ts";

/** A table as it was printed. */
export interface Table {
  readonly line: number;
  /** What it is sorted by, as its head says. */
  readonly sorting: string;
  /** The one tag, or pattern, that was asked for. */
  readonly asked?: string;
  readonly rows: Map<number, TableRow>;
  /** Rows were left out (`...`). */
  isCut: boolean;
  total?: readonly [nonpaged: number, paged: number];
}

/** What the session says of its target. */
export interface Target {
  readonly time?: Milliseconds;
  readonly bootTime?: Milliseconds;
  readonly windowsBuild?: number;
  readonly architecture?: "x64" | "x86" | "arm64";
  readonly host?: string;
}

/** Above this share of rows that differ two tables are of two moments, unless the session says that nothing ran. */
const OTHER_MOMENT = 0.5;

export class Moment {
  readonly #tables: Table[] = [];
  readonly #rows = new Map<number, TableRow>();
  readonly #blocks = new Map<number, { blocks: number; bytes: number; line: BlockLine }>();
  #totals: SystemTotals = {};
  #line = 0;
  /** Rows whose values differ between tables; the later ones were taken. */
  differing = 0;

  get isEmpty(): boolean {
    return this.#tables.length === 0 && this.#blocks.size === 0 && Object.keys(this.#totals).length === 0;
  }

  get hasTables(): boolean {
    return this.#tables.length > 0;
  }

  /** Whether a table can be of this moment: the same rows in another order, or another part of them. */
  takes(table: Table, stoodStill: boolean): boolean {
    let common = 0;
    let differing = 0;
    for (const [key, row] of table.rows) {
      const known = this.#rows.get(key);
      if (known === undefined) continue;
      common += 1;
      if (known.outstanding !== row.outstanding || known.bytes !== row.bytes) differing += 1;
    }
    if (differing === 0 || stoodStill) return true;
    const again = this.#tables.some(({ sorting, asked }) => sorting === table.sorting && asked === table.asked);
    return !again && differing <= common * OTHER_MOMENT;
  }

  addTable(table: Table): void {
    if (this.isEmpty) this.#line = table.line;
    this.#tables.push(table);
    for (const [key, row] of table.rows) {
      const known = this.#rows.get(key);
      if (known !== undefined && (known.outstanding !== row.outstanding || known.bytes !== row.bytes))
        this.differing += 1;
      // A verbose table knows more than a plain one.
      const keepsCounters = known !== undefined && Number.isNaN(row.allocs) && !Number.isNaN(known.allocs);
      this.#rows.set(key, keepsCounters ? { ...row, allocs: known.allocs, frees: known.frees } : row);
    }
  }

  addBlock(block: BlockLine, line: number): void {
    if (this.isEmpty) this.#line = line;
    const key = rowKey(block.tag, block.kind);
    const sum = this.#blocks.get(key);
    if (sum === undefined) this.#blocks.set(key, { blocks: 1, bytes: block.bytes, line: block });
    else {
      sum.blocks += 1;
      sum.bytes += block.bytes;
    }
  }

  addTotals(totals: SystemTotals, line: number): void {
    if (this.isEmpty) this.#line = line;
    this.#totals = { ...this.#totals, ...totals };
  }

  /** The moment as a snapshot. Blocks count only where no table was printed: a table's rows hold them already. */
  block(target: Target): TextBlock {
    const builder = new ColumnsBuilder(Math.max(16, this.#rows.size + this.#blocks.size));
    for (const { tag, kind, allocs, frees, outstanding, bytes } of this.#rows.values())
      builder.add(tag, kind, allocs, frees, outstanding, bytes);
    const fromBlocks = this.#rows.size === 0 && this.#blocks.size > 0;
    if (fromBlocks) {
      for (const { blocks, bytes, line } of this.#blocks.values())
        builder.add(line.tag, line.kind, Number.NaN, Number.NaN, blocks, bytes);
    }
    const listing = fromBlocks ? "blocks" : this.#isPartial() ? "partial" : undefined;
    return {
      line: this.#line,
      ...target,
      counterBits: 64,
      totals: { ...this.#tableTotals(), ...this.#totals },
      columns: builder.finish(),
      ...(listing === undefined ? {} : { listing }),
    };
  }

  /** A part of the pool: one tag was asked for, rows were left out, or one sorting has rows that another lacks. */
  #isPartial(): boolean {
    return this.#tables.some(({ asked, isCut, rows }) => asked !== undefined || isCut || rows.size < this.#rows.size);
  }

  /** TOTAL sums what its table shows: it is the pool's only where one table shows all. */
  #tableTotals(): SystemTotals {
    const whole = this.#tables.find(
      ({ asked, rows, total }) => asked === undefined && total !== undefined && rows.size === this.#rows.size,
    );
    if (whole?.total === undefined) return {};
    const [nonpaged, paged] = whole.total;
    const kinds = new Set(Array.from(whole.rows.values(), ({ kind }) => kind));
    return {
      ...(nonpaged > 0 || kinds.has(NONPAGED) ? { nonpagedBytes: nonpaged } : {}),
      ...(paged > 0 || kinds.has(PAGED) || kinds.size === 0 ? { pagedBytes: paged } : {}),
    };
  }
}
