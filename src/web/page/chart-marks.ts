// What is drawn besides the lines: spans without data hatched, boots, the onset of a leak, the limit, a selected span.

import type uPlot from "uplot";
import type { Milliseconds } from "../../model/snapshot.ts";
import { silentMark } from "../../words/missing.ts";
import type { MissingSpan } from "../contract.ts";
import { withOpacity, type ChartColours } from "./colours.ts";

export interface Marks {
  readonly boots: readonly Milliseconds[];
  readonly missing: readonly MissingSpan[];
  readonly onset?: Milliseconds;
  readonly range?: { readonly from: Milliseconds; readonly to: Milliseconds };
  readonly limit?: { readonly value: number; readonly label: string; readonly isDrawn: boolean };
  /** Where the measured part ends and a forecast follows, and what to call it. */
  readonly now?: { readonly time: Milliseconds; readonly text: string };
  /** Drivers that were loaded, unloaded or exchanged. */
  readonly changes?: readonly { readonly time: Milliseconds; readonly text: string }[];
  /** The time axis reaches at least until here. */
  readonly until?: Milliseconds;
}

/** Draws the marks that lie under the lines, or over them. */
export function drawMarks(u: uPlot, marks: Marks, colours: ChartColours, layer: "under" | "over"): void {
  const { ctx, bbox } = u;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
  ctx.clip();
  const x = (time: Milliseconds): number => u.valToPos(time, "x", true);
  if (layer === "under") {
    const { range } = marks;
    if (range !== undefined) {
      ctx.fillStyle = withOpacity(colours.accent, 0.13);
      ctx.fillRect(x(range.from), bbox.top, Math.max(2 * scale, x(range.to) - x(range.from)), bbox.height);
    }
    for (const span of marks.missing) hatch(ctx, x(span.from), x(span.to), bbox, colours.muted, scale);
  } else {
    drawUprights(ctx, uprightsOf(marks, colours, x), bbox, scale);
    if (marks.limit?.isDrawn === true)
      limitLine(ctx, u.valToPos(marks.limit.value, "y", true), marks.limit.label, bbox, colours, scale);
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  from: number,
  to: number,
  { top, height }: uPlot.BBox,
  colour: string,
  scale: number,
): void {
  const width = Math.max(2 * scale, to - from);
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, top, width, height);
  ctx.clip();
  ctx.strokeStyle = withOpacity(colour, 0.45);
  ctx.lineWidth = scale;
  ctx.beginPath();
  for (let offset = -height; offset < width; offset += 7 * scale) {
    ctx.moveTo(from + offset, top + height);
    ctx.lineTo(from + offset + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

interface Upright {
  readonly x: number;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly text: string;
}

/** In the order in which their words get room: what explains a growth comes before what only interrupts it. */
function uprightsOf(marks: Marks, colours: ChartColours, x: (time: Milliseconds) => number): Upright[] {
  const { boots, missing, now, onset, changes = [] } = marks;
  const { bad, warn, muted } = colours;
  const uprights: Upright[] = [];
  if (onset !== undefined) uprights.push({ x: x(onset), colour: bad, dash: [], text: "starts here" });
  for (const { time, text } of changes) uprights.push({ x: x(time), colour: warn, dash: [6, 2], text });
  for (const boot of boots) uprights.push({ x: x(boot), colour: muted, dash: [3, 3], text: "restart" });
  if (now !== undefined) uprights.push({ x: x(now.time), colour: muted, dash: [1, 3], text: now.text });
  for (const span of missing) {
    const { from, to } = span;
    // A restart in between says it better.
    const isRestart = boots.some((boot) => boot >= from && boot <= to);
    if (!isRestart) uprights.push({ x: x(from), colour: muted, dash: [1, 5], text: silentMark(span) });
  }
  return uprights;
}

/** Upright lines with their words above: to the right, or to the left where other words or the edge are in the way. */
function drawUprights(
  ctx: CanvasRenderingContext2D,
  uprights: readonly Upright[],
  box: uPlot.BBox,
  scale: number,
): void {
  const { left, top, width, height } = box;
  const right = left + width;
  ctx.font = `${fontPixels() * scale}px system-ui, sans-serif`;
  const taken: { readonly from: number; readonly to: number }[] = [];
  const isFree = (from: number, to: number): boolean =>
    from >= left && to <= right && taken.every((each) => to <= each.from || from >= each.to);
  for (const { x, colour, dash, text } of uprights) {
    if (x < left || x > right) continue;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.25 * scale;
    ctx.setLineDash(dash.map((part) => part * scale));
    ctx.beginPath();
    ctx.moveTo(x, top - 2 * scale);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.setLineDash([]);
    const space = ctx.measureText(text).width + 6 * scale;
    const goesRight = isFree(x, x + space);
    // Among many restarts the line alone has to do.
    if (!goesRight && !isFree(x - space, x)) continue;
    taken.push(goesRight ? { from: x, to: x + space } : { from: x - space, to: x });
    label(ctx, text, x, top, colour, scale, !goesRight);
  }
}

function label(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  top: number,
  colour: string,
  scale: number,
  isLeftward: boolean,
): void {
  ctx.font = `${fontPixels() * scale}px system-ui, sans-serif`;
  ctx.textAlign = isLeftward ? "right" : "left";
  ctx.textBaseline = "bottom";
  ctx.fillStyle = colour;
  ctx.fillText(text, x + (isLeftward ? -3 : 3) * scale, top - 1 * scale);
}

function limitLine(
  ctx: CanvasRenderingContext2D,
  y: number,
  text: string,
  { left, width }: uPlot.BBox,
  colours: ChartColours,
  scale: number,
): void {
  ctx.strokeStyle = colours.bad;
  ctx.lineWidth = 1.5 * scale;
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + width, y);
  ctx.stroke();
  label(ctx, text, left + 2 * scale, y, colours.bad, scale, false);
}

function fontPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.72;
}
