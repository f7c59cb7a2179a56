// Keeps overview and table up to date: fetches them, follows the server's events, tells what is wrong.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Overview, Status, TagRows } from "../contract.ts";
import { LostConnection, type PageSource } from "./source.ts";

/** Not more often than this is a live page drawn anew. */
const REFRESH_MS = 2000;

export interface DashboardData {
  readonly overview: Overview | undefined;
  readonly table: TagRows | undefined;
  readonly status: Status | undefined;
  /** The server was reached at last. */
  readonly isConnected: boolean;
  readonly error: string | undefined;
}

export function useDashboard(source: PageSource): DashboardData {
  const [data, setData] = useState<{ overview?: Overview; table?: TagRows; error?: string }>({});
  const [status, setStatus] = useState<Status>();
  const [isConnected, setConnected] = useState(true);
  const drawn = useRef("");
  const isBusy = useRef(false);
  const lastAt = useRef(0);
  const later = useRef<ReturnType<typeof setTimeout>>(undefined);

  const refresh = useCallback(async () => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      const [overview, table] = await Promise.all([source.overview(), source.table()]);
      drawn.current = keyOf(overview.status);
      lastAt.current = Date.now();
      setData({ overview, table });
      setStatus(overview.status);
      setConnected(true);
    } catch (error) {
      if (error instanceof LostConnection) setConnected(false);
      setData((before) => ({ ...before, error: error instanceof Error ? error.message : String(error) }));
    } finally {
      isBusy.current = false;
    }
  }, [source]);

  useEffect(() => {
    void refresh();
    const stop = source.listen((next) => {
      setConnected(next !== undefined);
      if (next === undefined) return;
      setStatus(next);
      if (keyOf(next) === drawn.current || next.phase === "reading") return;
      clearTimeout(later.current);
      later.current = setTimeout(() => void refresh(), Math.max(0, lastAt.current + REFRESH_MS - Date.now()));
    });
    return () => {
      stop();
      clearTimeout(later.current);
    };
  }, [source, refresh]);

  return { overview: data.overview, table: data.table, status, isConnected, error: data.error };
}

function keyOf({ phase, revision }: Status): string {
  return `${phase === "stalled" ? "live" : phase} ${revision}`;
}
