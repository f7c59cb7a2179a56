// A chart to take along: picture, data, and the table behind it for those who do not see it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type uPlot from "uplot";
import { formatIso } from "../../model/time.ts";
import { evenIndices } from "../server/points.ts";
import type { ChartProps } from "./chart-props.ts";
import { renderChartSvg } from "./chart-svg.ts";
import { chartColours } from "./colours.ts";
import { formatFull, formatMoment } from "./local-time.ts";
import { fileNameOf, saveFile, toCsv } from "./take-along.ts";

interface ExportProps {
  readonly chart: ChartProps;
  readonly plot: () => uPlot | null;
}

/** Rows of the table behind a chart; the files hold all. */
const SHOWN_ROWS = 25;

export function ChartExport({ chart, plot }: ExportProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [isTable, setTable] = useState(false);
  const name = fileNameOf(chart.name);
  const svg = (): string => svgOf(chart, plot());
  return (
    <div class="export">
      <button
        type="button"
        class="link"
        aria-expanded={isOpen}
        aria-label={`Take along: ${chart.name}`}
        onClick={() => setOpen(!isOpen)}
      >
        Take along
      </button>
      {isOpen && (
        <>
          <button type="button" class="quiet" onClick={() => void savePng(svg(), `${name}.png`)}>
            PNG
          </button>
          <button type="button" class="quiet" onClick={() => saveFile(`${name}.svg`, svg(), "image/svg+xml")}>
            SVG
          </button>
          <button type="button" class="quiet" onClick={() => saveFile(`${name}.csv`, csvOf(chart), "text/csv")}>
            CSV
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => saveFile(`${name}.json`, jsonOf(chart), "application/json")}
          >
            JSON
          </button>
          <button type="button" class="quiet" aria-expanded={isTable} onClick={() => setTable(!isTable)}>
            Table
          </button>
        </>
      )}
      {isOpen && isTable && <DataTable chart={chart} />}
    </div>
  );
}

function spoken({ lines }: ChartProps): ChartProps["lines"] {
  return lines.filter(({ isSilent }) => isSilent !== true);
}

function svgOf(chart: ChartProps, plot: uPlot | null): string {
  const { ink, surface } = chartColours();
  const { min, max } = plot?.scales["x"] ?? {};
  const { times } = chart;
  return renderChartSvg({
    title: chart.name,
    times,
    lines: chart.lines,
    format: chart.format,
    formatTime: formatMoment,
    from: min ?? times[0] ?? 0,
    to: max ?? times.at(-1) ?? 0,
    ink,
    ground: surface,
  });
}

/** Twice the size of the drawing, for screens and print. */
const PNG_SCALE = 2;

async function savePng(svg: string, name: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * PNG_SCALE;
  canvas.height = image.naturalHeight * PNG_SCALE;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => {
    if (blob !== null) saveFile(name, blob);
  }, "image/png");
}

function csvOf(chart: ChartProps): string {
  const lines = spoken(chart);
  return toCsv([
    ["time", ...lines.map(({ label }) => label)],
    ...chart.times.map((time, row) => [
      formatIso(time),
      ...lines.map(({ shown, values }) => (shown ?? values)[row] ?? null),
    ]),
  ]);
}

function jsonOf(chart: ChartProps): string {
  const series = spoken(chart).map(({ label, shown, values }) => ({ label, values: shown ?? values }));
  return `${JSON.stringify({ chart: chart.name, times: chart.times.map(formatIso), series })}\n`;
}

function DataTable({ chart }: { readonly chart: ChartProps }): JSX.Element {
  const { times, format } = chart;
  const { zoom } = chart.controls;
  const inside = times
    .map((_, row) => row)
    .filter((row) => {
      const time = times[row] ?? 0;
      return zoom === undefined || (time >= zoom.from && time <= zoom.to);
    });
  const rows = evenIndices(inside.length, SHOWN_ROWS).map((index) => inside[index] ?? 0);
  const lines = spoken(chart);
  return (
    <div class="scroll short" tabIndex={0} role="region" aria-label={`${chart.name} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ label }) => (
              <th key={label} scope="col" class="num">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th scope="row">{formatFull(times[row] ?? 0)}</th>
              {lines.map(({ label, shown, values }) => {
                const value = (shown ?? values)[row] ?? null;
                return (
                  <td key={label} class="num">
                    {value === null ? "–" : format(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
