// The whole page: header, then what fits the state of things, then the overview or one tag.

import type { JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatTag } from "../../model/tag.ts";
import { kindCode, rowKey } from "../../model/snapshot.ts";
import type { TagRef } from "../../model/verdict.ts";
import { KeysHelp, useKeys } from "./keys-help.tsx";
import { setZone } from "./local-time.ts";
import { Header } from "./header.tsx";
import { OverviewView } from "./overview-view.tsx";
import { Notice } from "./notices.tsx";
import { TagView } from "./tag-view.tsx";
import type { PageSource } from "./source.ts";
import { useDashboard } from "./use-dashboard.ts";
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
  useTitle(name === undefined || view.tag === undefined ? name : `${formatTag(view.tag.tag)} on ${name}`);
  // Set while rendering, as the theme: everything below words its times with it.
  setZone(view.zone ?? "local");
  const drawnKey = `${view.zone ?? "local"} ${theme.key}`;
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
        onZone={() => changeView({ zone: view.zone === "utc" ? undefined : "utc" })}
        onKeys={() => setKeysOpen(true)}
        onHome={isTagOpen ? () => changeView({ tag: undefined }) : undefined}
      />
      <main id="content" tabIndex={-1}>
        {isKeysOpen && <KeysHelp onClose={() => setKeysOpen(false)} />}
        <Notice data={data} unknown={unknown} />
        {overview !== undefined && diagnosis !== undefined && table !== undefined && (
          <>
            <div hidden={isTagOpen}>
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
