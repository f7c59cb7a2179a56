// The keys of the page, shown by `?` and closed by Escape; `/` goes to the filter of the table.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "find a tag or an owner; in the other views a driver, a program, a type"],
  ["?", "show or hide these keys"],
  ["Esc", "close what is open, then back to the overview"],
  ["Arrows, Page, Home, End", "on a chart: move the time cursor of all charts; in the table: walk the rows"],
  ["Shift with arrows", "on a chart: select a stretch; then z zooms, c compares, Enter does what a drag does"],
  ["+ and -", "on a chart: zoom around the cursor"],
  ["0 or double click", "on a chart: the whole record again"],
  ["Shift while dragging", "compare instead of zoom, or the other way round"],
  ["Alt with left", "the step before: every zoom, comparison and opened tag is one"],
];

/** Follows the keys that hold everywhere on the page; `open` is what `?` shows and hides. */
export function useKeys(isOpen: boolean, setOpen: (isOpen: boolean) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") {
        const fields = document.querySelectorAll<HTMLElement>(".find");
        const filter = Array.from(fields).find((each) => each.closest("[hidden]") === null);
        if (filter === undefined) return;
        event.preventDefault();
        filter.scrollIntoView({ block: "center" });
        filter.focus();
      } else if (event.key === "?") {
        event.preventDefault();
        setOpen(!isOpen);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [isOpen, setOpen]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== "checkbox");
}

export function KeysHelp({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="keys" onClose={onClose} onKeyDown={(event) => event.stopPropagation()}>
      <h2 id="keys">Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
