// Text for the screen: fitted and wrapped to cells, and hostile text made harmless. No colours here.

import { cellWidth, cut } from "../reports/cells.ts";

const ELLIPSIS = "…";

/**
 * Text that a terminal shows and does not act on: control characters, bidirectional marks and lone surrogates become
 * `.`, and without Unicode everything outside ASCII becomes `?`.
 */
export function clean(text: string, unicode: boolean): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const harmless = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, ".");
  return unicode ? harmless : harmless.replace(/[^\x20-\x7e]/gu, "?");
}

/** Clean text in exactly `width` cells: cut with a mark at the end, or padded on the side away from `align`. */
export function fit(text: string, width: number, align: "left" | "right" = "left", unicode = true): string {
  if (width <= 0) return "";
  const wide = cellWidth(text);
  if (wide > width) {
    const kept = cut(text, width - 1);
    return kept + (unicode ? ELLIPSIS : "~") + " ".repeat(Math.max(0, width - 1 - cellWidth(kept)));
  }
  const padding = " ".repeat(width - wide);
  return align === "left" ? text + padding : padding + text;
}

/** Clean text as lines of at most `width` cells (at least 1), broken at spaces where there are any; never an empty list. */
export function wrap(text: string, room: number): string[] {
  const width = Math.max(1, room);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && cellWidth(line) + 1 + cellWidth(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    while (cellWidth(rest) > width) {
      // A character wider than the line still has to go somewhere.
      const head = cut(rest, width) || rest.slice(0, 1);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  return lines;
}

const SHORT_UNITS = ["", "K", "M", "G", "T", "P"] as const;

/** Bytes in at most five characters, in units of 1024: `812`, `1.46M`, `9.8G`, `998K`. */
export function shortBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "?";
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < SHORT_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${bytes < 0 ? "-" : ""}${value.toFixed(digits)}${SHORT_UNITS[unit]}`;
}

/** A rate for a narrow column: `+1.46M/h`, `0/h`. */
export function shortRate(bytesPerHour: number): string {
  const sign = bytesPerHour >= 0.5 ? "+" : "";
  return `${sign}${shortBytes(Math.abs(bytesPerHour) < 0.5 ? 0 : bytesPerHour)}/h`;
}

/** A whole number in at most `width` characters: its digits where they fit, else in thousands of 1024 (`12.3G`). */
export function fitNumber(value: number, width: number): string {
  if (Number.isNaN(value)) return "-";
  const digits = value.toFixed(0);
  return digits.length <= width ? digits : shortBytes(value);
}

/** A duration in its largest unit, rounded down so that it is never told longer than it is: `225d`, `19h`, `40m`. */
export function shortDuration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
