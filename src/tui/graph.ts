// Small pictures out of characters: sparklines, bars and a chart with axes. Pure text; roles are added by the caller.

import type { Look } from "./style.ts";

const SPARKS = "▁▂▃▄▅▆▇█";
const SPARKS_ASCII = "_.-:=+*#";
const EIGHTHS = " ▏▎▍▌▋▊▉█";

/**
 * One character per cell, from the lowest to the highest value of the window; nothing at all where the series is flat,
 * so that what moves stands out, and a blank where a value is unknown (NaN). Longer series are thinned to their maximum per cell; shorter ones end at the right.
 */
export function sparkline(values: ArrayLike<number>, width: number, look: Look): string {
  const marks = look.unicode ? SPARKS : SPARKS_ASCII;
  const cells = resample(values, Math.min(width, values.length));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of cells) {
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high > low)) return " ".repeat(width);
  let text = "";
  for (const value of cells) {
    if (Number.isNaN(value)) text += " ";
    else text += marks[Math.round(((value - low) / (high - low)) * (marks.length - 1))] ?? " ";
  }
  return text.padStart(width);
}

/** A bar of `width` cells filled to `fraction` (0 to 1, clamped), in eighths of a cell where Unicode is there. */
export function bar(fraction: number, width: number, look: Look): string {
  const share = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  if (!look.unicode) {
    const full = Math.round(share * (width - 2));
    return `[${"#".repeat(full)}${"-".repeat(Math.max(0, width - 2 - full))}]`;
  }
  const eighths = Math.round(share * width * 8);
  const full = Math.floor(eighths / 8);
  const part = full < width && eighths % 8 > 0 ? (EIGHTHS[eighths % 8] ?? "") : "";
  return "█".repeat(full) + part + "░".repeat(Math.max(0, width - full - part.length));
}

/** `count` cells from a series, each the maximum of its stretch (NaN where all of it is unknown). */
export function resample(values: ArrayLike<number>, count: number): number[] {
  const cells: number[] = [];
  for (let cell = 0; cell < count; cell++) {
    const from = Math.floor((cell * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((cell + 1) * values.length) / count));
    let most = Number.NaN;
    for (let i = from; i < to; i++) {
      const value = values[i] ?? Number.NaN;
      if (!Number.isNaN(value) && !(value <= most)) most = value;
    }
    cells.push(most);
  }
  return cells;
}

/** Values at `count` evenly spaced times from the first to the last, so that uneven sampling is drawn true to time. */
function overTime(times: ArrayLike<number>, values: ArrayLike<number>, count: number): number[] {
  const first = times[0] ?? 0;
  const span = (times[times.length - 1] ?? 0) - first;
  const cells: number[] = Array.from({ length: count }, () => Number.NaN);
  let newest = Number.NaN;
  let at = 0;
  for (let cell = 0; cell < count; cell++) {
    const until = first + (span * cell) / Math.max(1, count - 1);
    while (at < times.length && (times[at] ?? 0) <= until + 1e-6) newest = values[at++] ?? Number.NaN;
    cells[cell] = newest;
  }
  return cells;
}

/** Dots of a braille cell by column and row, from the top. */
const BRAILLE: readonly (readonly number[])[] = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** What {@link chart} draws: rows of exactly `width` cells from top to bottom, and the values at its two edges. */
export interface Chart {
  readonly rows: readonly string[];
  readonly low: number;
  readonly high: number;
}

/** An area under a line: 2 x 4 dots a cell in braille, or `#` in ASCII. The axis starts at zero where the values reach below half. */
export function chart(
  times: ArrayLike<number>,
  values: ArrayLike<number>,
  width: number,
  height: number,
  look: Look,
): Chart {
  const across = look.unicode ? 2 : 1;
  const down = look.unicode ? 4 : 1;
  const points = overTime(times, values, width * across);
  const known = points.filter((value) => !Number.isNaN(value));
  const high = known.length === 0 ? 0 : known.reduce((a, b) => Math.max(a, b));
  const least = known.length === 0 ? 0 : known.reduce((a, b) => Math.min(a, b));
  const low = least < high / 2 || least === high ? 0 : least;
  const dots = height * down;
  const level = (value: number): number =>
    high === low ? 1 : Math.max(1, Math.round(((value - low) / (high - low)) * dots));
  const rows: string[] = [];
  for (let row = 0; row < height; row++) {
    let text = "";
    for (let column = 0; column < width; column++) {
      let mask = 0;
      for (let dx = 0; dx < across; dx++) {
        const value = points[column * across + dx] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        const filled = level(value);
        for (let dy = 0; dy < down; dy++) {
          if (dots - (row * down + dy) <= filled) mask |= look.unicode ? (BRAILLE[dx]?.[dy] ?? 0) : 1;
        }
      }
      text += look.unicode ? String.fromCharCode(0x2800 + mask) : mask === 0 ? " " : "#";
    }
    rows.push(text);
  }
  return { rows, low, high };
}
