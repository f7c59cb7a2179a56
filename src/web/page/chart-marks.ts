// What is drawn besides the lines: spans without data hatched, boots, the onset of a leak, the limit, a selected span.

import type uPlot from "uplot";
import type { Milliseconds } from "../../model/snapshot.ts";
import type { MissingSpan } from "../contract.ts";
import { withOpacity, type ChartColours } from "./colours.ts";

export interface Marks {
  readonly boots: readonly Milliseconds[];
  readonly missing: readonly MissingSpan[];
  readonly onset?: Milliseconds;
  readonly range?: { readonly from: Milliseconds; readonly to: Milliseconds };
  readonly limit?: { readonly value: number; readonly label: string; readonly isDrawn: boolean };
  /** End of the record, where a forecast follows. */
  readonly now?: Milliseconds;
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
    for (const boot of marks.boots) upright(ctx, x(boot), bbox, colours.muted, [3, 3], "restart", scale);
    if (marks.now !== undefined) upright(ctx, x(marks.now), bbox, colours.muted, [1, 3], "end of record", scale, true);
    if (marks.onset !== undefined) upright(ctx, x(marks.onset), bbox, colours.bad, [], "starts here", scale);
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

function upright(
  ctx: CanvasRenderingContext2D,
  x: number,
  { left, top, width, height }: uPlot.BBox,
  colour: string,
  dash: readonly number[],
  text: string,
  scale: number,
  isLeftward = false,
): void {
  if (x < left || x > left + width) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.25 * scale;
  ctx.setLineDash(dash.map((part) => part * scale));
  ctx.beginPath();
  ctx.moveTo(x, top - 2 * scale);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.setLineDash([]);
  label(ctx, text, x, top, colour, scale, isLeftward || x > left + width * 0.85);
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
