// One chart over time: a canvas drawn by uPlot, a readout of the values under the cursor, and a slider's manners for the
// keyboard (arrows move the cursor, with Shift they select, Enter compares).

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import uPlot from "uplot";
import type { Milliseconds } from "../../model/snapshot.ts";
import { chartColours, type ChartColours } from "./colours.ts";
import { drawMarks, type Marks } from "./chart-marks.ts";
import { axisLabels, formatMoment } from "./local-time.ts";

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly colour: string;
  /** Value to name under the cursor where it is not the one drawn (stacks). */
  readonly shown?: readonly (number | null)[];
  readonly fill?: string;
  readonly width?: number;
  readonly dash?: number[];
  /** Left out of the readout: edges of an interval. */
  readonly isSilent?: boolean;
}

export interface ChartProps {
  /** What is drawn, for those who do not see it. */
  readonly label: string;
  readonly times: readonly Milliseconds[];
  readonly lines: readonly Line[];
  /** Fills between pairs of lines, by index. */
  readonly bands?: readonly { readonly upper: number; readonly lower: number; readonly fill: string }[];
  readonly marks: Marks;
  readonly format: (value: number) => string;
  readonly steps?: number[];
  readonly tall?: boolean;
  readonly themeKey: string;
  readonly onSelect?: (from: Milliseconds, to: Milliseconds) => void;
  /** Legend entries that open something. */
  readonly onOpen?: (index: number) => void;
}

export function Chart(props: ChartProps): JSX.Element {
  const { label, times, lines, marks, format, themeKey, onSelect, onOpen } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const anchor = useRef<number | null>(null);
  // What the plot's hooks read when they run, however long it lives.
  const current = useRef(props);
  current.current = props;
  const colours = useMemo(chartColours, [themeKey]);
  // Words may change with every snapshot; only what the plot itself draws makes a new one.
  const structure = lines.map(({ colour, dash }) => `${colour} ${dash?.join() ?? ""}`).join("\n");

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const size = (): { width: number; height: number } => ({
      width: Math.max(200, element.clientWidth),
      height: element.clientHeight,
    });
    const made = new uPlot(optionsOf(current, colours, size(), setCursor), dataOf(current.current), element);
    plot.current = made;
    element.dataset["drawn"] = "yes";
    // For the benchmark: the first of these marks is when somebody sees something.
    performance.mark("poolscope-chart");
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize(size());
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [structure, colours]);

  // News of a live source are put into the plot as it is, and not under somebody who is just selecting.
  useLayoutEffect(() => {
    const made = plot.current;
    if (made === null || made.data[0] === times) return undefined;
    const update = (): void => made.setData(dataOf(current.current));
    if (made.select.width === 0) {
      update();
      return undefined;
    }
    addEventListener("mouseup", update, { once: true });
    return () => removeEventListener("mouseup", update);
  }, [times, lines]);
  useEffect(() => plot.current?.redraw(false), [marks]);

  // The readout of another data set may have fewer points.
  useEffect(() => setCursor((index) => (index !== null && index >= times.length ? null : index)), [times]);

  // Without a cursor the newest measured point speaks, not the end of a forecast.
  const latest = marks.now === undefined ? times.length - 1 : Math.max(0, times.lastIndexOf(marks.now));
  const at = cursor ?? latest;
  const spoken = lines.filter(({ isSilent }) => isSilent !== true);
  const valueAt = ({ shown, values }: Line): string => {
    const value = (shown ?? values)[at];
    return value === null || value === undefined ? "–" : format(value);
  };
  const time = formatMoment(times[at] ?? 0);
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = moved(event.key, at, times.length);
    if (event.key === "Enter" && anchor.current !== null) {
      const [a, b] = [times[anchor.current] ?? 0, times[at] ?? 0];
      anchor.current = null;
      if (a !== b) onSelect?.(Math.min(a, b), Math.max(a, b));
    } else if (event.key === "Escape" && anchor.current !== null) {
      anchor.current = null;
      plot.current?.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      event.stopPropagation();
    }
    if (target === undefined) return;
    event.preventDefault();
    if (event.shiftKey) anchor.current ??= at;
    else anchor.current = null;
    setCursor(target);
    showCursor(plot.current, times, target, anchor.current);
  };
  return (
    <figure class="chart">
      <div
        ref={box}
        class={props.tall === true ? "plot tall" : "plot"}
        role="slider"
        tabIndex={0}
        aria-label={`${label}. Time cursor; arrow keys move it, Shift with arrows selects, Enter compares.`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, times.length - 1)}
        aria-valuenow={Math.max(0, at)}
        aria-valuetext={`${time}: ${spoken.map((line) => `${line.label} ${valueAt(line)}`).join(", ")}`}
        onKeyDown={onKeyDown}
      />
      <figcaption>
        <span class="at">{cursor === null ? `Latest, ${time}` : time}</span>
        <ul class="legend">
          {spoken.map((line, index) => (
            <li key={index}>
              <svg class="key" viewBox="0 0 10 10" aria-hidden="true">
                <rect width="10" height="10" rx="2" fill={line.colour} />
              </svg>
              {onOpen === undefined ? (
                <span class="name">{line.label}</span>
              ) : (
                <button type="button" class="link name" onClick={() => onOpen(index)}>
                  {line.label}
                </button>
              )}
              <span class="value">{valueAt(line)}</span>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

function moved(key: string, at: number, length: number): number | undefined {
  const page = Math.max(1, Math.round(length / 20));
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageUp: -page,
    PageDown: page,
    Home: -length,
    End: length,
  };
  const step = steps[key];
  return step === undefined ? undefined : Math.min(length - 1, Math.max(0, at + step));
}

function showCursor(plot: uPlot | null, times: readonly number[], at: number, anchor: number | null): void {
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

function dataOf({ times, lines }: ChartProps): uPlot.AlignedData {
  return [times as number[], ...lines.map(({ values }) => values as (number | null)[])];
}

function optionsOf(
  current: { readonly current: ChartProps },
  colours: ChartColours,
  size: { width: number; height: number },
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const { lines, bands = [], format, steps, onSelect } = current.current;
  const marksNow = (): Marks => current.current.marks;
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${Math.round(rem * 0.75)}px system-ui, sans-serif`;
  const axis = { stroke: colours.muted, grid: { stroke: colours.grid, width: 1 }, ticks: { show: false }, font };
  return {
    ...size,
    ms: 1,
    pxAlign: true,
    padding: [rem * 0.9, rem, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: rem * 0.5 },
      drag: { x: onSelect !== undefined, y: false, setScale: false },
    },
    scales: {
      x: {
        time: true,
        range: (_u, min, max) => [min, Math.max(max, marksNow().until ?? max)],
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
          if (u.select.width < 4) return;
          const from = u.posToVal(u.select.left, "x");
          const to = u.posToVal(u.select.left + u.select.width, "x");
          u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          current.current.onSelect?.(from, to);
        },
      ],
    },
  };
}
