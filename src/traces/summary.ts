// From sites and living blocks to tags with chains: stacks become chains of module and offset, equal chains become one.

import type { CallChain, ChainFrame, ChainProcess, TraceCounts, TracedTag } from "../model/stacks.ts";
import type { KernelImage } from "./kernel-images.ts";
import { KeyTable } from "./key-table.ts";
import { rolesOf } from "./outside-module.ts";
import { AMBIGUOUS, NO_STACK, type TraceCollector } from "./trace-collector.ts";

/** Slices of the trace by which held blocks are told apart: in flight at the end, or left over from all along. */
export const AGE_SLICES = 8;
/** Chains a tag lists one by one; the rest is summed. */
const MOST_CHAINS = 500;
const MOST_PROCESSES = 10;
const NO_PROCESS = 0xffff_ffff;

interface Sum {
  allocs: number;
  allocBytes: number;
  frees: number;
  outstanding: number;
  bytes: number;
}

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

/** All tags of a collected trace, by bytes held. */
export function tagsOf(collector: TraceCollector, ticksPerSecond: number): TracedTag[] {
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
  return tags
    .map((tag, index): TracedTag => ({
      tag: collector.tags.word(index, 0),
      kind: collector.tags.word(index, 1) === 1 ? "paged" : "nonpaged",
      ...countsOf(tag),
      freesFromBefore: collector.freesFromBefore[index] ?? 0,
      missedFrees: collector.missedFrees[index] ?? 0,
      ...chainsOf(tag, collector, ticksPerSecond),
      withoutStack: {
        noStack: countsOf(tag.noStack),
        evicted: countsOf(tag.evicted),
        ambiguous: countsOf(tag.ambiguous),
      },
    }))
    .sort((a, b) => b.bytes - a.bytes || b.allocBytes - a.allocBytes || a.tag - b.tag);
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
): Pick<TracedTag, "chains" | "others"> {
  const sorted = [...tag.chains.values()].sort((a, b) => b.bytes - a.bytes || b.allocBytes - a.allocBytes);
  const chains = sorted.slice(0, MOST_CHAINS).map((chain): CallChain => ({
    frames: chain.frames,
    ...countsOf(chain),
    ...rolesOf(chain.frames, collector.images.hasVersions),
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
  const rest = sorted.slice(MOST_CHAINS);
  if (rest.length === 0) return { chains };
  const sum = emptySum();
  for (const chain of rest) {
    sum.allocs += chain.allocs;
    sum.allocBytes += chain.allocBytes;
    sum.frees += chain.frees;
    sum.outstanding += chain.outstanding;
    sum.bytes += chain.bytes;
  }
  return { chains, others: { chains: rest.length, ...countsOf(sum) } };
}

/** Chains by number: equal ones (module and offset of every frame) have one number, wherever the modules were loaded. */
class ChainTable {
  readonly #collector: TraceCollector;
  /** (stack, epoch) to chain. */
  readonly #seen = new KeyTable();
  readonly #chainOf: number[] = [];
  readonly #byText = new Map<string, number>();
  readonly #frames: (readonly ChainFrame[])[] = [];
  readonly #frameIds = new Map<string, number>();
  readonly #frameValues: ChainFrame[] = [];
  readonly #companies = new Map<KernelImage, string | undefined>();

  constructor(collector: TraceCollector) {
    this.#collector = collector;
  }

  framesOf(id: number): readonly ChainFrame[] {
    return this.#frames[id] ?? [];
  }

  idOf(stack: number, epoch: number): number {
    const before = this.#seen.size;
    const number = this.#seen.add(stack, epoch, 0);
    if (number < before) return this.#chainOf[number] ?? 0;
    const words = this.#collector.stacks.framesOf(stack);
    const time = this.#collector.epochs[epoch] ?? 0;
    const ids: number[] = [];
    for (let i = 0; i < words.length; i += 2) ids.push(this.#frameId(words[i] ?? 0, words[i + 1] ?? 0, time));
    const text = ids.join(" ");
    let id = this.#byText.get(text);
    if (id === undefined) {
      id = this.#frames.length;
      this.#byText.set(text, id);
      this.#frames.push(ids.map((each) => this.#frameValues[each] ?? { offset: 0 }));
    }
    this.#chainOf[number] = id;
    return id;
  }

  #frameId(low: number, high: number, time: number): number {
    const found = this.#collector.images.at(low, high, time);
    const address = found === undefined ? addressText(low, high) : "";
    const key = found === undefined ? address : `${found.image.module}+${found.offset}`;
    let id = this.#frameIds.get(key);
    if (id === undefined) {
      id = this.#frameValues.length;
      this.#frameIds.set(key, id);
      this.#frameValues.push(found === undefined ? { offset: 0, address } : this.#frame(found.image, found.offset));
    }
    return id;
  }

  #frame(image: KernelImage, offset: number): ChainFrame {
    if (!this.#companies.has(image)) this.#companies.set(image, this.#collector.images.identityOf(image).company);
    const company = this.#companies.get(image);
    return { module: image.module, offset, ...(company === undefined ? {} : { company }) };
  }
}

function addressText(low: number, high: number): string {
  const text = (high === 0 ? "" : high.toString(16)) + low.toString(16).padStart(8, "0");
  return `0x${text}`;
}

function emptySum(): Sum {
  return { allocs: 0, allocBytes: 0, frees: 0, outstanding: 0, bytes: 0 };
}

function hold(sum: Sum, bytes: number): void {
  sum.outstanding += 1;
  sum.bytes += bytes;
}

function countsOf({ allocs, allocBytes, frees, outstanding, bytes }: Sum): TraceCounts {
  return { allocs, allocBytes, frees, outstanding, bytes };
}
