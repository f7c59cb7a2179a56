// The largest tags stacked, so that the one that grows shows its shape; the rest of the pool lies on top in grey.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { PoolKind } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import { formatBytes } from "../../model/units.ts";
import type { Overview } from "../contract.ts";
import { BYTE_STEPS, stacked, withBreaks } from "./chart-data.ts";
import type { Marks } from "./chart-marks.ts";
import { Chart, type Line } from "./chart.tsx";
import { chartColours } from "./colours.ts";
import type { ViewProps } from "./view-props.ts";

const SHOWN = 8;

export function TopTags({ overview, diagnosis, view, changeView, themeKey, openTag }: ViewProps): JSX.Element {
  const marks = useMemo<Marks>(
    () => ({
      boots: diagnosis.span.boots,
      missing: overview.missing,
      ...(view.range === undefined ? {} : { range: view.range }),
    }),
    [overview, diagnosis, view.range?.from, view.range?.to],
  );
  const charts = useMemo(
    () => (["nonpaged", "paged"] as const).map((kind) => ({ kind, ...stackOf(overview, diagnosis.span.boots, kind) })),
    [overview, diagnosis, themeKey],
  );
  return (
    <section aria-labelledby="top">
      <h2 id="top">The largest tags</h2>
      <p class="muted hint">
        Drag across a chart to compare two times; with the keyboard, focus it, hold Shift with the arrows and press
        Enter.
      </p>
      <div class="pair">
        {charts.map(({ kind, times, lines, series }) => (
          <div class="panel" key={kind}>
            <h3>{kind === "nonpaged" ? "Nonpaged" : "Paged"}</h3>
            <Chart
              label={`The largest tags of ${kind} pool, stacked`}
              times={times}
              lines={lines}
              marks={marks}
              format={formatBytes}
              steps={BYTE_STEPS}
              tall
              themeKey={themeKey}
              onSelect={(from, to) => changeView({ range: { from, to } })}
              onOpen={(index) => {
                const ref = series[index];
                if (ref !== undefined) openTag({ tag: ref.tag, kind: ref.kind });
              }}
            />
          </div>
        ))}
      </div>
    </section>
  );
}

function stackOf(
  overview: Overview,
  boots: readonly number[],
  kind: PoolKind,
): { times: number[]; lines: Line[]; series: Overview["series"] } {
  const most = (bytes: Overview["series"][number]["bytes"]): number =>
    bytes.reduce<number>((max, each) => Math.max(max, each ?? 0), 0);
  const series = overview.series
    .filter((each) => each.kind === kind)
    .sort((a, b) => most(b.bytes) - most(a.bytes))
    .slice(0, SHOWN)
    .reverse();
  const { times, columns } = withBreaks(
    overview.times,
    series.map(({ bytes }) => bytes),
    boots,
    overview.missing,
  );
  const sums = stacked(columns);
  const { series: colours } = chartColours();
  const lines = series.map(({ tag }, index): Line => {
    const colour = colours[(series.length - 1 - index) % colours.length] ?? "";
    const shown = columns[index] ?? [];
    return { label: formatTag(tag), values: sums[index] ?? [], shown, colour, fill: colour, width: 0.5 };
  });
  // The largest lies on top and is drawn first, so that every other covers its own part of it.
  return { times, lines: lines.reverse(), series: series.toReversed() };
}
