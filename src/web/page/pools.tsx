// The two pools against their limits, with the forecast and its interval.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { formatBytes } from "../../model/units.ts";
import { limitBasisWords, outlookSentences, saidRate } from "../../words/exhaustion.ts";
import type { Diagnosis, PoolOutlook } from "../../model/verdict.ts";
import type { Overview } from "../contract.ts";
import { Explained } from "./term.tsx";
import { BYTE_STEPS, forecastOf, withBreaks, type Forecast } from "./chart-data.ts";
import { chartControls } from "./chart-controls.ts";
import type { Marks } from "./chart-marks.ts";
import { driverMarks } from "./driver-marks.ts";
import { Chart } from "./chart.tsx";
import type { Line } from "./chart-props.ts";
import { chartColours, withOpacity } from "./colours.ts";
import { formatMoment } from "./local-time.ts";
import type { ViewProps } from "./view-props.ts";

export function Pools(props: ViewProps): JSX.Element {
  return (
    <section aria-labelledby="pools">
      <h2 id="pools">{hasTrend(props.diagnosis) ? "The pools and where they are heading" : "The pools"}</h2>
      <div class="pair">
        {props.diagnosis.pools.map((pool) => (
          <PoolChart key={pool.kind} pool={pool} {...props} />
        ))}
      </div>
    </section>
  );
}

/** One snapshot has no shape and no direction. */
export function hasTrend({ span }: Diagnosis): boolean {
  return span.snapshots > 1;
}

/** A limit far above everything measured would press the line to the ground; then it is named, not drawn. */
const FAR = 3;

function PoolChart({
  pool,
  overview,
  diagnosis,
  view,
  changeView,
  themeKey,
}: ViewProps & { pool: PoolOutlook }): JSX.Element {
  const { kind, limitBytes } = pool;
  const drawn = useMemo(() => {
    const bytes = overview.pools.find((each) => each.kind === kind)?.bytes ?? [];
    const { times, columns } = withBreaks(overview.times, [bytes], diagnosis.span.boots, overview.missing);
    const { from, to } = diagnosis.span;
    const rate = pool.bytesPerHour;
    const forecast = rate && forecastOf(to - from, to, pool.bytes, rate, limitBytes);
    return { ...linesOf(times, columns[0] ?? [], forecast, pool.bytes), forecast };
  }, [overview, diagnosis, pool, themeKey]);
  const { forecast } = drawn;
  const isLive = overview.status.phase === "live";
  const most = Math.max(
    forecast?.value ?? 0,
    ...(overview.pools.find((each) => each.kind === kind)?.bytes ?? []).map((each) => each ?? 0),
  );
  const marks = useMemo<Marks>(
    () => ({
      boots: diagnosis.span.boots,
      missing: overview.missing,
      ...driverMarks(diagnosis),
      ...(forecast === undefined
        ? {}
        : { now: { time: diagnosis.span.to, text: isLive ? "now" : "end of record" }, until: forecast.until }),
      ...(view.range === undefined ? {} : { range: view.range }),
      ...(limitBytes === undefined
        ? {}
        : {
            limit: { value: limitBytes, label: `limit ${formatBytes(limitBytes)}`, isDrawn: limitBytes < FAR * most },
          }),
    }),
    [overview, diagnosis, view.range?.from, view.range?.to, forecast, limitBytes, most, isLive],
  );
  const measured = measuredRate(overview, kind, diagnosis.span.boots);
  const outlook = outlookSentences(pool, saidRate(diagnosis.verdicts, kind), measured, formatMoment).join(" ");
  const name = kind === "nonpaged" ? "Nonpaged pool" : "Paged pool";
  return (
    <div class="panel">
      <h3>
        <Explained term={kind}>{name}</Explained> <span class="muted">{formatBytes(pool.bytes)}</span>
      </h3>
      <Meter pool={pool} name={name} />
      {hasTrend(diagnosis) && <p class="outlook">{outlook}</p>}
      {hasTrend(diagnosis) && (
        <Chart
          name={name}
          label={`${name} over time. ${outlook}`}
          times={drawn.times}
          lines={drawn.lines}
          bands={drawn.bands}
          marks={marks}
          format={formatBytes}
          steps={BYTE_STEPS}
          themeKey={themeKey}
          controls={chartControls(view, changeView)}
        />
      )}
    </div>
  );
}

function Meter({ pool, name }: { readonly pool: PoolOutlook; readonly name: string }): JSX.Element | null {
  const { bytes, limitBytes, limitBasis } = pool;
  if (limitBytes === undefined || limitBytes <= 0) return null;
  const share = Math.min(1, bytes / limitBytes);
  return (
    <div class="meter">
      <svg
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}: ${Math.round(share * 100)} % of its limit`}
      >
        <rect class="all" width="100" height="6" />
        <rect class={share > 0.8 ? "used bad" : "used"} width={share * 100} height="6" />
      </svg>
      <span class="muted">
        {share < 0.01 ? "under 1" : Math.round(share * 100)} % of {formatBytes(limitBytes)}
        {limitBasis !== undefined && ` (${limitBasisWords(limitBasis)})`}
      </span>
    </div>
  );
}

/** Bytes an hour of a whole pool over the newest stretch without a restart; undefined where it has no length. */
function measuredRate(
  { times, pools }: Overview,
  kind: PoolOutlook["kind"],
  boots: readonly number[],
): number | undefined {
  const bytes = pools.find((each) => each.kind === kind)?.bytes ?? [];
  const first = times.findIndex(
    (time, index) => time >= (boots.at(-1) ?? -Infinity) && (bytes[index] ?? null) !== null,
  );
  const [from, to] = [times[first], times.at(-1)];
  const [start, end] = [bytes[first] ?? null, bytes.at(-1) ?? null];
  if (from === undefined || to === undefined || to <= from || start === null || end === null) return undefined;
  return ((end - start) / (to - from)) * 3_600_000;
}

/** Points of a forecast, so that the cursor finds a value wherever it stands. */
const FORECAST_STEPS = 40;

interface Drawn {
  readonly times: number[];
  readonly lines: Line[];
  readonly bands: { upper: number; lower: number; fill: string }[];
}

function linesOf(times: number[], values: (number | null)[], forecast: Forecast | undefined, now: number): Drawn {
  const { accent, bad } = chartColours();
  const measured: Line = { label: "Held", values, colour: accent, fill: withOpacity(accent, 0.12), width: 2 };
  if (forecast === undefined) return { times, lines: [measured], bands: [] };
  // Nothing in the past, then from the end of the record straight to the end of the forecast.
  const start = times.at(-1) ?? 0;
  const ahead = Array.from({ length: FORECAST_STEPS }, (_, i) => (i + 1) / FORECAST_STEPS);
  const past = times.slice(1).map(() => null);
  const line = (label: string, end: number, rest: Partial<Line>): Line => ({
    label,
    values: [...past, now, ...ahead.map((share) => now + (end - now) * share)],
    colour: bad,
    ...rest,
  });
  return {
    times: [...times, ...ahead.map((share) => start + (forecast.until - start) * share)],
    lines: [
      { ...measured, values: [...values, ...ahead.map(() => null)] },
      line("If nothing changes", forecast.value, { dash: [6, 5], width: 2 }),
      line("at most", forecast.high, { isSilent: true, width: 0 }),
      line("at least", forecast.low, { isSilent: true, width: 0 }),
    ],
    bands: [{ upper: 2, lower: 3, fill: withOpacity(bad, 0.18) }],
  };
}
