// The dashboard with a week of 3,000 tags: weight of the page, time to the first chart, frames while sorting, size of a
// report. `npm run bench:web`; the times need Chromium and are those of this machine.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium, type Page } from "playwright-core";
import { pageAssets } from "../src/web/server/assets.ts";
import { servedHtml } from "../src/web/server/html.ts";
import { renderReport } from "../src/web/server/report.ts";
import { startServer } from "../src/web/server/server.ts";
import { CHROMIUM } from "../test/web/browser.ts";
import { sceneDashboard } from "../test/web/dashboards.ts";

const DAY = 86_400_000;
/** What is left of a week at 10 s after the even thinning that every reading of sources does. */
const SNAPSHOTS = 2000;
const RUNS = 5;

const line = (what: string, value: string, bar: string): void =>
  console.log(`${what.padEnd(52)} ${value.padStart(12)}   bar ${bar}`);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

const building = performance.now();
const assets = await pageAssets();
line("bundling the page from its sources", `${(performance.now() - building).toFixed(0)} ms`, "1 s");
const weight = [servedHtml("poolscope"), assets.script, assets.style].map((text) => gzipSync(text).length);
line("page weight, gzip (html, script, style)", kilobytes(weight.reduce((a, b) => a + b)), "150 kB");

const week = sceneDashboard({ rows: 3000, days: 7, everyMs: (7 * DAY) / SNAPSHOTS, changing: 0.1 });
const rendering = performance.now();
const html = await renderReport(week, assets, "week");
line("report of a week of 3,000 tags, 10 % changing", kilobytes(Buffer.byteLength(html)), "1500 kB");
line("rendering it", `${(performance.now() - rendering).toFixed(0)} ms`, "-");
const lively = sceneDashboard({ rows: 3000, days: 7, everyMs: (7 * DAY) / SNAPSHOTS, changing: 1 });
line(
  "report of the same with all tags changing",
  kilobytes(Buffer.byteLength(await renderReport(lively, assets, "week"))),
  "1500 kB",
);

if (CHROMIUM !== undefined) await inBrowser(CHROMIUM);

async function inBrowser(executablePath: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
  const file = join(folder, "report.html");
  writeFileSync(file, html);
  const server = await startServer({ dashboard: week, assets, title: "week" }, "127.0.0.1", 0);
  const big = sceneDashboard({ rows: 5000, days: 2, everyMs: 3_600_000 });
  const bigServer = await startServer({ dashboard: big, assets, title: "big" }, "127.0.0.1", 0);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  try {
    const open = async (url: string): Promise<Page> => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await page.goto(url);
      await page.waitForSelector("[data-drawn]", { state: "attached" });
      return page;
    };
    for (const [name, url] of [
      ["served", server.url],
      ["report", pathToFileURL(file).href],
    ] as const) {
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const page = await open(url);
        times.push(
          await page.evaluate(() => performance.getEntriesByName("poolscope-chart")[0]?.startTime ?? Number.NaN),
        );
        await page.close();
      }
      line(`time to first chart, week of 3,000 tags, ${name}`, `${median(times).toFixed(0)} ms`, "1500 ms");
    }
    const page = await open(bigServer.url);
    // Thread time: what the page itself needs, whoever else uses the machine.
    const tools = await page.context().newCDPSession(page);
    await tools.send("Performance.enable", { timeDomain: "threadTicks" });
    const worked = async (): Promise<number> => {
      const { metrics } = await tools.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
    };
    const before = await worked();
    const { frames, clicks } = await page.evaluate(sortForAWhile);
    const perSort = ((await worked()) - before) / clicks.length;
    line("sorting 5,000 rows: work of the main thread per sort", `${(perSort * 1000).toFixed(1)} ms`, "50 ms");
    line("sorting 5,000 rows: median frame", `${median(frames).toFixed(1)} ms`, "-");
    line("sorting 5,000 rows: longest frame", `${Math.max(...frames).toFixed(1)} ms`, "50 ms");
    line("sorting 5,000 rows: median from click to painted rows", `${median(clicks).toFixed(1)} ms`, "50 ms");
  } finally {
    await browser.close();
    await Promise.all([server.close(), bigServer.close()]);
    rmSync(folder, { recursive: true });
  }
}

/** Runs in the page: clicks every column twice and measures the frames meanwhile. */
async function sortForAWhile(): Promise<{ frames: number[]; clicks: number[] }> {
  const frames: number[] = [];
  const clicks: number[] = [];
  const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const buttons = [...document.querySelectorAll<HTMLElement>(".tags thead button")];
  document.querySelector(".tags")?.scrollIntoView();
  let before = await nextFrame();
  for (const button of [...buttons, ...buttons]) {
    const start = performance.now();
    button.click();
    for (let i = 0; i < 10; i++) {
      const now = await nextFrame();
      frames.push(now - before);
      before = now;
      // The second frame begins after the first was painted.
      if (i === 1) clicks.push(performance.now() - start);
    }
  }
  return { frames, clicks };
}
