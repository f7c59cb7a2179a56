// The view state in the address: read at the start and at every step back, written with every change.

import { useCallback, useEffect, useState } from "preact/hooks";
import { formatViewState, parseViewState, type ViewState } from "./view-state.ts";

export type ViewChange = { readonly [K in keyof ViewState]?: ViewState[K] | undefined };

/** What is a step of the browser's history; every letter of a filter and the theme are not. */
const STEPS: ReadonlySet<string> = new Set(["view", "by", "tag", "range", "zoom", "pool", "sort", "isDescending"]);

function addressNow(): string {
  return `${location.pathname}${location.search}${location.hash}`;
}

/** Changes the state. */
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
    const isStep = Object.keys(wanted).some((key) => STEPS.has(key)) && address !== addressNow();
    history[isStep ? "pushState" : "replaceState"](null, "", address);
    setState(parseViewState(fragment));
  }, []);
  return [state, change];
}
