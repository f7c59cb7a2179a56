// A report of `xperf -a pool` as a trace: images instead of chains, totals instead of times.

import type { XperfPoolRow } from "../formats/xperf-pool.ts";
import type { CallChain, PoolTrace, TraceCounts, TracedTag } from "../model/stacks.ts";
import { isKernelModule, rolesOf, type IsWindowsModule } from "./outside-module.ts";
import { placesOf } from "./places.ts";
import { add, countsOf, emptySum } from "./sums.ts";

const NONE: TraceCounts = countsOf(emptySum());

/** The rows as tags with one chain per image; the image is the frame, and nothing is known of offsets, times and losses. */
export function traceOfReport(rows: readonly XperfPoolRow[], isWindowsModule: IsWindowsModule): PoolTrace {
  const byTag = new Map<string, XperfPoolRow[]>();
  for (const row of rows) {
    const key = `${row.tag} ${row.kind}`;
    const before = byTag.get(key);
    if (before === undefined) byTag.set(key, [row]);
    else before.push(row);
  }
  const tags = [...byTag.values()].map((each) => tagOf(each, isWindowsModule)).sort((a, b) => b.bytes - a.bytes);
  return {
    milliseconds: 0,
    loss: { eventsLost: 0, buffersLost: 0, unreadableBuffers: 0, brokenBuffers: 0, cut: false, unclosed: false },
    records: rows.length,
    poolEvents: rows.reduce((sum, row) => sum + row.allocs, 0),
    rundownEvents: 0,
    images: new Set(rows.map((row) => row.image)).size,
    hasVersions: false,
    modules: [],
    tags,
    gaps: [
      {
        where: "report",
        problem: "a text report of xperf names images only: no stacks, no times, and not what was lost while recording",
      },
    ],
  };
}

function tagOf(rows: readonly XperfPoolRow[], isWindowsModule: IsWindowsModule): TracedTag {
  const chains = rows
    .map((row): CallChain => {
      const frames = [{ module: row.image, offset: 0, wholeModule: true as const }];
      const { image: _image, tag: _tag, kind: _kind, ...counts } = row;
      return {
        frames,
        ...counts,
        frees: Math.max(0, row.allocs - row.outstanding),
        ...(isKernelModule(row.image) ? {} : rolesOf(frames, false, isWindowsModule)),
        heldBySlice: [],
        oldestMilliseconds: 0,
        processes: [],
      };
    })
    .sort((a, b) => b.bytes - a.bytes);
  const sum = emptySum();
  for (const chain of chains) add(sum, chain);
  return {
    tag: rows[0]?.tag ?? 0,
    kind: rows[0]?.kind ?? "nonpaged",
    ...countsOf(sum),
    freesFromBefore: 0,
    missedFrees: 0,
    chains,
    places: placesOf(chains, sum.bytes).map((place) => ({ ...place, heldBySlice: [] })),
    withoutStack: { noStack: NONE, evicted: NONE, ambiguous: NONE },
  };
}
