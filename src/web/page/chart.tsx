// One chart over time: a canvas drawn by uPlot, a readout of the values under the cursor, and a slider's manners for the
// keyboard (arrows move the cursor, with Shift they select; z zooms, c compares). All charts share range and cursor.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import uPlot from "uplot";
import { silentMark } from "../../words/missing.ts";
import { nearestIndex } from "../server/compare.ts";
import { zoomedAround, type ChartControls } from "./chart-controls.ts";
import type { ChartProps, Line } from "./chart-props.ts";
import { ChartExport } from "./chart-export.tsx";
import { Legend } from "./chart-legend.tsx";
import type { Marks } from "./chart-marks.ts";
import { dataOf, optionsOf, showCursor } from "./chart-plot.ts";
import { chartColours } from "./colours.ts";
import { joinCursor, tellCursor, type OnCursor } from "./cursor-link.ts";
import { formatMoment } from "./local-time.ts";

export function Chart(props: ChartProps): JSX.Element {
  const { label, times, lines, marks, format, themeKey, controls } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const anchor = useRef<number | null>(null);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  // The cursor of the other charts, shown here at the point next to it.
  const follow = useRef<OnCursor>(() => {});
  follow.current = (time) => {
    const index = time === undefined ? null : nearestIndex(times, time);
    setCursor(index === null || index < 0 ? null : index);
    if (index === null) plot.current?.setCursor({ left: -10, top: -10 }, false);
    else showCursor(plot.current, times, index, anchor.current);
  };
  const listener = useRef<OnCursor>((time, from) => follow.current(time, from));
  useEffect(() => joinCursor(listener.current), []);
  const point = (index: number | null): void => {
    setCursor(index);
    const time = index === null ? undefined : current.current.times[index];
    tellCursor(time, listener.current);
  };
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
    const made = new uPlot(optionsOf(current, colours, size(), point), dataOf(current.current), element);
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
  const { zoom } = controls;
  useEffect(() => {
    const made = plot.current;
    if (made !== null) made.setData(made.data);
  }, [zoom?.from, zoom?.to]);
  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    lines.forEach((line, index) => {
      const show = !off.has(line.label);
      if (made.series[index + 1]?.show !== show) made.setSeries(index + 1, { show });
    });
  }, [off, structure, colours]);
  const toggle = (name: string): void => {
    const next = new Set(off);
    if (!next.delete(name)) next.add(name);
    setOff(next);
    props.onHide?.(next);
  };

  // The readout of another data set may have fewer points.
  useEffect(() => setCursor((index) => (index !== null && index >= times.length ? null : index)), [times]);

  // Without a cursor the newest measured point speaks, not the end of a forecast.
  const latest = marks.now === undefined ? times.length - 1 : Math.max(0, times.lastIndexOf(marks.now.time));
  const at = cursor ?? latest;
  const spoken = lines.filter(({ isSilent }) => isSilent !== true);
  const valueAt = ({ shown, values }: Line): string => {
    const value = (shown ?? values)[at];
    return value === null || value === undefined ? "–" : format(value);
  };
  const time = formatMoment(times[at] ?? 0);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = moved(event.key, at, times.length);
    const wanted = wantedOf(event.key, controls.drag);
    if (wanted !== undefined && anchor.current !== null) {
      const [a, b] = [times[anchor.current] ?? 0, times[at] ?? 0];
      anchor.current = null;
      showCursor(plot.current, times, at, null);
      if (a === b) return;
      if (wanted === "compare") controls.onCompare(Math.min(a, b), Math.max(a, b));
      else controls.onZoom({ from: Math.min(a, b), to: Math.max(a, b) });
    } else if (event.key === "0" && zoom !== undefined) {
      controls.onZoom(undefined);
    } else if (event.key === "+" || event.key === "-") {
      const whole = { from: times[0] ?? 0, to: times.at(-1) ?? 0 };
      const next = zoomedAround(times[at] ?? 0, zoom ?? whole, whole, event.key === "+" ? 0.5 : 2);
      if (next !== undefined || zoom !== undefined) controls.onZoom(next);
    } else if (event.key === "Escape" && anchor.current !== null) {
      anchor.current = null;
      plot.current?.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      event.stopPropagation();
    }
    if (target === undefined) return;
    event.preventDefault();
    if (event.shiftKey) anchor.current ??= at;
    else anchor.current = null;
    point(target);
    showCursor(plot.current, times, target, anchor.current);
  };
  return (
    <figure class="chart">
      <div
        ref={box}
        class={props.tall === true ? "plot tall" : "plot"}
        role="slider"
        tabIndex={0}
        aria-label={`${label}. ${marksInWords(marks)}Time cursor; arrow keys move it, Shift with arrows selects, then z zooms and c compares; plus and minus zoom, 0 shows all.`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, times.length - 1)}
        aria-valuenow={Math.max(0, at)}
        aria-valuetext={`${time}: ${spoken.map((line) => `${line.label} ${valueAt(line)}`).join(", ")}`}
        onKeyDown={onKeyDown}
      />
      <figcaption>
        <Legend lines={lines} time={time} isLatest={cursor === null} valueAt={valueAt} off={off} onToggle={toggle} />
        <ChartExport chart={props} plot={() => plot.current} />
      </figcaption>
    </figure>
  );
}

/** The marks that cannot be seen in the values, for those who do not see them. */
function marksInWords({ changes = [], missing }: Marks): string {
  const asleep = missing.filter(({ slept }) => slept !== undefined && slept > 0);
  const marked = [...changes, ...asleep.map((span) => ({ time: span.from, text: silentMark(span) }))];
  const said = marked.slice(-MOST_SAID).map(({ time, text }) => `${text} ${formatMoment(time)}`);
  return said.length === 0 ? "" : `Marked: ${said.join("; ")}. `;
}

/** Marks named in the description of a chart; the view of drivers lists all. */
const MOST_SAID = 5;

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

/** What a key does with a selection. */
function wantedOf(key: string, drag: ChartControls["drag"]): "zoom" | "compare" | undefined {
  if (key === "Enter") return drag;
  return key === "z" ? "zoom" : key === "c" ? "compare" : undefined;
}
