// A term with its help in place: a press, or Enter on it, shows two lines; again, Escape or leaving hides them.

import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { TERMS, type Term } from "../../words/terms.ts";

export function Explained({
  term,
  children,
}: {
  readonly term: Term;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <span class="explained">
      <button
        type="button"
        class="term"
        aria-expanded={isOpen}
        aria-controls={id}
        title={TERMS[term]}
        onClick={(event) => {
          event.stopPropagation();
          setOpen(!isOpen);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !isOpen) return;
          event.stopPropagation();
          event.preventDefault();
          setOpen(false);
        }}
      >
        {children ?? term}
      </button>
      <span id={id} class="help" role="note" hidden={!isOpen}>
        {TERMS[term]}
      </span>
    </span>
  );
}
