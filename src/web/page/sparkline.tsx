// A shape without axes: of a verdict's tag, or of a table row.

import type { JSX } from "preact";
import { SHAPE_LEVELS, type MissingSpan, type Points } from "../contract.ts";
import { withBreaks } from "./chart-data.ts";

const WIDTH = 300;
const HEIGHT = 56;

interface SparklineProps {
  readonly boots: readonly number[];
  readonly missing: readonly MissingSpan[];
  readonly times: readonly number[];
  readonly values: Points;
  readonly since: number | undefined;
  readonly label: string;
}

/** Drawn from 0 to the maximum; a dot marks where the growth starts. */
export function Sparkline({ since, label, boots, missing, ...data }: SparklineProps): JSX.Element | null {
  const { times, columns } = withBreaks(data.times, [data.values], boots, missing);
  const values = columns[0] ?? [];
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined || last <= first || data.values.length === 0) return null;
  const max = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 1);
  const x = (time: number): number => ((time - first) / (last - first)) * WIDTH;
  const y = (value: number): number => HEIGHT - 2 - (value / max) * (HEIGHT - 6);
  const parts: string[] = [];
  let isDown = false;
  values.forEach((value, index) => {
    if (value === null) isDown = false;
    else {
      parts.push(`${isDown ? "L" : "M"}${x(times[index] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`);
      isDown = true;
    }
  });
  const startsAt = since === undefined ? -1 : times.findIndex((time) => time >= since);
  const start = values[startsAt];
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={parts.join("")} />
      {start !== undefined && start !== null && (
        <line x1={x(times[startsAt] ?? 0)} x2={x(times[startsAt] ?? 0)} y1={2} y2={HEIGHT} />
      )}
    </svg>
  );
}

/** The shape of a table row. */
export function MiniShape({ shape }: { readonly shape: string }): JSX.Element {
  const step = 80 / Math.max(1, shape.length - 1);
  let path = "";
  let isDown = false;
  for (let i = 0; i < shape.length; i++) {
    const level = SHAPE_LEVELS.indexOf(shape.charAt(i));
    if (level < 0) isDown = false;
    else {
      path += `${isDown ? "L" : "M"}${(i * step).toFixed(1)} ${(19 - (level / (SHAPE_LEVELS.length - 1)) * 18).toFixed(1)}`;
      isDown = true;
    }
  }
  return (
    <svg class="mini" viewBox="0 0 80 20" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
