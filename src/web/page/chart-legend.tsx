// The readout under a chart: each series with its value under the cursor, switched on and off by its colour.

import type { JSX } from "preact";
import type { Line } from "./chart-props.ts";

interface LegendProps {
  readonly lines: readonly Line[];
  readonly time: string;
  readonly isLatest: boolean;
  readonly valueAt: (line: Line) => string;
  readonly off: ReadonlySet<string>;
  readonly onToggle: (label: string) => void;
}

export function Legend({ lines, time, isLatest, valueAt, off, onToggle }: LegendProps): JSX.Element {
  const spoken = lines.filter(({ isSilent }) => isSilent !== true);
  const swatch = (line: Line): JSX.Element => (
    <svg class="key" viewBox="0 0 10 10" aria-hidden="true">
      <rect width="10" height="10" rx="2" fill={line.colour} />
    </svg>
  );
  return (
    <>
      <span class="at">{isLatest ? `Latest, ${time}` : time}</span>
      <ul class="legend">
        {spoken.map((line) => (
          <li key={line.label} class={off.has(line.label) ? "off" : undefined}>
            {spoken.length === 1 ? (
              swatch(line)
            ) : (
              <button
                type="button"
                class="toggle"
                aria-pressed={!off.has(line.label)}
                aria-label={`Show ${line.label}`}
                title={off.has(line.label) ? "Show" : "Hide"}
                onClick={() => onToggle(line.label)}
              >
                {swatch(line)}
              </button>
            )}
            {line.link === undefined ? <span class="name">{line.label}</span> : line.link}
            <span class="value">{valueAt(line)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
