// The page in a real browser: drivers, programs and objects beside the counters, marks on the charts, zones, kept views.

import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { pageAssets } from "../../src/web/server/assets.ts";
import { renderReport } from "../../src/web/server/report.ts";
import { NOT_MEASURED } from "../../src/words/beside.ts";
import { besideDashboard } from "./beside-scene.ts";
import { CHROMIUM, drawn, overflows, SHOTS, useBrowser } from "./browser.ts";
import { sceneDashboard } from "./dashboards.ts";

const dashboard = besideDashboard({ machineZone: "America/New_York" });

/** The scene as a machine tells it that slept six hours of every pause of more than six. */
function* asleepInGaps(snapshots: Iterable<Snapshot>): Iterable<Snapshot> {
  let slept = 0;
  let last: number | undefined;
  for (const snapshot of snapshots) {
    if (last !== undefined && snapshot.time - last > SIX_HOURS) slept += SIX_HOURS;
    last = snapshot.time;
    yield { ...snapshot, totals: { ...snapshot.totals, sleptMilliseconds: slept } };
  }
}

const SIX_HOURS = 6 * 3_600_000;

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

describe.skipIf(CHROMIUM === undefined)("beside the counters, on the page", () => {
  const browser = useBrowser();

  test("drivers with their changes, by tab, address, Back and filter", async () => {
    const { url } = await browser.serve(dashboard);
    const { page, complaints } = await browser.open(url);
    await drawn(page);
    await page.getByRole("link", { name: "Drivers" }).click();
    await page.getByRole("heading", { name: "Drivers", exact: true }).waitFor();
    expect(page.url()).toContain("view=drivers");
    expect(await page.title()).toMatch(/^Drivers on /);
    // The scene tells no signers, so there is no column of them.
    expect(await page.getByRole("columnheader").allInnerTexts()).toEqual(
      expect.not.arrayContaining([expect.stringContaining("Signed by")]),
    );
    await page.getByText("acflt.sys was exchanged, 1.2 for 1.3").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("contoso");
    await page.getByText("60 of 181 rows").waitFor();
    await page.getByRole("button", { name: "Version" }).click();
    expect(page.url()).toContain("by=version");
    await page.goBack();
    await page.goBack();
    await page.getByRole("heading", { name: "All tags" }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("programs lead by handles, by pool charged and by other I/O", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(`${url}#view=programs`);
    const first = page.locator(".beside tbody tr").first();
    await first.waitFor();
    expect(await first.innerText()).toMatch(/leaky\.exe/);
    await page.getByRole("button", { name: "Other I/O per s" }).click();
    expect(await first.innerText()).toMatch(/service20\.exe[\s\S]*9,000/);
    await page.getByRole("button", { name: "Nonpaged charged" }).click();
    expect(await first.innerText()).toMatch(/service9\.exe[\s\S]*90\.0 MiB/);
    await page.getByRole("button", { name: "Nonpaged charged" }).click();
    expect(await first.innerText()).not.toMatch(/service9\.exe/);
    await page.context().close();
  });

  test("objects lead to their tag, and the tag tells its objects", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(`${url}#view=objects`);
    await page.getByText(/Process objects, 71 live: /).waitFor();
    await page.locator(".beside tbody").getByRole("link", { name: "File" }).click();
    await page.getByText("The kernel counts 88,000 File objects and 9,000 handles to them.").waitFor();
    await page.getByRole("button", { name: "Objects" }).click();
    await page.getByRole("heading", { name: "Objects", exact: true }).waitFor();
    await page.context().close();
  });

  test("a change of a driver and a span without snapshots are marked on the charts", async () => {
    for (const [shown, words] of [
      [dashboard, ["acflt.sys exchanged", "restart"]],
      [sceneDashboard(), ["no snapshots", "restart"]],
      [sceneDashboard({}, asleepInGaps), ["asleep 6 h", "restart"]],
    ] as const) {
      const { url } = await browser.serve(shown);
      const { page } = await browser.open(url, { viewport: { width: 1920, height: 1080 } });
      await drawn(page);
      // What is drawn is read at the canvas, from the next frame on.
      await page.evaluate(() => {
        const seen: string[] = [];
        Object.assign(globalThis, { seenTexts: seen });
        CanvasRenderingContext2D.prototype.fillText = (text: string) => {
          seen.push(text);
        };
      });
      const chart = page.getByRole("slider", { name: /^Nonpaged pool over time/ });
      await chart.focus();
      await page.keyboard.press("+");
      await page.getByRole("button", { name: "Whole record" }).click();
      await page.waitForFunction(
        (wanted) => wanted.every((text) => (globalThis as unknown as { seenTexts: string[] }).seenTexts.includes(text)),
        words,
      );
      if (shown === dashboard)
        expect(await chart.getAttribute("aria-label")).toContain("Marked: acflt.sys exchanged Mar 10, 07:00");
      await page.context().close();
    }
  });

  test("UTC, local time and the machine's zone by one switch", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(url);
    await drawn(page);
    const zone = page.getByLabel("Zone of every time on this page");
    const chart = page.getByRole("slider", { name: /^Nonpaged pool over time/ });
    const start = async (): Promise<string> => {
      await chart.focus();
      await page.keyboard.press("Home");
      return ((await chart.getAttribute("aria-valuetext")) ?? "").split(": ")[0] ?? "";
    };
    expect(await start()).toBe("Mar 2, 07:00");
    await zone.selectOption("utc");
    expect(await start()).toBe("Mar 2, 06:00");
    await zone.selectOption("machine");
    expect(await start()).toBe("Mar 2, 01:00");
    expect(page.url()).toContain("zone=machine");
    await page.context().close();
    const unknown = await browser.serve(sceneDashboard({ days: 2, rows: 60 }));
    const { page: other } = await browser.open(`${unknown.url}#zone=machine`);
    await other.getByText("The zone of the machine's clock is not known here").waitFor();
    await other.context().close();
  });

  test("a view is kept under a name in the address, and opened and forgotten from there", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(`${url}#view=programs&by=io`);
    await page.getByText("Saved views").click();
    await page.getByLabel("Name of this view").fill("busy & odd");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Kept in the address of this page").waitFor();
    const address = page.url();
    await page.context().close();
    const { page: again } = await browser.open(address.replace("view=programs&by=io&", ""));
    await drawn(again);
    await again.getByText("Saved views (1)").click();
    await again.getByRole("link", { name: "busy & odd" }).click();
    await again.getByRole("heading", { name: "Programs", exact: true }).waitFor();
    expect(again.url()).toContain("by=io");
    await again.getByRole("button", { name: "Forget busy & odd" }).click();
    expect(again.url()).not.toContain("saved=");
    await again.context().close();
  });

  test("what was not measured is said, not left empty", async () => {
    const { url } = await browser.serve(sceneDashboard({ days: 2, rows: 60 }));
    for (const name of ["drivers", "programs", "objects"] as const) {
      const { page } = await browser.open(`${url}#view=${name}`);
      await page.getByText(NOT_MEASURED[name]).waitFor();
      await page.context().close();
    }
  });

  test("a saved report holds the same views", async () => {
    const folder = await mkdtemp(join(tmpdir(), "poolscope-beside-"));
    const file = join(folder, "report.html");
    await writeFile(file, await renderReport(besideDashboard({ days: 9 }), await pageAssets(), "report"));
    const { page, complaints } = await browser.open(`${pathToFileURL(file).href}#view=programs`);
    await page.locator(".beside tbody tr").first().waitFor();
    await page.getByRole("link", { name: "Drivers" }).click();
    await page.getByText("acflt.sys was exchanged, 1.2 for 1.3").waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
    await rm(folder, { recursive: true });
  });

  for (const name of ["drivers", "programs", "objects"] as const)
    test(`${name}: nothing for axe to say, nothing wider than the screen`, async () => {
      const { url } = await browser.serve(dashboard);
      for (const colorScheme of ["light", "dark"] as const)
        for (const width of [360, 1280, 1920, 3840]) {
          const { page } = await browser.open(`${url}#view=${name}`, { viewport: { width, height: 900 }, colorScheme });
          await page.locator(".beside tbody tr").first().waitFor();
          await page.screenshot({ path: `${SHOTS}beside-${name}-${width}-${colorScheme}.png` });
          expect(await overflows(page)).toBe(false);
          if (width < 1920) {
            await page.getByText("Saved views").click();
            expect(await violations(page)).toEqual([]);
          }
          await page.context().close();
        }
    }, 120_000);
});
