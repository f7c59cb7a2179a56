// The page in a real browser: every view in both themes and at every size, keyboard, hostile names, live updates.

import { statSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { headlineOf } from "../../src/words/findings.ts";
import { CHROMIUM, drawn, overflows, SHOTS, useBrowser } from "./browser.ts";
import { dashboardOf, sceneDashboard } from "./dashboards.ts";
import { trueDiagnosis } from "./scene-diagnosis.ts";
import { DAY, HOSTILE_TAG, HOUR, scene, START } from "./two-weeks.ts";

const dashboard = sceneDashboard();
const LEAK = "tag=0x6c466341&of=nonpaged";
const RANGE = `from=${START + 7 * DAY}&to=${START + 9 * DAY}`;
const SIZES = { narrow: [360, 740], usual: [1280, 900], "4k": [3840, 2160] } as const;
const VIEWS = { overview: "", tag: LEAK, compare: RANGE } as const;
const LOOKS = [
  ["overview", "usual", "light"],
  ["overview", "usual", "dark"],
  ["overview", "narrow", "light"],
  ["overview", "4k", "dark"],
  ["tag", "usual", "light"],
  ["tag", "usual", "dark"],
  ["tag", "narrow", "dark"],
  ["tag", "4k", "light"],
  ["compare", "usual", "dark"],
  ["compare", "narrow", "light"],
] as const;

async function violations(page: Page): Promise<string[]> {
  // uPlot's canvas is drawn inside an element that carries the words; contrast of canvas text cannot be computed.
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

describe.skipIf(CHROMIUM === undefined)("the page", () => {
  const browser = useBrowser();

  test.each(LOOKS)("%s, %s, %s", async (view, size, theme) => {
    const { url } = await browser.serve(dashboard);
    const [width, height] = SIZES[size];
    const options = { viewport: { width, height }, colorScheme: theme };
    const { page, complaints } = await browser.open(`${url}#${VIEWS[view]}`, options);
    await drawn(page);
    await page.screenshot({ path: `${SHOTS}${view}-${size}-${theme}.png`, fullPage: size !== "4k" });
    expect(await overflows(page)).toBe(false);
    // The markup is the same at every size; what axe measures is not, where columns fold.
    if (size !== "4k") expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("the picture of the README", async () => {
    const plain = dashboardOf(scene(), {
      enrich: (found) => {
        const { verdicts, ...rest } = trueDiagnosis(found, 14, "Acme Storage GmbH");
        return { ...rest, verdicts: verdicts.slice(0, 2) };
      },
    });
    plain.setPhase("complete");
    const { url } = await browser.serve(plain);
    const { page } = await browser.open(url, { viewport: { width: 1600, height: 1000 } });
    await drawn(page);
    await page.screenshot({ path: `${SHOTS}readme.png` });
    expect(statSync(`${SHOTS}readme.png`).size).toBeLessThan(300_000);
    await page.context().close();
  });

  test("says which driver, how fast, until when, and what to do", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(url);
    await drawn(page);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(
      "acmeflt.sys is leaking paged and nonpaged pool",
    );
    const card = page.getByRole("article").first();
    const text = await card.innerText();
    for (const words of [
      "Leaking",
      "acmeflt.sys",
      "proven",
      "+11.0 MiB/h",
      "Mar 8, 19:50",
      "Apr 24",
      "update to 7.3",
    ]) {
      expect(text).toContain(words);
    }
    await page.context().close();
  });

  test("bytes and names that look like markup are text everywhere", async () => {
    const { url } = await browser.serve(dashboard);
    const hostile = `tag=0x${HOSTILE_TAG.toString(16)}&of=nonpaged`;
    for (const view of ["", hostile, LEAK, `q=${encodeURIComponent("<script>alert(1)</script>")}`]) {
      const { page, complaints } = await browser.open(`${url}#${view}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForTimeout(50);
      expect(await page.locator("main b b, main img, main script").count()).toBe(0);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
    const { page } = await browser.open(`${url}#${hostile}`);
    await page.getByText("<img src=x onerror=alert(1)>.sys").filter({ visible: true }).first().waitFor();
    await page.getByText("<script>alert(1)</script>, <b>bold</b> (a list)").filter({ visible: true }).first().waitFor();
    await page.context().close();
  });

  test("the table sorts, filters and opens by keyboard, and the address remembers", async () => {
    const { url } = await browser.serve(dashboard);
    const { page, complaints } = await browser.open(url);
    await drawn(page);
    const firstTag = (): Promise<string> => page.locator(".tags tbody th code").first().innerText();
    await page.locator("th").getByRole("button", { name: "Per block" }).focus();
    await page.keyboard.press("Enter");
    expect(await firstTag()).toBe("EtwB");
    expect(await page.locator('th[aria-sort="descending"]').innerText()).toContain("Per block");
    await page.keyboard.press("Enter");
    expect(await page.locator('th[aria-sort="ascending"]').innerText()).toContain("Per block");
    await page.getByLabel("Filter").fill("ntfs");
    expect(await firstTag()).toBe("Ntff");
    expect(page.url()).toContain("q=ntfs");
    expect(page.url()).toContain("sort=size");
    await page.reload();
    await drawn(page);
    expect(await firstTag()).toBe("Ntff");
    await page.getByLabel("Filter").fill("");
    const row = page.locator(".tags tbody [data-at='0']");
    await row.focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press("ArrowDown");
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset["at"])).toBe("30");
    await page.keyboard.press("End");
    await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset["at"] === "399");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Who uses this tag" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "All tags" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Who uses this tag" }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("two times are compared by dragging and by keyboard", async () => {
    const { url } = await browser.serve(dashboard);
    const { page, complaints } = await browser.open(url);
    await drawn(page);
    const chart = page.getByRole("slider", { name: /Nonpaged pool over time/ });
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (box === null) throw new Error("no chart");
    await page.getByRole("button", { name: "Drag compares" }).click();
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.45, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    await page.getByRole("heading", { name: "Two times compared" }).waitFor();
    expect(page.url()).toMatch(/from=\d+&to=\d+/);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Two times compared" }).waitFor({ state: "detached" });
    expect(page.url()).not.toContain("from=");
    await chart.focus();
    await page.keyboard.press("Home");
    const start = await chart.getAttribute("aria-valuetext");
    expect(start).toContain("Mar 2, 07:00: Held");
    await page.keyboard.press("Shift+End");
    await page.keyboard.press("c");
    await page.getByRole("heading", { name: "Two times compared" }).waitFor();
    await page.getByText(/From Mar 2, 07:00 to Mar 16, 07:00, 14 days: /).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("the theme follows the system until it is chosen", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(url, { colorScheme: "dark" });
    await drawn(page);
    const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset["theme"]);
    expect(await theme()).toBe("dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "light");
    await page.getByRole("button", { name: "Dark theme" }).click();
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
    expect(page.url()).toContain("theme=dark");
    await page.context().close();
  });

  test("a live page follows, says when the source falls silent and when the server is gone", async () => {
    let late = 0;
    const snapshots = scene({ days: 2, rows: 60 });
    const live = dashboardOf(snapshots.take(40), {
      now: () => Date.now() + late,
      everyMs: 1000,
      source: "this machine",
    });
    live.setPhase("live");
    const server = await browser.serve(live);
    const { page } = await browser.open(server.url);
    await drawn(page);
    await page.getByText("Live, every 1 s").waitFor();
    const shown = (): Promise<string> => page.getByText("Snapshots", { exact: true }).locator("..").innerText();
    expect(await shown()).toContain("40");
    // A diagnosis is renewed at most after ten times what the last one took, so snapshots keep coming as they do in life.
    for (const snapshot of scene({ days: 2, rows: 60 }).drop(40).take(100)) {
      live.push(snapshot);
      await page.waitForTimeout(200);
      if (!(await shown()).includes("40")) break;
    }
    expect(await shown()).not.toContain("40");
    late = HOUR;
    live.setTrouble("NtQuerySystemInformation: access denied");
    await page.getByText(/No snapshot since .*access denied/).waitFor();
    await page.screenshot({ path: `${SHOTS}stalled.png` });
    await server.close();
    await page.getByText("Connection lost, trying again").waitFor();
    await page.context().close();
  });

  test("news are drawn into the charts as they are: nobody's cursor or selection is lost", async () => {
    const snapshots = scene({ days: 2, rows: 60 });
    const live = dashboardOf(snapshots.take(40), { everyMs: 1000 });
    live.setPhase("live");
    const { url } = await browser.serve(live);
    const { page, complaints } = await browser.open(url);
    await drawn(page);
    const chart = page.getByRole("slider", { name: /Nonpaged pool over time/ });
    await page.evaluate(() => document.querySelectorAll("canvas").forEach((canvas) => (canvas.dataset["old"] = "yes")));
    await chart.focus();
    await page.keyboard.press("Home");
    const at = async (): Promise<string> => (await chart.getAttribute("aria-valuetext"))?.split(", If")[0] ?? "";
    const first = await at();
    const end = async (): Promise<number> => Number(await chart.getAttribute("aria-valuemax"));
    const before = await end();
    for (const snapshot of scene({ days: 2, rows: 60 }).drop(40).take(100)) {
      live.push(snapshot);
      await page.waitForTimeout(100);
      if ((await end()) > before) break;
    }
    expect(await end()).toBeGreaterThan(before);
    expect(await at()).toBe(first);
    expect(await page.locator("canvas:not([data-old])").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test.each([
    ["reading", "Reading the record", (each: ReturnType<typeof dashboardOf>) => each.setProgress(0.42)],
    ["empty", "Nothing was measured", (each: ReturnType<typeof dashboardOf>) => each.setPhase("complete")],
    ["waiting", "Waiting for the first snapshot", (each: ReturnType<typeof dashboardOf>) => each.setPhase("live")],
    [
      "failed",
      "The source could not be read",
      (each: ReturnType<typeof dashboardOf>) => each.setPhase("failed", "x.pool: <gone>"),
    ],
  ])("an honest page: %s", async (name, title, prepare) => {
    const empty = dashboardOf([]);
    prepare(empty);
    const { url } = await browser.serve(empty);
    const { page, complaints } = await browser.open(url);
    await page.getByRole("heading", { name: title }).waitFor();
    await page.screenshot({ path: `${SHOTS}${name}.png` });
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("one snapshot shows what is held and claims nothing", async () => {
    const one = dashboardOf(scene({ rows: 60 }).take(1));
    one.setPhase("complete");
    const { url } = await browser.serve(one);
    const { page, complaints } = await browser.open(url);
    await page.getByRole("heading", { name: "All tags" }).waitFor();
    const diagnosis = await one.diagnosis();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(diagnosis && headlineOf(diagnosis).title);
    expect(await page.locator("canvas").count()).toBe(0);
    await page.screenshot({ path: `${SHOTS}one-snapshot.png`, fullPage: true });
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
