// The view state in the address: read at the start and at every step back, written with every change.

import { useCallback, useEffect, useState } from "preact/hooks";
import { formatViewState, parseViewState, type ViewState } from "./view-state.ts";

export type ViewChange = { readonly [K in keyof ViewState]?: ViewState[K] | undefined };

/** Changes the state; opening and closing a tag is a step of the browser's history, the rest is not. */
export type ChangeView = (change: ViewChange) => void;

export function useView(): readonly [ViewState, ChangeView] {
  const [state, setState] = useState(() => parseViewState(location.hash));
  useEffect(() => {
    const onChange = (): void => setState(parseViewState(location.hash));
    addEventListener("popstate", onChange);
    addEventListener("hashchange", onChange);
    return () => {
      removeEventListener("popstate", onChange);
      removeEventListener("hashchange", onChange);
    };
  }, []);
  const change = useCallback<ChangeView>((wanted) => {
    const merged = { ...parseViewState(location.hash), ...wanted };
    const present = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
    const next = present as unknown as ViewState;
    const fragment = formatViewState(next);
    const address = `${location.pathname}${location.search}${fragment === "" ? "" : `#${fragment}`}`;
    history["tag" in wanted ? "pushState" : "replaceState"](null, "", address);
    setState(parseViewState(fragment));
  }, []);
  return [state, change];
}
