// A chart as a standalone SVG picture, from its data and not from the screen: for documents and tickets. Pure.

/** What is drawn: columns over time, as the chart has them. */
export interface Picture {
  readonly title: string;
  readonly times: readonly number[];
  readonly lines: readonly {
    readonly label: string;
    readonly values: readonly (number | null)[];
    readonly colour: string;
    readonly fill?: string;
    readonly dash?: readonly number[];
    readonly isSilent?: boolean;
  }[];
  readonly format: (value: number) => string;
  readonly formatTime: (time: number) => string;
  readonly from: number;
  readonly to: number;
  readonly ink: string;
  readonly ground: string;
}

const WIDTH = 960;
const HEIGHT = 420;
const LEFT = 90;
const RIGHT = 20;
const TOP = 44;
const FOOT = 34;
const TICKS = 4;
const LEGEND_ROW = 18;
const LEGEND_COLUMNS = 3;

/** One SVG document with title, axes, lines and legend. */
export function renderChartSvg(picture: Picture): string {
  const { times, from, to, ink, ground, format, formatTime } = picture;
  const shown = picture.lines.filter(({ isSilent }) => isSilent !== true);
  const inside = times.map((time) => time >= from && time <= to);
  let most = 1;
  for (const { values } of shown) {
    values.forEach((value, index) => {
      if (inside[index] === true && value !== null) most = Math.max(most, value);
    });
  }
  const x = (time: number): number => LEFT + ((time - from) / Math.max(1, to - from)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - FOOT - (value / (most * 1.06)) * (HEIGHT - TOP - FOOT);
  const shares = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS);
  const grid = shares.map((share) => {
    const value = share * most;
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="${ink}" stroke-opacity="0.15"/><text x="${LEFT - 8}" y="${at(y(value) + 4)}" text-anchor="end">${escaped(format(value))}</text>`;
  });
  const foot = shares.map((share, index) => {
    const anchor = index === 0 ? "start" : index === TICKS ? "end" : "middle";
    const time = from + share * (to - from);
    return `<text x="${at(x(time))}" y="${HEIGHT - 12}" text-anchor="${anchor}">${escaped(formatTime(time))}</text>`;
  });
  const paths = shown.map(({ values, colour, fill, dash }) => {
    const runs = runsOf(times, values, inside);
    const line = runs
      .map((run) => `M${run.map(([time, value]) => `${at(x(time))} ${at(y(value))}`).join("L")}`)
      .join("");
    const area = runs
      .map((run) => {
        const [first, last] = [run[0], run.at(-1)];
        return first === undefined || last === undefined
          ? ""
          : `M${at(x(first[0]))} ${at(y(0))}L${run.map(([time, value]) => `${at(x(time))} ${at(y(value))}`).join("L")}L${at(x(last[0]))} ${at(y(0))}Z`;
      })
      .join("");
    const filled = fill === undefined ? "" : `<path d="${area}" fill="${escaped(fill)}" stroke="none"/>`;
    const dashed = dash === undefined ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
    return `${filled}<path d="${line}" fill="none" stroke="${escaped(colour)}" stroke-width="1.5"${dashed}/>`;
  });
  const legend = shown.map(({ label, colour }, index) => {
    const left = LEFT + (index % LEGEND_COLUMNS) * ((WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS);
    const top = HEIGHT + LEGEND_ROW * Math.floor(index / LEGEND_COLUMNS);
    return `<rect x="${at(left)}" y="${top}" width="10" height="10" fill="${escaped(colour)}"/><text x="${at(left + 16)}" y="${top + 10}">${escaped(label)}</text>`;
  });
  const height = HEIGHT + LEGEND_ROW * Math.ceil(shown.length / LEGEND_COLUMNS) + 8;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}">` +
    `<rect width="${WIDTH}" height="${height}" fill="${ground}"/><text x="${LEFT}" y="24" font-size="15" font-weight="600">${escaped(picture.title)}</text>` +
    `${[...grid, ...paths, ...foot, ...legend].join("")}</svg>\n`
  );
}

/** Stretches of measured points in sight. */
function runsOf(
  times: readonly number[],
  values: readonly (number | null)[],
  inside: readonly boolean[],
): (readonly [number, number])[][] {
  const runs: (readonly [number, number])[][] = [];
  let run: (readonly [number, number])[] = [];
  times.forEach((time, index) => {
    const value = values[index] ?? null;
    if (value === null || inside[index] !== true) {
      if (run.length > 0) runs.push(run);
      run = [];
    } else run.push([time, value]);
  });
  return run.length > 0 ? [...runs, run] : runs;
}

function at(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
