import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dashboardOf, sceneDashboard } from "../../../test/web/dashboards.ts";
import { scene } from "../../../test/web/two-weeks.ts";
import { createApp, type AppOptions } from "./app.ts";
import type { Comparison, Overview, Status, TagDetail, TagRows } from "../contract.ts";
import type { Dashboard } from "./dashboard.ts";
import { Metrics } from "../../cli/serve-metrics.ts";

const closing = new AbortController();
const assets = { script: "/* script */", style: "/* style */" };
let dashboard: Dashboard;

beforeAll(() => {
  dashboard = sceneDashboard({ days: 4, rows: 60 });
});
afterAll(() => closing.abort());

function appOf(options: Partial<AppOptions> = {}): ReturnType<typeof createApp> {
  return createApp({ dashboard, assets, title: "a </title> b", ...options }, closing.signal);
}

async function get(
  path: string,
  headers: Record<string, string> = {},
  options: Partial<AppOptions> = {},
): Promise<Response> {
  return appOf(options).request(path, { headers: { host: "127.0.0.1:7665", ...headers } });
}

describe("who may look", () => {
  test.each(["localhost", "127.0.0.1:7665", "[::1]:7665", "LOCALHOST:1"])("on loopback %s", async (host) => {
    expect((await get("/api/v1/status", { host })).status).toBe(200);
  });

  test("a name that another site made point here is refused", async () => {
    expect((await get("/api/v1/status", { host: "rebound.example" })).status).toBe(403);
    expect((await get("/", { host: "127.0.0.1.example:7665" })).status).toBe(403);
  });

  test("elsewhere nothing without the token, everything with it", async () => {
    const token = { token: "s3cret" };
    const host = "server:7665";
    for (const path of ["/", "/page.js", "/api/v1/overview", "/api/v1/events", "/metrics"]) {
      expect((await get(path, { host }, token)).status).toBe(401);
      expect((await get(`${path}?token=wrong`, { host }, token)).status).toBe(401);
    }
    expect((await get("/api/v1/status", { host, authorization: "Bearer s3cret" }, token)).status).toBe(200);
    expect((await get("/api/v1/status", { host, authorization: "Bearer s3crets" }, token)).status).toBe(401);
    const first = await get("/?token=s3cret", { host }, token);
    expect(first.status).toBe(302);
    expect(first.headers.get("location")).toBe("/");
    const cookie = first.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    const again = await get("/", { host, cookie: cookie.split(";")[0] ?? "" }, token);
    expect(again.status).toBe(200);
  });

  test("health needs no token and tells no more than health", async () => {
    const answer = await get("/healthz", { host: "server" }, { token: "t" });
    expect(await answer.json()).toEqual({ ok: true, phase: "complete" });
  });
});

test("every answer forbids everything from elsewhere", async () => {
  for (const path of ["/", "/page.js", "/page.css", "/api/v1/overview", "/no-such-page"]) {
    const { headers } = await get(path);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).not.toMatch(/unsafe|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
  }
  expect(await (await get("/")).text()).toContain("<title>a &lt;/title&gt; b</title>");
});

describe("the API", () => {
  const json = async <T>(path: string): Promise<T> => (await (await get(path)).json()) as T;

  test("overview: series and pools have a point for every time", async () => {
    const overview = await json<Overview>("/api/v1/overview");
    expect(overview.status).toMatchObject({ phase: "complete" });
    expect(overview.diagnosis?.verdicts[0]?.state).toBe("leaking");
    for (const { bytes } of [...overview.pools, ...overview.series]) expect(bytes.length).toBe(overview.times.length);
    expect(overview.missing.length).toBe(1);
  });

  test("tags: columns of one length, largest first", async () => {
    const table = await json<TagRows>("/api/v1/tags");
    expect(table.tag.length).toBe(60);
    for (const column of Object.values(table)) if (Array.isArray(column)) expect(column.length).toBe(60);
    expect(table.bytes).toEqual(table.bytes.toSorted((a, b) => b - a));
  });

  test("where no list knows the component the words of the log stand for the owner", async () => {
    const said = dashboardOf(scene({ days: 1, rows: 20 }).take(2), {
      ownerOf: () => ({ component: "", description: "[acme]", from: "the log itself" }),
    });
    said.setPhase("complete");
    expect((await said.table()).owner[0]).toBe("[acme]");
  });

  test("one tag by its number or its name", async () => {
    const byNumber = await json<TagDetail>("/api/v1/tags/nonpaged/0x6c466341");
    const byName = await json<TagDetail>("/api/v1/tags/nonpaged/AcFl");
    expect(byNumber).toEqual(byName);
    expect(byNumber.blocks.length).toBe(byNumber.times.length);
    expect((await json<TagDetail>("/api/v1/tags/nonpaged/Irp%20")).tag).toBe(0x20707249);
  });

  test("comparison", async () => {
    const { times } = await json<Overview>("/api/v1/overview");
    const found = await json<Comparison>(`/api/v1/compare?from=${times[3]}&to=${times.at(-1)}`);
    expect(found).toMatchObject({ from: times[3], to: times.at(-1) });
    expect(found.bytesTo.length).toBe(found.tag.length);
  });

  test.each([
    ["/api/v1/tags/nonpaged/0x00000001", 404],
    ["/api/v1/tags/other/AcFl", 400],
    ["/api/v1/tags/nonpaged/toolong", 400],
    ["/api/v1/compare?from=1", 400],
    ["/api/v1/compare?from=x&to=1e999", 400],
    ["/api/v1/nothing", 404],
    ["/metrics", 404],
  ])("%s is %i and says why", async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: expect.stringMatching(/\w/) });
  });

  test("whatever is asked, the answer is 200, 400 or 404", async () => {
    const app = appOf();
    const ask = fc.tuple(
      fc.constantFrom("tags/nonpaged/", "tags/", "compare?from=1&to=", "compare?from=", ""),
      fc.string({ unit: "binary" }),
    );
    await fc.assert(
      fc.asyncProperty(ask, async ([path, rest]) => {
        const url = `http://localhost/api/v1/${path}${encodeURIComponent(rest.toWellFormed())}`;
        const { status } = await app.request(url, { headers: { host: "localhost" } });
        expect([200, 400, 404]).toContain(status);
      }),
    );
    for (const raw of ["/api/v1/tags/nonpaged/%", "/api/v1/tags/nonpaged/%ff%fe", "/%00", "//"]) {
      expect([200, 400, 404]).toContain((await get(raw)).status);
    }
  });

  test("an open end of an interval is null", async () => {
    const open = dashboardOf(scene({ days: 1, rows: 20 }), {
      enrich: (found) => ({
        ...found,
        pools: [{ kind: "paged", bytes: 1, bytesPerHour: { value: 1, low: 0, high: Infinity } }],
      }),
    });
    open.setPhase("complete");
    const answer = await get("/api/v1/overview", {}, { dashboard: open });
    expect(await answer.text()).toContain('"high":null');
  });
});

