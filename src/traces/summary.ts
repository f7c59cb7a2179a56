// From sites and living blocks to tags with chains: stacks become chains of module and offset, equal chains become one.

import type { CallChain, ChainFrame, ChainProcess, TracedModule, TracedTag } from "../model/stacks.ts";
import { add, countsOf, emptySum, hold, type Sum } from "./sums.ts";
import { ChainTable } from "./chain-table.ts";
import { AGE_SLICES, placesOf } from "./places.ts";
import { rolesOf, type IsWindowsModule } from "./outside-module.ts";
import { AMBIGUOUS, NO_STACK, type TraceCollector } from "./trace-collector.ts";

/** Chains a tag lists one by one; the rest is summed. */
const MOST_CHAINS = 500;
const MOST_PROCESSES = 10;
const NO_PROCESS = 0xffff_ffff;

interface ChainSum extends Sum {
  readonly frames: readonly ChainFrame[];
  readonly heldBySlice: number[];
  oldestTicks: number;
  readonly processes: Map<number, Sum>;
}

interface TagSum extends Sum {
  readonly chains: Map<number, ChainSum>;
  readonly noStack: Sum;
  readonly evicted: Sum;
  readonly ambiguous: Sum;
}

/** All tags of a collected trace, by bytes held, and the modules that their chains go through. */
export function summarize(
  collector: TraceCollector,
  ticksPerSecond: number,
  isWindowsModule: IsWindowsModule,
): { readonly tags: readonly TracedTag[]; readonly modules: readonly TracedModule[] } {
  const chains = new ChainTable(collector);
  const tags = Array.from({ length: collector.tags.size }, (): TagSum => ({
    ...emptySum(),
    chains: new Map(),
    noStack: emptySum(),
    evicted: emptySum(),
    ambiguous: emptySum(),
  }));
  const targets = Array.from({ length: collector.sites.size }, (_, site) => {
    const target = targetOf(collector, chains, tags, site);
    if (target === undefined) return undefined;
    for (const sum of [target.tag, target.part]) {
      sum.allocs += collector.allocs[site] ?? 0;
      sum.allocBytes += collector.allocBytes[site] ?? 0;
      sum.frees += collector.frees[site] ?? 0;
    }
    return target;
  });
  addHeld(collector, targets);
  const traced = tags
    .map((tag, index): TracedTag => ({
      tag: collector.tags.word(index, 0),
      kind: collector.tags.word(index, 1) === 1 ? "paged" : "nonpaged",
      ...countsOf(tag),
      freesFromBefore: collector.freesFromBefore[index] ?? 0,
      missedFrees: collector.missedFrees[index] ?? 0,
      ...chainsOf(tag, collector, ticksPerSecond, isWindowsModule),
      withoutStack: {
        noStack: countsOf(tag.noStack),
        evicted: countsOf(tag.evicted),
        ambiguous: countsOf(tag.ambiguous),
      },
    }))
    .sort((a, b) => b.bytes - a.bytes || b.allocBytes - a.allocBytes || a.tag - b.tag);
  return { tags: traced, modules: chains.modules() };
}

interface Target {
  readonly tag: TagSum;
  readonly part: Sum;
  readonly chain?: ChainSum;
}

/** What a site counts into: its tag, and a chain or a reason for having none. */
function targetOf(
  collector: TraceCollector,
  chains: ChainTable,
  tags: readonly TagSum[],
  site: number,
): Target | undefined {
  const { tag: number, reference, epoch } = collector.siteOf(site);
  const tag = tags[number];
  if (tag === undefined) return undefined;
  if (reference === AMBIGUOUS) return { tag, part: tag.ambiguous };
  if (reference === NO_STACK) return { tag, part: tag.noStack };
  const stack = collector.stacks.stackOf(reference);
  if (stack === undefined) return { tag, part: tag.evicted };
  const id = chains.idOf(stack, epoch);
  let chain = tag.chains.get(id);
  if (chain === undefined) {
    chain = {
      ...emptySum(),
      frames: chains.framesOf(id),
      heldBySlice: Array.from({ length: AGE_SLICES }, () => 0),
      oldestTicks: Infinity,
      processes: new Map(),
    };
    tag.chains.set(id, chain);
  }
  return { tag, part: chain, chain };
}

function addHeld(collector: TraceCollector, targets: readonly (Target | undefined)[]): void {
  const { blocks, firstTicks, lastTicks } = collector;
  const span = Math.max(1, lastTicks - firstTicks);
  blocks.forEach((slot) => {
    const target = targets[blocks.site[slot] ?? -1];
    if (target === undefined) return;
    const bytes = blocks.bytes[slot] ?? 0;
    hold(target.tag, bytes);
    hold(target.part, bytes);
    const { chain } = target;
    if (chain === undefined) return;
    const ticks = blocks.ticks[slot] ?? 0;
    const slice = Math.max(0, Math.min(AGE_SLICES - 1, Math.floor(((ticks - firstTicks) / span) * AGE_SLICES)));
    chain.heldBySlice[slice] = (chain.heldBySlice[slice] ?? 0) + bytes;
    chain.oldestTicks = Math.min(chain.oldestTicks, ticks);
    const process = blocks.process[slot] ?? NO_PROCESS;
    if (process === NO_PROCESS) return;
    let held = chain.processes.get(process);
    if (held === undefined) chain.processes.set(process, (held = emptySum()));
    hold(held, bytes);
  });
}

function chainsOf(
  tag: TagSum,
  collector: TraceCollector,
  ticksPerSecond: number,
  isWindowsModule: IsWindowsModule,
): Pick<TracedTag, "chains" | "places" | "others"> {
  const sorted = [...tag.chains.values()].sort((a, b) => b.bytes - a.bytes || b.allocBytes - a.allocBytes);
  const all = sorted.map((chain): CallChain => ({
    frames: chain.frames,
    ...countsOf(chain),
    ...rolesOf(chain.frames, collector.images.hasVersions, isWindowsModule),
    heldBySlice: chain.heldBySlice,
    oldestMilliseconds:
      chain.oldestTicks === Infinity ? 0 : ((collector.lastTicks - chain.oldestTicks) / ticksPerSecond) * 1000,
    processes: [...chain.processes]
      .sort((a, b) => b[1].bytes - a[1].bytes)
      .slice(0, MOST_PROCESSES)
      .map(([process, held]): ChainProcess => {
        const name = collector.processNames.get(process);
        return { process, ...(name === undefined ? {} : { name }), outstanding: held.outstanding, bytes: held.bytes };
      }),
  }));
  const places = placesOf(all, tag.bytes);
  const chains = all.slice(0, MOST_CHAINS);
  const rest = sorted.slice(MOST_CHAINS);
  if (rest.length === 0) return { chains, places };
  const sum = emptySum();
  for (const chain of rest) add(sum, chain);
  return { chains, places, others: { chains: rest.length, ...countsOf(sum) } };
}
