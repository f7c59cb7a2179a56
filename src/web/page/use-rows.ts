// The rows of a long table: which of them are in sight, and which one has the focus.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows drawn beyond both edges, so that scrolling never shows white. */
const SPARE = 12;
/** Rows on paper. */
export const PRINTED = 60;

interface Box {
  readonly current: HTMLDivElement | null;
}

interface Sight {
  readonly first: number;
  readonly last: number;
  readonly visible: number;
  readonly rowHeight: number;
  /** Scrolls so that a row is in sight. */
  show(at: number): void;
}

/** Which rows are in sight of the scrolling box. */
export function useSight(box: Box, count: number, isPrinting: boolean): Sight {
  const [sight, setSight] = useState({ top: 0, height: 600, rowHeight: 32 });
  const measure = (): void => {
    const element = box.current;
    if (element === null || element.clientHeight === 0) return;
    const rowHeight = element.querySelector("tbody tr:not(.space)")?.getBoundingClientRect().height ?? 32;
    setSight((before) =>
      before.top === element.scrollTop && before.height === element.clientHeight && before.rowHeight === rowHeight
        ? before
        : { top: element.scrollTop, height: element.clientHeight, rowHeight: Math.max(8, rowHeight) },
    );
  };
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    measure();
    element.addEventListener("scroll", measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", measure);
      observer.disconnect();
    };
  }, []);
  const { top, height, rowHeight } = sight;
  const visible = Math.ceil(height / rowHeight);
  const first = isPrinting ? 0 : Math.max(0, Math.min(Math.floor(top / rowHeight) - SPARE, count - visible));
  return {
    first,
    last: isPrinting
      ? Math.min(count, PRINTED)
      : Math.min(count, Math.max(0, Math.floor(top / rowHeight)) + visible + SPARE),
    visible,
    rowHeight,
    show: (at) => {
      const element = box.current;
      if (element === null) return;
      const head = element.querySelector("thead")?.getBoundingClientRect().height ?? 0;
      const y = at * rowHeight;
      if (y < element.scrollTop) element.scrollTop = y;
      else if (y + rowHeight + head > element.scrollTop + element.clientHeight) {
        element.scrollTop = y + rowHeight + head - element.clientHeight;
      }
      measure();
    },
  };
}

interface RowCursor {
  readonly at: number;
  readonly set: (at: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** The row that has the focus: arrows, Page Up and Down, Home and End move it, and what it moves to comes into sight. */
export function useRowCursor(box: Box, count: number, sight: Sight): RowCursor {
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  const at = Math.min(active, Math.max(0, count - 1));
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    box.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus({ preventScroll: true });
  }, [at, sight.first]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, sight.visible - 2);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: count - 1,
    };
    const target = targets[event.key];
    if (target === undefined || !(event.target instanceof HTMLElement) || event.target.dataset["at"] === undefined)
      return;
    event.preventDefault();
    const next = Math.min(count - 1, Math.max(0, target));
    wantsFocus.current = true;
    setActive(next);
    sight.show(next);
  };
  return { at, set: setActive, onKeyDown };
}
