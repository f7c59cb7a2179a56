// A flame graph as one HTML file without scripts: the outermost caller on top, the pool routine at the bottom, width by bytes.

import type { PoolTrace } from "../../model/stacks.ts";
import { formatBytes } from "../../model/units.ts";
import { headline, lossSentence, makerText, percent } from "../../words/stacks.ts";
import { visible } from "../terminal-text.ts";
import { rootText, sampledTags, type SampledFrame, type StackSample, type Weight } from "./samples.ts";

/** Narrower boxes are left out: they could not be read or clicked, and a page of a million boxes does not open. */
const LEAST_SHARE = 0.001;
const LABEL_SHARE = 0.02;
const MOST_TAGS = 20;

interface Node {
  readonly frame: SampledFrame;
  bytes: number;
  readonly children: Map<string, Node>;
}

const STYLE = `body{font:13px/1.4 system-ui,sans-serif;margin:1.5rem;color:#1b1b1b;background:#fff}
h1{font-size:1.2rem}h2{font-size:1rem;margin:1.5rem 0 .3rem}.loss{color:#a00000;font-weight:600}
.flame{display:flex;border:1px solid #ccc}.node{flex:0 0 auto;min-width:0}.row{display:flex;align-items:flex-start}
.box{overflow:hidden;white-space:nowrap;text-overflow:ellipsis;height:1.5em;padding:0 2px;border:1px solid #fff;box-sizing:border-box;
font:12px/1.4 ui-monospace,monospace}.kernel{background:#e3e3e3}.windows{background:#cfe0f5}.outside{background:#f5b3a0;font-weight:600}
.unknown{background:#f3e6b0}.root{background:#d8d8ee}.key span{padding:0 .5em;margin-right:.5em}
@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}.box{color:#111;border-color:#161616}.key span{color:#111}.loss{color:#ff9c8c}}`;

/** The page. Names from the trace are escaped; nothing is loaded from anywhere. */
export function renderFlamePage(trace: PoolTrace, weight: Weight): string {
  const loss = lossSentence(trace.loss);
  const title = `Who allocates: ${trace.file ?? "pool trace"}`;
  const tags = sampledTags(trace, weight).slice(0, MOST_TAGS);
  const parts = tags.map(({ tag, samples, bytes }) => {
    const root = treeOf({ text: rootText(tag), isOutside: false }, samples);
    return `<h2>${escape(rootText(tag))}: ${escape(formatBytes(bytes))} ${weight}</h2><p>${escape(headline(tag))}</p><div class="flame">${boxOf(root, bytes, bytes, "root")}</div>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(title)}</h1>${loss === undefined ? "" : `<p class="loss">${escape(`Incomplete: ${loss}.`)}</p>`}
<p class="key"><span class="outside">first module outside Windows</span><span class="windows">other modules</span><span class="kernel">kernel</span><span class="unknown">no listed module</span>Width: bytes ${weight}. Callers on top; hover for figures.</p>
${parts.length === 0 ? `<p>Nothing ${weight}.</p>` : parts.join("\n")}
</body></html>
`;
}

function treeOf(frame: SampledFrame, samples: readonly StackSample[]): Node {
  const root: Node = { frame, bytes: 0, children: new Map() };
  for (const sample of samples) {
    root.bytes += sample.bytes;
    let node = root;
    for (const each of sample.frames) {
      let child = node.children.get(each.text);
      if (child === undefined) {
        child = { frame: each, bytes: 0, children: new Map() };
        node.children.set(each.text, child);
      }
      child.bytes += sample.bytes;
      node = child;
    }
  }
  return root;
}

function boxOf(node: Node, parentBytes: number, allBytes: number, className = classOf(node.frame)): string {
  const share = node.bytes / allBytes;
  const { frame } = node.frame;
  const maker = frame === undefined ? "" : `, ${makerText({ frame, role: "allocating" })}`;
  const tip = `${visible(node.frame.text)}${maker}: ${formatBytes(node.bytes)}, ${percent(share)}`;
  const children = [...node.children.values()]
    .filter((child) => child.bytes / allBytes >= LEAST_SHARE)
    .sort((a, b) => b.bytes - a.bytes);
  const below =
    children.length === 0
      ? ""
      : `<div class="row">${children.map((child) => boxOf(child, node.bytes, allBytes)).join("")}</div>`;
  const label = share >= LABEL_SHARE ? escape(visible(node.frame.text)) : "";
  const width = ((node.bytes / parentBytes) * 100).toFixed(4);
  return `<div class="node" style="width:${width}%"><div class="box ${className}" title="${escape(tip)}">${label}</div>${below}</div>`;
}

function classOf(frame: SampledFrame): string {
  if (frame.isOutside) return "outside";
  if (frame.frame?.module === undefined) return "unknown";
  return /^(nt(oskrnl|krnl|krpa)|hal)/.test(frame.frame.module) ? "kernel" : "windows";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
