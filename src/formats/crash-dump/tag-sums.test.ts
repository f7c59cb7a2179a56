import { expect, test } from "vitest";
import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { TAG_LAYOUTS } from "./tag-layouts.ts";
import { emitRows, FIELDS, type Sums } from "./tag-sums.ts";

const layout = TAG_LAYOUTS.find(({ id }) => id === "B64");
const OVERFLOW = 0x6c66764f;

/** What is said of rows of nonpaged pool; tags are Aaa0, Aaa1 ... in their order. */
function told(
  rows: readonly { allocs: number; frees?: number; bytes: number }[],
  more: { largeBytes?: (tag: number) => number; uptime?: number },
): { problems: readonly string[]; doubted: number } {
  if (layout === undefined) throw new Error("no layout B64");
  const sums: Sums = {
    keys: Uint32Array.from([...rows.map((_, i) => 0x00616141 + (0x30 + i) * 2 ** 24), OVERFLOW]),
    values: new Float64Array((rows.length + 1) * FIELDS),
  };
  rows.forEach(({ allocs, frees = 0, bytes }, row) => sums.values.set([allocs, frees, bytes], row * FIELDS));
  const problems: string[] = [];
  const { doubted } = emitRows(new ColumnsBuilder(), sums, layout, {
    problems,
    isWhole: true,
    physicalBytes: 2 ** 40,
    unit: 16,
    ...more,
  });
  return { problems, doubted };
}

test("a row may have a page for each block beside its large allocations, and not a unit more", () => {
  const good = Array.from({ length: 19 }, () => ({ allocs: 1, bytes: 16 }));
  const largeBytes = (): number => 8192;
  expect(told([...good, { allocs: 2, bytes: 8192 + 2 * 4096 }], { largeBytes })).toEqual({ problems: [], doubted: 0 });
  const { problems, doubted } = told([...good, { allocs: 2, bytes: 8192 + 2 * 4096 + 16 }], { largeBytes });
  expect(problems).toEqual([expect.stringMatching(/^1 rows have more bytes than the list of large allocations/)]);
  expect(doubted).toBe(1);
});

test("a bound that more than one row in twenty breaks is no bound", () => {
  const good = Array.from({ length: 17 }, () => ({ allocs: 1, bytes: 16 }));
  const largeBytes = (): number => 0;
  const broken = { allocs: 1, bytes: 4096 + 16 };
  expect(told([...good, ...good.slice(0, 2), broken], { largeBytes }).doubted).toBe(1);
  expect(told([...good, broken], { largeBytes })).toEqual({ problems: [], doubted: 0 });
});

test("twenty million allocations a second since start are believed, one more is not", () => {
  const most = 20_000 * 3_600_000;
  const row = (allocs: number): { allocs: number; frees: number; bytes: number } => ({
    allocs,
    frees: allocs - 1,
    bytes: 16,
  });
  expect(told([row(most)], { uptime: 3_600_000 })).toEqual({ problems: [], doubted: 0 });
  const { problems, doubted } = told([row(most + 1)], { uptime: 3_600_000 });
  expect(problems).toEqual([expect.stringMatching(/^1 rows count more allocations than can be made/)]);
  expect(doubted).toBe(1);
});
