// The largest tags stacked, so that the one that grows shows its shape; the rest of the pool lies on top in grey.

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { PoolKind } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import { formatBytes } from "../../model/units.ts";
import type { Overview } from "../contract.ts";
import { BYTE_STEPS, stacked, withBreaks } from "./chart-data.ts";
import type { Marks } from "./chart-marks.ts";
import { chartControls } from "./chart-controls.ts";
import { driverMarks } from "./driver-marks.ts";
import { Chart } from "./chart.tsx";
import type { Line } from "./chart-props.ts";
import { chartColours, withOpacity } from "./colours.ts";
import { TagLink } from "./tag-link.tsx";
import type { ViewProps } from "./view-props.ts";

const SHOWN = 8;
const REST = "everything else";

export function TopTags({ overview, diagnosis, view, changeView, themeKey, openTag }: ViewProps): JSX.Element {
  const [off, setOff] = useState<Readonly<Record<PoolKind, ReadonlySet<string>>>>({
    nonpaged: new Set(),
    paged: new Set(),
  });
  const marks = useMemo<Marks>(
    () => ({
      boots: diagnosis.span.boots,
      missing: overview.missing,
      ...driverMarks(diagnosis),
      ...(view.range === undefined ? {} : { range: view.range }),
    }),
    [overview, diagnosis, view.range?.from, view.range?.to],
  );
  const charts = useMemo(
    () =>
      (["nonpaged", "paged"] as const).map((kind) => ({
        kind,
        ...stackOf(overview, diagnosis.span.boots, kind, off[kind], openTag),
      })),
    [overview, diagnosis, themeKey, off, openTag],
  );
  return (
    <section aria-labelledby="top">
      <h2 id="top">The largest tags</h2>
      <div class="pair">
        {charts.map(({ kind, times, lines }) => (
          <div class="panel" key={kind}>
            <h3>{kind === "nonpaged" ? "Nonpaged" : "Paged"}</h3>
            <Chart
              name={`The largest tags of ${kind} pool`}
              label={`The largest tags of ${kind} pool, stacked`}
              times={times}
              lines={lines}
              marks={marks}
              format={formatBytes}
              steps={BYTE_STEPS}
              tall
              themeKey={themeKey}
              controls={chartControls(view, changeView)}
              onHide={(labels) => setOff((before) => ({ ...before, [kind]: labels }))}
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
  off: ReadonlySet<string>,
  openTag: ViewProps["openTag"],
): { times: number[]; lines: Line[] } {
  const most = (bytes: Overview["series"][number]["bytes"]): number =>
    bytes.reduce<number>((max, each) => Math.max(max, each ?? 0), 0);
  const series = overview.series
    .filter((each) => each.kind === kind)
    .sort((a, b) => most(b.bytes) - most(a.bytes))
    .slice(0, SHOWN)
    .reverse();
  // The stack is the pool: what no shown tag holds lies on top. Where tags tell more than the total, nothing is left over.
  const total = overview.pools.find((each) => each.kind === kind)?.bytes ?? [];
  const rest = total.map((all, i) =>
    all === null ? null : Math.max(0, all - series.reduce((sum, { bytes }) => sum + (bytes[i] ?? 0), 0)),
  );
  const { times, columns } = withBreaks(
    overview.times,
    [...series.map(({ bytes }) => bytes), rest],
    boots,
    overview.missing,
  );
  // What is switched off leaves the stack, and what lies on it comes down.
  const isOff = [...series.map(({ tag }) => off.has(formatTag(tag))), off.has(REST)];
  const sums = stacked(
    columns.map((column, index) => (isOff[index] === true ? column.map((each) => each && 0) : column)),
  );
  const { series: colours, muted } = chartColours();
  const lines = series.map(({ tag }, index): Line => {
    const colour = colours[(series.length - 1 - index) % colours.length] ?? "";
    const shown = columns[index] ?? [];
    const link = <TagLink tagRef={{ tag, kind }} openTag={openTag} class="name" />;
    return { label: formatTag(tag), link, values: sums[index] ?? [], shown, colour, fill: colour, width: 0.5 };
  });
  lines.push({
    label: REST,
    values: sums[series.length] ?? [],
    shown: columns[series.length] ?? [],
    colour: muted,
    fill: withOpacity(muted, 0.35),
    width: 0.5,
  });
  // What lies on top is drawn first, so that every other covers its own part of it.
  return { times, lines: lines.reverse() };
}
