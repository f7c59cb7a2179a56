// Colours of the charts, read from the style sheet so that both themes live in one place.

/** Series colours in order; told apart by people who see few colours (after Okabe and Ito), and by their labels. */
export const SERIES_COLOURS = 12;

export interface ChartColours {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly accent: string;
  readonly bad: string;
  readonly warn: string;
  readonly surface: string;
  readonly series: readonly string[];
}

/** The colours in force. */
export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read("ink"),
    muted: read("muted"),
    grid: read("grid"),
    accent: read("accent"),
    bad: read("bad"),
    warn: read("warn"),
    surface: read("surface"),
    series: Array.from({ length: SERIES_COLOURS }, (_, i) => read(`c${i}`)),
  };
}

/** A colour of `#rrggbb` with an opacity from 0 to 1. */
export function withOpacity(colour: string, opacity: number): string {
  return `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, "0")}`;
}
