// The HTTP face of a dashboard: page, JSON API, events, metrics, health. Reads only; there is nothing to change.

import { Hono, type Context } from "hono";
import { compress } from "hono/compress";
import { streamSSE } from "hono/streaming";
import { parseTag } from "../../model/tag.ts";
import type { PoolKind } from "../../model/snapshot.ts";
import { accessControl } from "./access.ts";
import type { Dashboard } from "./dashboard.ts";
import { SECURITY_HEADERS, servedHtml, type PageAssets } from "./html.ts";

export interface AppOptions {
  readonly dashboard: Dashboard;
  readonly assets: PageAssets;
  readonly title: string;
  /** Absent on loopback. */
  readonly token?: string;
  /** The Prometheus page; 404 where nobody makes one. */
  readonly metrics?: { readonly render: () => Promise<string> };
  /** The diagnosis as `leaks --json` prints it. */
  readonly diagnosisJson?: (diagnosis: NonNullable<Awaited<ReturnType<Dashboard["diagnosis"]>>>) => string;
}

/** Open event streams; a browser opens one a tab. */
const MAX_STREAMS = 64;
const HEARTBEAT_MS = 15_000;

/** Routes over a dashboard. Ends its event streams when `closing` is aborted. */
export function createApp(options: AppOptions, closing: AbortSignal): Hono {
  const { dashboard, assets } = options;
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.res.headers.set(name, value);
    if (!context.res.headers.has("Cache-Control")) context.res.headers.set("Cache-Control", "no-store");
  });
  app.get("/healthz", (context) => health(context, dashboard));
  app.use(accessControl(options.token));
  app.use(compress({ threshold: 2048 }));
  const html = servedHtml(options.title);
  app.get("/", (context) => context.html(html));
  app.get("/page.js", (context) =>
    context.body(assets.script, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  app.get("/page.css", (context) => context.body(assets.style, 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/api/v1/status", (context) => context.json(dashboard.status()));
  app.get("/api/v1/overview", async (context) => context.json(await dashboard.overview()));
  app.get("/api/v1/tags", async (context) => context.json(await dashboard.table()));
  app.get("/api/v1/beside", (context) => context.json(dashboard.beside()));
  app.get("/api/v1/tags/:kind/:tag", async (context) => {
    const kind = toKind(context.req.param("kind"));
    const tag = toTag(context.req.param("tag"));
    if (kind === undefined || tag === undefined) return problem(context, 400, "not a pool (nonpaged, paged) and a tag");
    const detail = await dashboard.detail({ tag, kind });
    return detail === undefined ? problem(context, 404, "this tag was not seen in this pool") : context.json(detail);
  });
  app.get("/api/v1/compare", (context) => {
    const from = Number(context.req.query("from") ?? Number.NaN);
    const to = Number(context.req.query("to") ?? Number.NaN);
    if (!Number.isFinite(from) || !Number.isFinite(to)) {
      return problem(context, 400, "from and to must be times in milliseconds since 1970 UTC");
    }
    const comparison = dashboard.compare(from, to);
    return comparison === undefined ? problem(context, 404, "nothing was measured yet") : context.json(comparison);
  });
  app.get("/api/v1/diagnosis", async (context) => {
    const diagnosis = await dashboard.diagnosis();
    if (diagnosis === null) return problem(context, 404, "nothing was measured yet");
    const json = options.diagnosisJson?.(diagnosis) ?? JSON.stringify(diagnosis);
    return context.body(json, 200, { "Content-Type": "application/json" });
  });
  app.get("/metrics", async (context) => {
    if (options.metrics === undefined) return problem(context, 404, "no metrics here");
    const text = await options.metrics.render();
    return context.body(text, 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
  });
  let streams = 0;
  app.get("/api/v1/events", (context) => {
    if (streams >= MAX_STREAMS || closing.aborted) return problem(context, 503, "too many event streams are open");
    streams += 1;
    return streamSSE(context, async (stream) => {
      let wake: () => void = () => {};
      const stop = dashboard.listen(() => wake());
      const onClose = (): void => wake();
      closing.addEventListener("abort", onClose);
      stream.onAbort(() => wake());
      try {
        while (!stream.aborted && !closing.aborted) {
          const pause = new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, HEARTBEAT_MS);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
          // The heartbeat is the status as well: a silent source turns to `stalled` without anything happening.
          await stream.writeSSE({ event: "status", data: JSON.stringify(dashboard.status()), retry: 2000 });
          await pause;
        }
      } finally {
        stop();
        closing.removeEventListener("abort", onClose);
        streams -= 1;
      }
    });
  });
  app.notFound((context) => problem(context, 404, "no such page"));
  return app;
}

function health(context: Context, dashboard: Dashboard): Response {
  const { phase } = dashboard.status();
  const ok = phase !== "failed" && phase !== "stalled";
  return context.json({ ok, phase }, ok ? 200 : 503);
}

function problem(context: Context, status: 400 | 404 | 503, text: string): Response {
  return context.json({ error: text }, status);
}

function toKind(text: string | undefined): PoolKind | undefined {
  return text === "nonpaged" || text === "paged" ? text : undefined;
}

/** A tag as `0x20707249` or as outputs display it. */
function toTag(text: string): number | undefined {
  return /^0x[0-9a-f]{8}$/i.test(text) ? Number(text) : parseTag(text);
}
