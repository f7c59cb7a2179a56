// One time cursor for all charts: whoever moves it tells the time, all others show the point next to it.

import type { Milliseconds } from "../../model/snapshot.ts";

/** Called with the time under somebody's cursor, undefined where it left. */
export type OnCursor = (time: Milliseconds | undefined, from: OnCursor) => void;

const listeners = new Set<OnCursor>();

/** Joins a chart to the shared cursor; answers how to leave it. */
export function joinCursor(listener: OnCursor): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells all others where the cursor is. */
export function tellCursor(time: Milliseconds | undefined, from: OnCursor): void {
  for (const listener of listeners) if (listener !== from) listener(time, from);
}
