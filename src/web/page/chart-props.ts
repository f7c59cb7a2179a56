// What a chart draws.

import type { JSX } from "preact";
import type { Milliseconds } from "../../model/snapshot.ts";
import type { ChartControls } from "./chart-controls.ts";
import type { Marks } from "./chart-marks.ts";

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly colour: string;
  /** Value to name under the cursor where it is not the one drawn (stacks). */
  readonly shown?: readonly (number | null)[];
  readonly fill?: string;
  readonly width?: number;
  readonly dash?: number[];
  /** Left out of the readout: edges of an interval. */
  readonly isSilent?: boolean;
  /** Stands in the legend instead of the label, where the series opens something. */
  readonly link?: JSX.Element;
}

export interface ChartProps {
  /** A short name, for files and pictures. */
  readonly name: string;
  /** What is drawn, for those who do not see it. */
  readonly label: string;
  readonly times: readonly Milliseconds[];
  readonly lines: readonly Line[];
  /** Fills between pairs of lines, by index. */
  readonly bands?: readonly { readonly upper: number; readonly lower: number; readonly fill: string }[];
  readonly marks: Marks;
  readonly format: (value: number) => string;
  readonly steps?: number[];
  readonly tall?: boolean;
  readonly themeKey: string;
  readonly controls: ChartControls;
  /** Labels of the series that are switched off, where the lines depend on it (stacks). */
  readonly onHide?: (off: ReadonlySet<string>) => void;
}
