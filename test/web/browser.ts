// A real browser for tests: the system's Chromium, started once a test file. Without one the tests skip and say so.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { pageAssets } from "../../src/web/server/assets.ts";
import type { Dashboard } from "../../src/web/server/dashboard.ts";
import { startServer, type RunningServer } from "../../src/web/server/server.ts";

/** Screenshots of the last run, to be looked at. */
export const SHOTS = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));

function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named !== undefined) return named;
  for (const name of ["chromium", "chromium-browser", "google-chrome", "chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      // The next name.
    }
  }
  return undefined;
}

export const CHROMIUM = findChromium();
if (CHROMIUM === undefined) {
  console.warn(
    "no Chromium found (`apt-get install chromium`, or name one in CHROMIUM): tests of the page are skipped",
  );
}

export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, requests that went beyond the server, so far. */
  readonly complaints: string[];
}

export interface TestBrowser {
  /** Opens an address in a page of its own. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>;
  /** Serves a dashboard until the end of the file. */
  serve(dashboard: Dashboard): Promise<RunningServer>;
}

/** Registers start and end of the browser with the test file. */
export function useBrowser(): TestBrowser {
  let browser: Browser | undefined;
  const servers: RunningServer[] = [];
  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    if (CHROMIUM === undefined) return;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(servers.map((server) => server.close()));
  });
  return {
    async open(url, options = {}) {
      if (browser === undefined) throw new Error("no browser");
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        timezoneId: "Europe/Berlin",
        locale: "en-GB",
        ...options,
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
      page.on("dialog", (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      const origin = new URL(url).origin;
      page.on("request", (request) => {
        const asked = request.url();
        if (!/^(?:data|blob):/.test(asked) && new URL(asked).origin !== origin) complaints.push(`request: ${asked}`);
      });
      await page.goto(url);
      return { page, complaints };
    },
    async serve(dashboard) {
      const assets = await pageAssets();
      const server = await startServer({ dashboard, assets, title: "poolscope" }, "127.0.0.1", 0);
      servers.push(server);
      return server;
    },
  };
}

/** Waits until charts are drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector("main div:not([hidden]) [data-drawn], main > section [data-drawn]") !== null,
  );
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Whether the page can be scrolled sideways: something is wider than the screen. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
