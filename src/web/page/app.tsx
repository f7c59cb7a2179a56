// The whole page: header, then what fits the state of things, then the overview or one tag.

import type { JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { formatTag } from "../../model/tag.ts";
import { kindCode, rowKey } from "../../model/snapshot.ts";
import type { TagRef } from "../../model/verdict.ts";
import { KeysHelp, useKeys } from "./keys-help.tsx";
import { knowsZone, setZone } from "./local-time.ts";
import { BesideView } from "./beside-view.tsx";
import { Header } from "./header.tsx";
import { OverviewView } from "./overview-view.tsx";
import { Notice } from "./notices.tsx";
import { TagView } from "./tag-view.tsx";
import type { PageSource } from "./source.ts";
import { useDashboard } from "./use-dashboard.ts";
import { VIEW_LABELS, ViewTabs } from "./view-tabs.tsx";
import { useView } from "./use-view.ts";
import { unknownParts } from "./view-state.ts";

export function App({ source }: { readonly source: PageSource }): JSX.Element {
  const data = useDashboard(source);
  const [view, changeView] = useView();
  const theme = useTheme(view.theme);
  const scroll = useRef(0);
  const isTagOpen = view.tag !== undefined;
  const openTag = useCallback(
    (ref: TagRef): void => {
      if (!isTagOpen) scroll.current = scrollY;
      changeView({ tag: ref });
    },
    [isTagOpen, changeView],
  );
  // Back on the overview the reader finds the place that was left.
  useLayoutEffect(() => scrollTo(0, isTagOpen ? 0 : scroll.current), [isTagOpen]);
  const name = data.overview?.diagnosis?.origin.host ?? data.overview?.source;
  const shown = view.tag === undefined ? view.view && VIEW_LABELS[view.view] : formatTag(view.tag.tag);
  useTitle(name === undefined || shown === undefined ? name : `${shown} on ${name}`);
  // Set while rendering, as the theme: everything below words its times with it.
  const machineZone = useMachineZone(data.overview?.machineZone);
  setZone(view.zone === "utc" ? "UTC" : view.zone === "machine" ? machineZone : undefined);
  const drawnKey = `${view.zone ?? "local"} ${machineZone ?? ""} ${theme.key}`;
  const [isKeysOpen, setKeysOpen] = useState(false);
  useKeys(isKeysOpen, setKeysOpen);

  const { overview, table, status } = data;
  const unknown = unknownParts(location.hash);
  const verdict = overview?.diagnosis?.verdicts.find(
    ({ tag, kind, group }) =>
      view.tag !== undefined &&
      [{ tag, kind }, ...group].some((each) => each.tag === view.tag?.tag && each.kind === view.tag.kind),
  );
  const diagnosis = overview?.diagnosis ?? undefined;
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => skip(event)}>
        Skip to the content
      </a>
      <Header
        overview={overview}
        status={status}
        isServed={source.isServed}
        isConnected={data.isConnected}
        theme={theme.name}
        onTheme={() => changeView({ theme: theme.name === "dark" ? "light" : "dark" })}
        zone={view.zone ?? "local"}
        machineZone={machineZone}
        onZone={(zone) => changeView({ zone: zone === "local" ? undefined : zone })}
        onKeys={() => setKeysOpen(true)}
        home={view.view === undefined ? "Overview" : VIEW_LABELS[view.view]}
        onHome={isTagOpen ? () => changeView({ tag: undefined }) : undefined}
      />
      <main id="content" tabIndex={-1}>
        {isKeysOpen && <KeysHelp onClose={() => setKeysOpen(false)} />}
        <Notice data={data} unknown={unknown} isZoneMissing={view.zone === "machine" && machineZone === undefined} />
        {overview !== undefined && diagnosis !== undefined && table !== undefined && (
          <>
            {!isTagOpen && <ViewTabs view={view} changeView={changeView} />}
            <div hidden={isTagOpen || view.view !== undefined}>
              <OverviewView
                source={source}
                overview={overview}
                diagnosis={diagnosis}
                table={table}
                view={view}
                changeView={changeView}
                themeKey={drawnKey}
                openTag={openTag}
              />
            </div>
            {!isTagOpen && view.view !== undefined && (
              <BesideView
                source={source}
                revision={overview.status.revision}
                table={table}
                name={view.view}
                view={view}
                changeView={changeView}
                openTag={openTag}
              />
            )}
            {view.tag !== undefined && (
              <TagView
                key={rowKey(view.tag.tag, kindCode(view.tag.kind))}
                source={source}
                overview={overview}
                diagnosis={diagnosis}
                tagRef={view.tag}
                verdict={verdict}
                view={view}
                changeView={changeView}
                themeKey={drawnKey}
                openTag={openTag}
              />
            )}
          </>
        )}
      </main>
    </>
  );
}

function skip(event: Event): void {
  // The fragment belongs to the view state.
  event.preventDefault();
  document.getElementById("content")?.focus();
}

/** The machine's zone where this browser knows it too. */
function useMachineZone(told: string | undefined): string | undefined {
  return useMemo(() => (told !== undefined && knowsZone(told) ? told : undefined), [told]);
}

function useTitle(name: string | undefined): void {
  useEffect(() => {
    if (name !== undefined) document.title = `${name} – poolscope`;
  }, [name]);
}

/** The theme asked for, else the system's; paper is always light. `key` changes whenever colours do. */
function useTheme(asked: "light" | "dark" | undefined): { readonly name: "light" | "dark"; readonly key: string } {
  const [isSystemDark, setSystemDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const onChange = (): void => setSystemDark(query.matches);
    const onPrint = (): void => setPrinting(true);
    const onPrinted = (): void => setPrinting(false);
    query.addEventListener("change", onChange);
    addEventListener("beforeprint", onPrint);
    addEventListener("afterprint", onPrinted);
    return () => {
      query.removeEventListener("change", onChange);
      removeEventListener("beforeprint", onPrint);
      removeEventListener("afterprint", onPrinted);
    };
  }, []);
  const name = isPrinting ? "light" : (asked ?? (isSystemDark ? "dark" : "light"));
  // Set while rendering: the charts below read their colours from the style sheet.
  document.documentElement.dataset["theme"] = name;
  return { name, key: `${name}${isPrinting ? " print" : ""}` };
}
