// What all charts show of time, and what a drag across them does: visible, and the same for mouse and keys.

import type { JSX } from "preact";
import { formatDuration } from "../../model/units.ts";
import { formatMoment } from "./local-time.ts";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

export function TimeBar({
  view,
  changeView,
}: {
  readonly view: ViewState;
  readonly changeView: ChangeView;
}): JSX.Element {
  const { zoom, drag } = view;
  const mode = drag ?? "zoom";
  return (
    <div class="time-bar" role="group" aria-label="Time of all charts">
      <span class="switch" role="group" aria-label="A drag across a chart">
        {(["zoom", "compare"] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={mode === each}
            onClick={() => changeView({ drag: each === "zoom" ? undefined : each })}
          >
            {each === "zoom" ? "Drag zooms" : "Drag compares"}
          </button>
        ))}
      </span>
      {zoom === undefined ? (
        <span class="muted">The whole record. With Shift a drag does the other; ? shows the keys.</span>
      ) : (
        <>
          <span>
            {formatMoment(zoom.from)} to {formatMoment(zoom.to)} ({formatDuration(zoom.to - zoom.from)})
          </span>
          <button type="button" class="quiet" onClick={() => changeView({ zoom: undefined })}>
            Whole record
          </button>
          <button type="button" class="quiet" onClick={() => changeView({ range: zoom })}>
            Compare its ends
          </button>
        </>
      )}
    </div>
  );
}
