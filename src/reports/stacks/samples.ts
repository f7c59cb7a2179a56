// Chains as weighted samples, the common ground of all flame graphs: outermost frame first, one root per tag.

import type { CallChain, ChainFrame, PoolTrace, TracedTag, TraceCounts } from "../../model/stacks.ts";
import { formatTag } from "../../model/tag.ts";
import { frameText } from "../../words/stacks.ts";

/** What the width of a frame means: bytes held at the end, or all bytes allocated. */
export const WEIGHTS = ["held", "allocated"] as const;
export type Weight = (typeof WEIGHTS)[number];

export interface SampledFrame {
  readonly text: string;
  readonly frame?: ChainFrame;
  /** Whether the frame is the first outside Windows on its chain. */
  readonly isOutside: boolean;
}

export interface StackSample {
  /** Outermost first; below it the pool routine. */
  readonly frames: readonly SampledFrame[];
  readonly bytes: number;
  readonly blocks: number;
}

export function rootText(tag: TracedTag): string {
  return `${formatTag(tag.tag)} ${tag.kind}`;
}

/** The samples of a tag that weigh something; allocations without a chain are one sample that says so. */
export function samplesOf(tag: TracedTag, weight: Weight): StackSample[] {
  const amounts = (counts: TraceCounts): { bytes: number; blocks: number } =>
    weight === "held"
      ? { bytes: counts.bytes, blocks: counts.outstanding }
      : { bytes: counts.allocBytes, blocks: counts.allocs };
  const samples = tag.chains.map((chain): StackSample => ({ frames: framesOf(chain), ...amounts(chain) }));
  const more: readonly (readonly [string, TraceCounts | undefined])[] = [
    ["(no stack)", tag.withoutStack.noStack],
    ["(stack evicted)", tag.withoutStack.evicted],
    ["(stack ambiguous)", tag.withoutStack.ambiguous],
    ["(other chains)", tag.others],
  ];
  for (const [text, counts] of more) {
    if (counts !== undefined) samples.push({ frames: [{ text, isOutside: false }], ...amounts(counts) });
  }
  return samples.filter((sample) => sample.bytes > 0);
}

/** All tags that weigh something. */
export function sampledTags(
  trace: PoolTrace,
  weight: Weight,
): { tag: TracedTag; samples: StackSample[]; bytes: number }[] {
  return trace.tags
    .map((tag) => {
      const samples = samplesOf(tag, weight);
      return { tag, samples, bytes: samples.reduce((sum, sample) => sum + sample.bytes, 0) };
    })
    .filter((each) => each.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
}

function framesOf(chain: CallChain): SampledFrame[] {
  return chain.frames
    .map((frame, index): SampledFrame => ({ text: frameText(frame), frame, isOutside: index === chain.outside }))
    .reverse();
}
