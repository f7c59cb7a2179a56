// The views of the page as links, and views kept under a name: all in the address, so that a bookmark holds them.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { copyText } from "./take-along.ts";
import type { ChangeView } from "./use-view.ts";
import {
  formatForSaving,
  formatViewState,
  LONGEST_NAME,
  MOST_SAVED,
  parseViewState,
  VIEWS,
  type ViewName,
  type ViewState,
} from "./view-state.ts";

export const VIEW_LABELS: Readonly<Record<ViewName, string>> = {
  drivers: "Drivers",
  programs: "Programs",
  objects: "Objects",
};

interface TabsProps {
  readonly view: ViewState;
  readonly changeView: ChangeView;
}

export function ViewTabs({ view, changeView }: TabsProps): JSX.Element {
  const tab = (name: ViewName | undefined): JSX.Element => {
    const { by: _, view: __, ...rest } = view;
    const next: ViewState = { ...rest, filter: "", ...(name === undefined ? {} : { view: name }) };
    return (
      <a
        key={name ?? "overview"}
        href={`#${formatViewState(next)}`}
        {...(view.view === name && { "aria-current": "page" as const })}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
          event.preventDefault();
          changeView({ view: name, by: undefined, filter: "" });
        }}
      >
        {name === undefined ? "Overview" : VIEW_LABELS[name]}
      </a>
    );
  };
  return (
    <nav class="tabs" aria-label="Views">
      {[undefined, ...VIEWS].map(tab)}
      <SavedViews view={view} changeView={changeView} />
    </nav>
  );
}

function SavedViews({ view, changeView }: TabsProps): JSX.Element {
  const saved = view.saved ?? [];
  const [name, setName] = useState("");
  const [told, setTold] = useState("");
  const keep = (event: Event): void => {
    event.preventDefault();
    const trimmed = name.trim().replaceAll("|", "/").slice(0, LONGEST_NAME);
    if (trimmed === "") return setTold("Give it a name first.");
    const others = saved.filter((each) => each.name !== trimmed);
    if (others.length >= MOST_SAVED) return setTold(`An address holds ${MOST_SAVED} views at most.`);
    changeView({ saved: [...others, { name: trimmed, state: formatForSaving(view) }] });
    setName("");
    setTold("Kept in the address of this page: bookmark it, or copy the link.");
  };
  const copy = async (): Promise<void> => {
    setTold((await copyText(location.href)) ? "Link copied." : "This browser does not let a page copy.");
  };
  return (
    <details class="choice saved">
      <summary>Saved views{saved.length > 0 && ` (${saved.length})`}</summary>
      <div role="group" aria-label="Saved views">
        {saved.map((each) => (
          <span key={each.name} class="kept">
            <a class="link" href={`#${formatViewState({ ...parseViewState(each.state), saved })}`}>
              {each.name}
            </a>
            <button
              type="button"
              class="quiet"
              aria-label={`Forget ${each.name}`}
              onClick={() => changeView({ saved: saved.filter((other) => other !== each) })}
            >
              ×
            </button>
          </span>
        ))}
        <form onSubmit={keep}>
          <input
            aria-label="Name of this view"
            placeholder="name of this view"
            maxLength={LONGEST_NAME}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit" class="quiet">
            Save
          </button>
        </form>
        <button type="button" class="quiet" onClick={() => void copy()}>
          Copy link to this view
        </button>
        <span role="status" class="muted">
          {told}
        </span>
      </div>
    </details>
  );
}
