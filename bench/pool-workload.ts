// A made machine for benchmarks: 3,000 tags whose counters move as those of a busy server do, a tenth of them between two
// snapshots. Same seed, same data.

import { NONPAGED, PAGED, type PoolColumns, type Snapshot } from "../src/model/snapshot.ts";

export interface WorkloadOptions {
  readonly tags: number;
  readonly intervalMs: number;
  readonly start: number;
  /** Expected share of rows that change between two snapshots. */
  readonly changing: number;
  readonly seed: number;
}

export const DAY: WorkloadOptions = {
  tags: 3000,
  intervalMs: 10_000,
  start: Date.UTC(2026, 0, 5),
  changing: 0.1,
  seed: 1,
};

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Snapshots without end. Rates fall off by rank (a few tags do thousands of allocations in an interval, most do none for
 * minutes); two tags in five have one block size, two have a few, one has any multiple of 16. Tag 7 and 40 leak.
 */
export function* workload(options: WorkloadOptions): Generator<Snapshot> {
  const { tags, seed } = options;
  const next = random(seed);
  const rate = rates(tags, options.changing * tags);
  const sizes: number[][] = [];
  const level = new Float64Array(tags);
  const columns = {
    length: tags,
    tag: new Uint32Array(tags),
    kind: new Uint8Array(tags),
    allocs: new Float64Array(tags),
    frees: new Float64Array(tags),
    outstanding: new Float64Array(tags),
    bytes: new Float64Array(tags),
  };
  const ranks = Array.from({ length: tags }, (_, i) => i);
  for (let i = tags - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    const swapped = ranks[i] ?? 0;
    ranks[i] = ranks[j] ?? 0;
    ranks[j] = swapped;
  }
  for (let i = 0; i < tags; i++) {
    columns.tag[i] = 0x41414141 + (i % 26) + (Math.floor(i / 26) % 26) * 256 + Math.floor(i / 676) * 65536;
    columns.kind[i] = next() < 0.55 ? NONPAGED : PAGED;
    const kinds = next();
    const count = kinds < 0.4 ? 1 : kinds < 0.8 ? 2 + Math.floor(next() * 3) : 40;
    sizes.push(Array.from({ length: count }, () => 16 * (2 + Math.floor(next() ** 3 * 254))));
    level[i] = Math.floor(10 ** (next() * 4));
    grow(columns, i, level[i] ?? 0, sizes[i] ?? [16], next);
    const old = Math.floor((rate[ranks[i] ?? 0] ?? 0) * 3000 * next());
    columns.allocs[i] = (columns.allocs[i] ?? 0) + old;
    columns.frees[i] = (columns.frees[i] ?? 0) + old;
  }
  const bootTime = options.start - 3_600_000;
  for (let n = 0; ; n++) {
    yield {
      time: options.start + n * options.intervalMs,
      origin: {
        source: "windows-live",
        host: "BENCH-01",
        windowsBuild: 20348,
        architecture: "x64",
        bootTime,
        timeBasis: "measured",
      },
      totals: {
        nonpagedBytes: sum(columns, NONPAGED),
        pagedBytes: sum(columns, PAGED),
        physicalBytes: 2 ** 36,
        availableBytes: 2 ** 34 + 4096 * Math.floor(next() * 1000),
        commitBytes: 2 ** 35 + 4096 * Math.floor(next() * 9000),
        commitLimitBytes: 2 ** 37,
      },
      columns: copied(columns),
      counterBits: 64,
      gaps: [],
    };
    for (let i = 0; i < tags; i++) {
      const allocs = poisson(rate[ranks[i] ?? 0] ?? 0, next);
      if (allocs === 0) continue;
      const leaks = i === 7 || i === 40;
      const surplus = (columns.outstanding[i] ?? 0) + allocs - (level[i] ?? 0);
      const frees = leaks
        ? Math.floor(allocs * 0.9)
        : Math.min(
            (columns.outstanding[i] ?? 0) + allocs,
            Math.max(0, Math.round(allocs + surplus * 0.1 * next() + (next() - 0.5) * Math.sqrt(allocs))),
          );
      grow(columns, i, allocs, sizes[i] ?? [16], next);
      shrink(columns, i, frees, sizes[i] ?? [16], next);
    }
  }
}

type Growing = { readonly [K in keyof PoolColumns]: PoolColumns[K] };

function grow(columns: Growing, i: number, blocks: number, sizes: readonly number[], next: () => number): void {
  columns.allocs[i] = (columns.allocs[i] ?? 0) + blocks;
  columns.outstanding[i] = (columns.outstanding[i] ?? 0) + blocks;
  columns.bytes[i] = (columns.bytes[i] ?? 0) + blockBytes(blocks, sizes, next);
}

function shrink(columns: Growing, i: number, blocks: number, sizes: readonly number[], next: () => number): void {
  const left = (columns.outstanding[i] ?? 0) - blocks;
  columns.frees[i] = (columns.frees[i] ?? 0) + blocks;
  columns.outstanding[i] = left;
  const smallest = Math.min(...sizes);
  const now = (columns.bytes[i] ?? 0) - blockBytes(blocks, sizes, next);
  columns.bytes[i] = sizes.length === 1 ? left * smallest : Math.max(left * smallest, now);
}

/** Bytes of some blocks: each one drawn up to 64 of them, the rest as the mean. */
function blockBytes(blocks: number, sizes: readonly number[], next: () => number): number {
  if (sizes.length === 1) return blocks * (sizes[0] ?? 16);
  let bytes = 0;
  const drawn = Math.min(blocks, 64);
  for (let i = 0; i < drawn; i++) bytes += sizes[Math.floor(next() * sizes.length)] ?? 16;
  return drawn === blocks ? bytes : Math.round((bytes * blocks) / drawn / 16) * 16;
}

function rates(tags: number, changing: number): Float64Array {
  const at = (exponent: number): Float64Array =>
    Float64Array.from({ length: tags }, (_, rank) => 8000 / (rank + 1) ** exponent);
  const expected = (rate: Float64Array): number => rate.reduce((sum, r) => sum + 1 - Math.exp(-r), 0);
  let low = 0.5;
  let high = 5;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (expected(at(middle)) > changing) low = middle;
    else high = middle;
  }
  return at(high);
}

function poisson(mean: number, next: () => number): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = next(); product > limit; product *= next()) count += 1;
  return count;
}

function copied(columns: PoolColumns): PoolColumns {
  return {
    ...columns,
    allocs: columns.allocs.slice(),
    frees: columns.frees.slice(),
    outstanding: columns.outstanding.slice(),
    bytes: columns.bytes.slice(),
  };
}

function sum(columns: PoolColumns, kind: number): number {
  let bytes = 0;
  for (let i = 0; i < columns.length; i++) if (columns.kind[i] === kind) bytes += columns.bytes[i] ?? 0;
  return bytes;
}
