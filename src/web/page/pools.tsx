// The two pools against their limits, with the forecast and its interval.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { formatBytes, formatRate } from "../../model/units.ts";
import { exhaustionWords, limitBasisWords, LIMIT_WORDS } from "../../words/exhaustion.ts";
import type { Diagnosis, PoolOutlook } from "../../model/verdict.ts";
import { BYTE_STEPS, forecastOf, withBreaks, type Forecast } from "./chart-data.ts";
import type { Marks } from "./chart-marks.ts";
import { Chart, type Line } from "./chart.tsx";
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
  const most = Math.max(
    forecast?.value ?? 0,
    ...(overview.pools.find((each) => each.kind === kind)?.bytes ?? []).map((each) => each ?? 0),
  );
  const marks = useMemo<Marks>(
    () => ({
      boots: diagnosis.span.boots,
      missing: overview.missing,
      ...(forecast === undefined ? {} : { now: diagnosis.span.to, until: forecast.until }),
      ...(view.range === undefined ? {} : { range: view.range }),
      ...(limitBytes === undefined
        ? {}
        : {
            limit: { value: limitBytes, label: `limit ${formatBytes(limitBytes)}`, isDrawn: limitBytes < FAR * most },
          }),
    }),
    [overview, diagnosis, view.range?.from, view.range?.to, forecast, limitBytes, most],
  );
  const name = kind === "nonpaged" ? "Nonpaged pool" : "Paged pool";
  return (
    <div class="panel">
      <h3>
        {name} <span class="muted">{formatBytes(pool.bytes)}</span>
      </h3>
      <Meter pool={pool} name={name} />
      {hasTrend(diagnosis) && <p class="outlook">{outlookOf(pool)}</p>}
      {hasTrend(diagnosis) && (
        <Chart
          label={`${name} over time. ${outlookOf(pool)}`}
          times={drawn.times}
          lines={drawn.lines}
          bands={drawn.bands}
          marks={marks}
          format={formatBytes}
          steps={BYTE_STEPS}
          themeKey={themeKey}
          onSelect={(from, to) => changeView({ range: { from, to } })}
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

function outlookOf({ bytesPerHour, exhaustion, limitBytes }: PoolOutlook): string {
  if (exhaustion !== undefined) {
    const { value, interval } = exhaustionWords(exhaustion);
    const when =
      interval === undefined ? "" : `, on ${formatMoment(exhaustion.at)} (${interval} from the end of the record)`;
    return `${LIMIT_WORDS[exhaustion.against].full} in ${value}${when}.`;
  }
  if (bytesPerHour === undefined) return "Its growth was not judged: too few snapshots.";
  const isKnown = limitBytes !== undefined;
  if (bytesPerHour.value <= 0) return `No leak found in it.${isKnown ? "" : " Its limit is not known."}`;
  const rate = formatRate(bytesPerHour.value).slice(1);
  return isKnown ? `Grows by ${rate}, far from its limit.` : `Grows by ${rate}; its limit is not known.`;
}

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
  const line = (label: string, end: number, rest: Partial<Line>): Line => ({
    label,
    values: [...times.slice(1).map(() => null), now, end],
    colour: bad,
    ...rest,
  });
  return {
    times: [...times, forecast.until],
    lines: [
      { ...measured, values: [...values, null] },
      line(`If nothing changes, on ${formatMoment(forecast.until)}`, forecast.value, {
        dash: [6, 5],
        width: 2,
        shown: [...times, 0].map(() => forecast.value),
      }),
      line("at most", forecast.high, { isSilent: true, width: 0 }),
      line("at least", forecast.low, { isSilent: true, width: 0 }),
    ],
    bands: [{ upper: 2, lower: 3, fill: withOpacity(bad, 0.18) }],
  };
}