describe("how the source fares", () => {
  const SILENCE = 60_000;

  test("nothing yet, reading, nothing at all, failed", async () => {
    const empty = dashboardOf([]);
    const status = async (): Promise<Overview> =>
      (await (await get("/api/v1/overview", {}, { dashboard: empty })).json()) as Overview;
    expect(await status()).toMatchObject({ diagnosis: null, times: [], status: { phase: "reading", snapshots: 0 } });
    empty.setProgress(0.25);
    expect((await status()).status.progress).toBe(0.25);
    empty.setPhase("complete");
    expect(await status()).toMatchObject({ diagnosis: null, status: { phase: "complete" } });
    empty.setPhase("failed", "the disk is gone");
    expect((await status()).status).toMatchObject({ phase: "failed", message: "the disk is gone" });
    expect((await get("/healthz", {}, { dashboard: empty })).status).toBe(503);
    expect((await get("/api/v1/diagnosis", {}, { dashboard: empty })).status).toBe(404);
  });

  test("a live source that falls silent is stalled until it speaks again", () => {
    let now = 0;
    const snapshots = [...scene({ days: 1, rows: 20, everyMs: 1000 }).take(4)];
    const live = dashboardOf(snapshots.slice(0, 3), { now: () => now, everyMs: 1000 });
    live.setPhase("live");
    expect(live.status().phase).toBe("live");
    now += SILENCE;
    expect(live.status().phase).toBe("stalled");
    live.setTrouble("access denied");
    expect(live.status()).toMatchObject({ phase: "stalled", message: "access denied" });
    for (const snapshot of snapshots.slice(3)) live.push(snapshot);
    expect(live.status()).toMatchObject({ phase: "live", snapshots: 4 });
    expect(live.status().message).toBeUndefined();
  });

  test("a diagnosis that is not renewed yet tells of which revision it is", async () => {
    let clock = 0;
    const snapshots = [...scene({ days: 1, rows: 20 }).take(6)];
    const live = dashboardOf(snapshots.slice(0, 5), { now: () => (clock += 10) });
    live.setPhase("live");
    const { status } = await live.overview();
    expect(status.revision).toBe(live.status().revision);
    for (const snapshot of snapshots.slice(5)) live.push(snapshot);
    const stale = await live.overview();
    expect(stale.status.revision).toBe(status.revision);
    expect(stale.diagnosis?.span.snapshots).toBe(5);
    expect(live.status().revision).toBeGreaterThan(status.revision);
    clock += 100_000;
    expect((await live.overview()).diagnosis?.span.snapshots).toBe(6);
  });

  test("events tell the status at once and with every snapshot, and end with the server", async () => {
    const end = new AbortController();
    const snapshots = [...scene({ days: 1, rows: 20 }).take(3)];
    const live = dashboardOf(snapshots.slice(0, 2));
    live.setPhase("live");
    const app = createApp({ dashboard: live, assets, title: "" }, end.signal);
    const answer = await app.request("/api/v1/events", { headers: { host: "localhost" } });
    const reader = (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    const next = async (): Promise<Status> => {
      let text = "";
      while (!text.includes("\n\n")) text += (await reader.read()).value ?? "";
      return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "") as Status;
    };
    expect((await next()).snapshots).toBe(2);
    for (const snapshot of snapshots.slice(2)) live.push(snapshot);
    expect((await next()).snapshots).toBe(3);
    end.abort();
    expect((await reader.read()).done).toBe(true);
  });
});

test("the diagnosis in the form that was given", async () => {
  const answer = await get(
    "/api/v1/diagnosis",
    {},
    { diagnosisJson: ({ steadyCount }) => `{"steady":${steadyCount}}` },
  );
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual({ steady: expect.any(Number) });
});

test("metrics", async () => {
  const metrics = new Metrics(dashboard, { version: "1", top: 3, isWatched: () => false });
  const answer = await get("/metrics", {}, { metrics });
  expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  expect(await answer.text()).toContain("windows_pool_leak_bytes_per_hour");
  metrics.close();
});
