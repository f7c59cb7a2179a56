// A pool trace for people: loss first, then the answer, then tags with their chains.

import { isTurnover, type CallChain, type PoolTrace, type TracedTag } from "../../model/stacks.ts";
import { formatTag } from "../../model/tag.ts";
import { formatTime } from "../../model/time.ts";
import { formatBytes, formatCount, plural } from "../../model/units.ts";
import * as words from "../../words/stacks.ts";
import { labelled, visible, wrapText, type Paint } from "../terminal-text.ts";
import { renderTable, type TableColumn } from "../text-table.ts";

export interface StacksTextOptions {
  readonly width: number;
  readonly paint: Paint;
  /** Tags shown with their chains, and chains shown of each. */
  readonly tags: number;
  readonly chains: number;
  /** Tags whose blocks are references to shared objects. */
  readonly isShared?: (tag: TracedTag) => boolean;
}

const COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Pool", align: "left", priority: 3 },
  { title: "Held", align: "right", priority: 0 },
  { title: "Blocks", align: "right", priority: 2 },
  { title: "Allocs", align: "right", priority: 4 },
  { title: "Frees", align: "right", priority: 5 },
  { title: "Old freed", align: "right", priority: 6 },
  { title: "Share", align: "right", priority: 0 },
  { title: "Most of it through", align: "left", priority: 0, cutTo: 24 },
];

/** Lines end with a newline. */
export function renderStacksText(trace: PoolTrace, options: StacksTextOptions): string {
  const { width, paint } = options;
  const loss = words.lossSentence(trace.loss);
  const time = trace.from === undefined ? "time unknown" : formatTime(trace.from);
  const wrap = (text: string): string => wrapText(visible(text), width).join("\n");
  const shown = trace.tags.slice(0, options.tags);
  const blocks = [
    ...(loss === undefined ? [] : [paint.alarm(wrap(`Incomplete: ${loss}.`))]),
    `${paint.bold(visible(trace.file ?? "trace"))}\n${wrap(words.traceSentence(trace, time))}`,
    shown
      .slice(0, 3)
      .filter((tag) => tag.bytes > 0)
      .map((tag) => paint.bold(wrap(words.headline(tag))))
      .join("\n"),
    renderTable(COLUMNS, shown.map(row), width) +
      (trace.tags.length > shown.length
        ? `\n(${plural(trace.tags.length - shown.length, "more tag")}; --top shows them)`
        : ""),
    ...shown
      .filter((tag) => tag.chains.length > 0 && (tag.bytes > 0 || shown.length === 1))
      .map((tag) => tagBlock(tag, options)),
    ...trace.gaps.map((gap) => wrap(`Not read: ${gap.problem}`)),
    paint.dim(wrap(words.STACK_CAUTION)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function row(tag: TracedTag): string[] {
  const place = tag.places[0];
  const isTelling = place !== undefined && place.bytes > 0;
  return [
    formatTag(tag.tag),
    tag.kind,
    formatBytes(tag.bytes),
    formatCount(tag.outstanding),
    formatCount(tag.allocs),
    formatCount(tag.frees),
    formatCount(tag.freesFromBefore),
    isTelling ? words.percent(place.share) : "",
    isTelling ? visible(words.frameText(place.frame)) : "",
  ];
}

function tagBlock(tag: TracedTag, options: StacksTextOptions): string {
  const { width, paint } = options;
  const lines = [
    paint.bold(`${formatTag(tag.tag)} ${tag.kind}`),
    ...wrapText(words.tagSentence(tag), width - 3).map((line) => `   ${line}`),
  ];
  if (tag.outstanding > 0 && isTurnover(tag)) {
    lines.push(...wrapText(words.headline(tag), width - 3).map((line) => `   ${line}`));
  }
  if (options.isShared?.(tag) === true) {
    lines.push(...wrapText(words.REFERENCE_CAUTION, width - 3).map((line) => `   ${line}`));
  }
  for (const place of tag.places.slice(0, options.chains)) {
    if (place.bytes === 0 && place.allocs === 0) continue;
    const amount = `${words.percent(place.share)}, ${formatBytes(place.bytes)} in ${plural(place.outstanding, "block")}`;
    lines.push(
      `   ${amount}  ${paint.bold(visible(words.frameText(place.frame)))}  ${visible(words.makerText(place))}`,
    );
    const chain = tag.chains.find((each) => placeIndex(each) !== undefined && frameOf(each) === place.frame);
    lines.push(labelled("when", words.agesText(place.heldBySlice), width, 6, 8));
    if (chain === undefined) continue;
    if (chain.processes.length > 0) lines.push(labelled("in", visible(words.processesText(chain, 3)), width, 6, 8));
    lines.push(
      labelled("chain", chain.frames.map((frame) => visible(words.frameText(frame))).join(" < "), width, 6, 8),
    );
    if (place.chains > 1) lines.push(`      ${plural(place.chains - 1, "more chain")} through the same frame`);
  }
  const rest = tag.places.length - options.chains;
  if (rest > 0) lines.push(`   (${plural(rest, "more place")}; --chains shows them)`);
  const without = words.withoutStackSentence(tag);
  if (without !== undefined) lines.push(...wrapText(without, width - 3).map((line) => `   ${line}`));
  return lines.join("\n");
}

function placeIndex(chain: CallChain): number | undefined {
  return chain.frames.length === 0
    ? undefined
    : (chain.outside ?? chain.allocating ?? Math.min(1, chain.frames.length - 1));
}

function frameOf(chain: CallChain): CallChain["frames"][number] | undefined {
  return chain.frames[placeIndex(chain) ?? 0];
}
