// What uPlot is told of a chart: scales that all charts share in time, axes, drags, and the marks drawn over it.

import uPlot from "uplot";
import type { ChartProps } from "./chart-props.ts";
import type { ChartColours } from "./colours.ts";
import { drawMarks, type Marks } from "./chart-marks.ts";
import { axisLabels, zonedDate } from "./local-time.ts";

/** Columns as uPlot takes them. */
export function dataOf({ times, lines }: ChartProps): uPlot.AlignedData {
  return [times as number[], ...lines.map(({ values }) => values as (number | null)[])];
}

/** Narrower drags are clicks. */
const LEAST_DRAG_PX = 4;

/** Options of a chart whose props may change while it lives: hooks read `current`. */
export function optionsOf(
  current: { readonly current: ChartProps },
  colours: ChartColours,
  size: { width: number; height: number },
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const { lines, bands = [], format, steps } = current.current;
  const marksNow = (): Marks => current.current.marks;
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${Math.round(rem * 0.75)}px system-ui, sans-serif`;
  const axis = { stroke: colours.muted, grid: { stroke: colours.grid, width: 1 }, ticks: { show: false }, font };
  let isShift = false;
  return {
    ...size,
    ms: 1,
    tzDate: zonedDate,
    pxAlign: true,
    padding: [rem * 0.9, rem, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: rem * 0.5 },
      drag: { x: true, y: false, setScale: false },
      bind: {
        mousedown: (_u, _target, handler) => (event) => {
          isShift = event.shiftKey;
          return handler(event);
        },
        dblclick: () => () => {
          current.current.controls.onZoom(undefined);
          return null;
        },
      },
    },
    scales: {
      x: {
        time: true,
        range: (_u, min, max) => {
          const { zoom } = current.current.controls;
          return zoom === undefined ? [min, Math.max(max, marksNow().until ?? max)] : [zoom.from, zoom.to];
        },
      },
      y: {
        range: (_u, _min, max) => {
          const { limit } = marksNow();
          return [0, Math.max(max, limit?.isDrawn === true ? limit.value : 0, 1) * 1.06];
        },
      },
    },
    axes: [
      {
        ...axis,
        // A second line holds the day where a new one begins.
        size: (_u, labels) => rem * ((labels ?? []).some((each) => each.includes("\n")) ? 2.6 : 1.6),
        space: rem * 5.5,
        gap: rem * 0.4,
        values: (_u, splits, _axis, _space, step) => axisLabels(splits, step),
      },
      {
        ...axis,
        size: rem * 5,
        space: rem * 2.6,
        ...(steps === undefined ? {} : { incrs: steps }),
        values: (_u, splits) => splits.map((value) => (value === null ? "" : format(value))),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, fill, width = 1.75, dash }) => ({
        label,
        stroke: colour,
        width: width * Math.max(1, rem / 16),
        ...(fill === undefined ? {} : { fill }),
        ...(dash === undefined ? {} : { dash }),
        points: { show: lines[0]?.values.length === 1 },
        spanGaps: false,
      })),
    ],
    bands: bands.map(({ upper, lower, fill }) => ({ series: [upper + 1, lower + 1], fill })),
    hooks: {
      drawClear: [(u) => drawMarks(u, marksNow(), colours, "under")],
      draw: [(u) => drawMarks(u, marksNow(), colours, "over")],
      setCursor: [(u) => onCursor(u.cursor.left === undefined || u.cursor.left < 0 ? null : (u.cursor.idx ?? null))],
      setSelect: [
        (u) => {
          if (u.select.width < LEAST_DRAG_PX) return;
          const from = u.posToVal(u.select.left, "x");
          const to = u.posToVal(u.select.left + u.select.width, "x");
          u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          const { controls } = current.current;
          if ((controls.drag === "compare") !== isShift) controls.onCompare(from, to);
          else controls.onZoom({ from, to });
        },
      ],
    },
  };
}

/** Puts the cursor onto a point, with the selection from an anchor to it where one is being made by keys. */
export function showCursor(plot: uPlot | null, times: readonly number[], at: number, anchor: number | null): void {
  if (plot === null) return;
  const left = plot.valToPos(times[at] ?? 0, "x");
  plot.setCursor({ left, top: plot.over.clientHeight / 2 }, false);
  if (anchor === null) {
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    return;
  }
  const other = plot.valToPos(times[anchor] ?? 0, "x");
  plot.setSelect(
    { left: Math.min(left, other), width: Math.abs(left - other), top: 0, height: plot.over.clientHeight },
    false,
  );
}
