// A tag that opens its own view: a real link, so that it opens in a new tab and can be copied.

import type { JSX } from "preact";
import { formatTag } from "../../model/tag.ts";
import type { TagRef } from "../../model/verdict.ts";
import { formatViewState, parseViewState } from "./view-state.ts";

interface TagLinkProps {
  readonly tagRef: TagRef;
  readonly openTag: (ref: TagRef) => void;
  readonly class?: string;
  /** Position in a table whose rows are walked with the arrow keys. */
  readonly at?: number;
  readonly isInOrder?: boolean;
  readonly before?: string;
}

export function TagLink({ tagRef, openTag, class: name, at, isInOrder = true, before }: TagLinkProps): JSX.Element {
  return (
    <a
      class={`link ${name ?? ""}`}
      href={`#${formatViewState({ ...parseViewState(location.hash), tag: tagRef })}`}
      {...(at === undefined ? {} : { "data-at": at })}
      tabIndex={isInOrder ? 0 : -1}
      onClick={(event) => {
        event.stopPropagation();
        // A new tab or window is the browser's business.
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        openTag(tagRef);
      }}
    >
      {before}
      <code>{formatTag(tagRef.tag)}</code>
    </a>
  );
}
