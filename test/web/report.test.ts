// The saved report: opens from disk with nothing but itself, keeps its size, prints, and hides nothing in markup.

import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pageAssets } from "../../src/web/server/assets.ts";
import type { ReportData } from "../../src/web/contract.ts";
import { renderReport, REPORT_BYTES } from "../../src/web/server/report.ts";
import { CHROMIUM, drawn, SHOTS, useBrowser } from "./browser.ts";
import { dashboardOf, sceneDashboard } from "./dashboards.ts";
import { DAY, scene, START } from "./two-weeks.ts";

let html = "";
let file = "";
beforeAll(async () => {
  html = await renderReport(sceneDashboard(), await pageAssets(), "SRV </title><script>alert(1)</script>");
  file = join(tmpdir(), `poolscope-report-test-${process.pid}.html`);
  writeFileSync(file, html);
});

afterAll(() => rmSync(file, { force: true }));

function dataOf(report: string): ReportData {
  const packed = /id="data">([^<]*)</.exec(report)?.[1] ?? "";
  return JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as ReportData;
}

describe("the file", () => {
  test("allows itself nothing from elsewhere and no code but its own", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    expect(policy).toMatch(/default-src &#39;none&#39;; script-src &#39;sha256-/);
    expect(policy).not.toContain("unsafe");
    expect(html).not.toMatch(/<(?:script|link|img)[^>]*(?:src|href)="(?!data:)/);
  });

  test("holds no markup that came from the data", () => {
    expect(html).not.toContain("<script>alert");
    expect(html.match(/<script/g)?.length).toBe(2 + (html.match(/"<script|'<script|`<script/g)?.length ?? 0));
  });

  test("tells verdicts and advice to readers without scripts", () => {
    const plain = /<div id="app">([\s\S]*?)<\/div>/.exec(html)?.[1] ?? "";
    expect(plain).toContain("acmeflt.sys is leaking paged and nonpaged pool");
    expect(plain).toContain("update to 7.3 or later");
    expect(plain).toContain("&lt;b&gt;&quot;");
  });

  test("ten times as many tags still mail", async () => {
    const many = sceneDashboard({ rows: 4000, days: 2, everyMs: 600_000, changing: 1 });
    const report = await renderReport(many, await pageAssets(), "many");
    expect(Buffer.byteLength(report)).toBeLessThan(REPORT_BYTES);
    const { coarse, table } = dataOf(report);
    expect(coarse.bytes.length).toBe(table.tag.length);
    expect(coarse.times.length).toBeGreaterThan(20);
  });
});

describe.skipIf(CHROMIUM === undefined)("in a browser, from disk", () => {
  const browser = useBrowser();
  const open = async (fragment = ""): ReturnType<typeof browser.open> =>
    browser.open(`${pathToFileURL(file).href}${fragment}`);

  test("opens without one complaint, says that it is saved, and shows every view", async () => {
    const { page, complaints } = await open();
    await drawn(page);
    await page.getByText("Saved report").waitFor();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(
      "acmeflt.sys is leaking paged and nonpaged pool",
    );
    const found = await new AxeBuilder({ page }).analyze();
    expect(found.violations.map(({ id }) => id)).toEqual([]);
    await page.getByRole("link", { name: "Open AcFl" }).click();
    await page.getByRole("heading", { name: "Who uses this tag" }).waitFor();
    await page.getByText("+0x12a40").waitFor();
    await page.goBack();
    await page.getByLabel("Filter").fill("xx");
    await page.getByText("No tag matches this filter.").waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("a tag that is only kept coarsely opens too, and two times compare", async () => {
    const { page, complaints } = await open(`#from=${START}&to=${START + 14 * DAY}`);
    await drawn(page);
    await page.getByText(/From Mar 2, 07:00 to Mar 16, 07:00/).waitFor();
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.locator(".tags tbody th a").last().click();
    await page.getByRole("heading", { name: "Bytes per block" }).waitFor();
    await drawn(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("prints on white paper with the first rows of the table, whatever the theme", async () => {
    const { page, complaints } = await open("#theme=dark");
    await drawn(page);
    const pdf = await page.pdf({ format: "A4", printBackground: true, path: `${SHOTS}report.pdf` });
    expect(pdf.subarray(0, 4).toString()).toBe("%PDF");
    // What printing sees, held still to look at.
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMedia({ media: "print" });
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "light");
    expect(await page.locator(".tags tbody tr").count()).toBe(60);
    await page.getByText("The first 60 rows; the page on screen has all.").waitFor();
    expect(await page.getByLabel("Filter").isVisible()).toBe(false);
    await page.screenshot({ path: `${SHOTS}print.png`, fullPage: true });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("one snapshot makes a report as well", async () => {
    const one = dashboardOf(scene({ rows: 30 }).take(1));
    one.setPhase("complete");
    writeFileSync(file, await renderReport(one, await pageAssets(), "one"));
    const { page, complaints } = await open();
    await page.getByText("One snapshot shows what is held, not what grows").waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
