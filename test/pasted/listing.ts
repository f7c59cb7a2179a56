// A listing as somebody pasted it, and what has to be read out of it; the values were written down before the first run.

/** One row of the pool that the listings show. */
export interface TrueRow {
  readonly tag: string;
  readonly type: "Nonp" | "Paged";
  readonly numbers: readonly [allocs: number, frees: number, diff: number, bytes: number, perAlloc: number];
  readonly driver: string;
}

/** The pool that most listings show; Diff = Allocs - Frees and Per Alloc = Bytes / Diff hold. */
export const POOL: readonly TrueRow[] = [
  {
    tag: "NtFC",
    type: "Nonp",
    numbers: [134902771, 484, 134902287, 19425929328, 144],
    driver: "[ntfs.sys - Create.c]",
  },
  { tag: "EtwB", type: "Nonp", numbers: [6394, 4056, 2338, 163418368, 69896], driver: "[nt!etw - Etw Buffer]" },
  {
    tag: "Irp ",
    type: "Nonp",
    numbers: [1127072, 1037111, 89961, 26955808, 299],
    driver: "[<unknown> - Io, IRP packets]",
  },
  {
    tag: "FMfn",
    type: "Paged",
    numbers: [8665967, 5982729, 2683238, 1495080176, 557],
    driver: "[fltmgr.sys - NAME_CACHE_NODE]",
  },
  { tag: "MmSt", type: "Paged", numbers: [614, 441, 173, 83456, 482], driver: "[nt!mm - Mm section object]" },
];

/** What is read of {@link POOL} where nothing is lost: `tag pool allocs frees blocks bytes`. */
export const WHOLE: readonly string[] = [
  "NtFC nonpaged 134902771 484 134902287 19425929328",
  "EtwB nonpaged 6394 4056 2338 163418368",
  "Irp  nonpaged 1127072 1037111 89961 26955808",
  "FMfn paged 8665967 5982729 2683238 1495080176",
  "MmSt paged 614 441 173 83456",
];

export interface Listing {
  readonly name: string;
  /** The text as UTF-8, or the bytes themselves. */
  readonly content: string | Uint8Array;
  readonly options?: readonly string[];
  /** Rows of the last snapshot, in any order; absent where the listing has to be refused. */
  readonly rows?: readonly string[];
  /** Snapshots; 1 unless told. */
  readonly snapshots?: number;
  /** Times of the snapshots, where the listing tells any. */
  readonly times?: readonly string[];
  /** Machines, where there are several. */
  readonly hosts?: readonly string[];
  /** Parts of what standard output and standard error of `snapshot` must say, in any order. */
  readonly says?: readonly RegExp[];
}

/** PoolMon's wide layout, numbers written by `digits`. */
export function poolmonRows(digits: (value: number) => string = String, rows: readonly TrueRow[] = POOL): string {
  return rows
    .map(({ tag, type, numbers }) => {
      const cells = numbers.map((value) => digits(value).padStart(16));
      return ` ${tag} ${type.padEnd(6)}${cells.join(" ")}`;
    })
    .join("\n");
}

export const TITLES =
  " Tag  Type             Allocs            Frees             Diff            Bytes         Per Alloc";

/** Digits in groups of three. */
export function grouped(sign: string): (value: number) => string {
  return (value) => String(value).replace(/\B(?=(?:\d{3})+(?!\d))/g, sign);
}

/** Rows that grow: as {@link POOL}, NtFC with `more` blocks of 144 bytes. */
export function grown(more: number): readonly TrueRow[] {
  return POOL.map((row) => {
    if (row.tag !== "NtFC") return row;
    const [allocs, frees, diff, bytes, each] = row.numbers;
    return { ...row, numbers: [allocs + more, frees, diff + more, bytes + 144 * more, each] };
  });
}

/** The row of NtFC after it grew. */
export function grownRow(more: number): string {
  return `NtFC nonpaged ${134902771 + more} 484 ${134902287 + more} ${19425929328 + 144 * more}`;
}

/** Rows of another machine: some tags hold more, some less. */
export const OTHER: readonly TrueRow[] = POOL.map((row) => {
  const factor = row.type === "Nonp" ? 3 : 0.5;
  const [, , , , each] = row.numbers;
  const [allocs, frees] = [Math.round(row.numbers[0] * factor), Math.round(row.numbers[1] * factor)];
  return { ...row, numbers: [allocs, frees, allocs - frees, (allocs - frees) * each, each] as const };
});
/** What is read of {@link OTHER}. */
export const OTHER_ROWS: readonly string[] = OTHER.map(
  ({ tag, type, numbers: [a, f, d, b] }) => `${tag} ${type === "Nonp" ? "nonpaged" : "paged"} ${a} ${f} ${d} ${b}`,
);
