// What a drag or a key on a chart does to the view: zoom all charts, or compare two times.

import type { Milliseconds } from "../../model/snapshot.ts";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

export interface ChartControls {
  /** The stretch that all charts show; absent for the whole record. */
  readonly zoom: ViewState["zoom"];
  /** What a plain drag does; Shift does the other. */
  readonly drag: "zoom" | "compare";
  readonly onZoom: (range: { readonly from: Milliseconds; readonly to: Milliseconds } | undefined) => void;
  readonly onCompare: (from: Milliseconds, to: Milliseconds) => void;
}

/** The controls of every chart of a view. */
export function chartControls(view: ViewState, changeView: ChangeView): ChartControls {
  return {
    zoom: view.zoom,
    drag: view.drag ?? "zoom",
    onZoom: (zoom) => changeView({ zoom }),
    onCompare: (from, to) => changeView({ range: { from, to } }),
  };
}

/** A stretch around a time, narrower (factor below 1) or wider; undefined where it would reach over the whole. */
export function zoomedAround(
  at: Milliseconds,
  now: { readonly from: Milliseconds; readonly to: Milliseconds },
  whole: { readonly from: Milliseconds; readonly to: Milliseconds },
  factor: number,
): { from: Milliseconds; to: Milliseconds } | undefined {
  const centre = Math.min(now.to, Math.max(now.from, at));
  const from = Math.max(whole.from, centre - (centre - now.from) * factor);
  const to = Math.min(whole.to, centre + (now.to - centre) * factor);
  if (from <= whole.from && to >= whole.to) return undefined;
  return to - from < 1 ? { ...now } : { from, to };
}
