// The page in a real browser, as the hands of its users expect it: zoom, history, links, keys, what is taken along, paper.

import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { formatRate } from "../../src/model/units.ts";
import { CHROMIUM, drawn, overflows, SHOTS, useBrowser } from "./browser.ts";
import { dashboardOf, sceneDashboard } from "./dashboards.ts";
import { scene } from "./two-weeks.ts";

const dashboard = sceneDashboard();
const LEAK = "tag=0x6c466341&of=nonpaged";

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

async function drag(page: Page, name: RegExp, from: number, to: number): Promise<void> {
  const chart = page.getByRole("slider", { name });
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  if (box === null) throw new Error("no chart");
  await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
}

const NONPAGED = /^Nonpaged pool over time/;

describe.skipIf(CHROMIUM === undefined)("the page under the hand", () => {
  const browser = useBrowser();

  test("a drag zooms all charts, a comparison follows, and Back undoes one step at a time", async () => {
    const { url } = await browser.serve(dashboard);
    const { page, complaints } = await browser.open(url);
    await drawn(page);
    const whole = page.getByRole("button", { name: "Whole record" });
    await drag(page, NONPAGED, 0.3, 0.6);
    await whole.waitFor();
    expect(page.url()).toMatch(/start=\d+&end=\d+/);
    const zoomed = page.url();
    await page.getByRole("button", { name: "Compare its ends" }).click();
    const heading = page.getByRole("heading", { name: "Two times compared" });
    await heading.waitFor();
    await page.waitForFunction(() => {
      const box = document.getElementById("compare")?.getBoundingClientRect();
      return box !== undefined && box.top >= 0 && box.top < innerHeight / 2;
    });
    await page.goBack();
    await heading.waitFor({ state: "detached" });
    expect(page.url()).toBe(zoomed);
    await page.goBack();
    await whole.waitFor({ state: "detached" });
    await page.goForward();
    await whole.waitFor();
    await page.getByRole("slider", { name: NONPAGED }).dblclick({ position: { x: 300, y: 60 } });
    await whole.waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("keys zoom and compare, and the cursor of one chart is that of all", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(url);
    await drawn(page);
    const chart = page.getByRole("slider", { name: NONPAGED });
    const other = page.getByRole("slider", { name: /^The largest tags of paged pool/ });
    await chart.focus();
    await page.keyboard.press("Home");
    const timeOf = async (each: typeof chart): Promise<string> =>
      ((await each.getAttribute("aria-valuetext")) ?? "").split(": ")[0] ?? "";
    expect(await timeOf(chart)).toBe("Mar 2, 07:00");
    expect(await timeOf(other)).toBe("Mar 2, 07:00");
    await page.keyboard.press("PageDown");
    await page.keyboard.press("Shift+PageDown");
    await page.keyboard.press("z");
    await page.getByRole("button", { name: "Whole record" }).waitFor();
    await page.keyboard.press("0");
    await page.getByRole("button", { name: "Whole record" }).waitFor({ state: "detached" });
    await page.keyboard.press("+");
    await page.getByRole("button", { name: "Whole record" }).waitFor();
    await page.context().close();
  });

  test("one rate for one thing: header, card and table agree, each over its time", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(url, { viewport: { width: 1920, height: 1080 } });
    await drawn(page);
    const [first] = (await dashboard.diagnosis())?.verdicts ?? [];
    if (first === undefined) throw new Error("no finding");
    const rate = formatRate(first.total.bytesPerHour.value);
    expect(await page.locator(".headline p").innerText()).toContain(`${rate} over `);
    expect(await page.getByRole("article").first().innerText()).toMatch(new RegExp(`\\${rate}\\s+over `));
    await page.getByLabel("Filter").fill("AcFl");
    const row = page.locator(".tags tbody tr").first();
    expect(await row.innerText()).toContain(formatRate(first.bytesPerHour.value));
    expect(await page.locator(".outlook").first().innerText()).toMatch(/The leaks found in it add \+/);
    await page.context().close();
  });

  test("the stack is the whole pool, and a series goes off and on", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(url);
    await drawn(page);
    const chart = page.getByRole("slider", { name: /^The largest tags of nonpaged pool/ });
    expect(await chart.getAttribute("aria-valuetext")).toContain("everything else");
    const toggle = page.getByRole("button", { name: "Show everything else" }).first();
    await toggle.click();
    expect(await toggle.getAttribute("aria-pressed")).toBe("false");
    await toggle.click();
    expect(await toggle.getAttribute("aria-pressed")).toBe("true");
    await page.context().close();
  });

  test("a finding, a table and a chart are taken along, redacted where that is asked for", async () => {
    const { url } = await browser.serve(dashboard);
    const { page, complaints } = await browser.open(url, { permissions: ["clipboard-read", "clipboard-write"] });
    await drawn(page);
    const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
    const card = page.getByRole("article").first();
    await card.getByRole("button", { name: "Copy for a ticket" }).click();
    await card.getByText("Copied.").waitFor();
    const host = (await dashboard.diagnosis())?.origin.host ?? "";
    expect(host).not.toBe("");
    expect(await clipboard()).toContain(host);
    await card.getByLabel("without names").check();
    await card.getByRole("button", { name: "Copy for a ticket" }).click();
    await card.getByText("Copied.").waitFor();
    expect(await clipboard()).toContain("HOST1");
    expect(await clipboard()).not.toContain(host);
    await page.getByRole("button", { name: "Copy table" }).click();
    await page.getByText("400 rows copied.").waitFor();
    expect(await clipboard()).toMatch(/^tag\tpool\tbytes/);
    await page.getByRole("button", { name: "Take along: Nonpaged pool" }).click();
    const panel = page.locator(".panel").filter({ has: page.getByRole("slider", { name: NONPAGED }) });
    const saved = async (name: string): Promise<Buffer> => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        panel.getByRole("button", { name, exact: true }).click(),
      ]);
      return readFile(await download.path());
    };
    expect((await saved("PNG")).subarray(1, 4).toString()).toBe("PNG");
    expect((await saved("SVG")).toString()).toMatch(/^<svg [^>]*>.*Nonpaged pool/);
    expect((await saved("CSV")).toString()).toMatch(/^time,Held/);
    expect(JSON.parse((await saved("JSON")).toString())).toMatchObject({ chart: "Nonpaged pool" });
    await panel.getByRole("button", { name: "Table", exact: true }).click();
    expect(await panel.locator("tbody tr").count()).toBe(25);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("tags are links, the title follows, and an address that is not understood is named", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(`${url}#zone=utc&view=old`);
    await drawn(page);
    await page.getByText("Part of this address is not understood and was left out: view=old.").waitFor();
    const link = page.getByRole("article").first().getByRole("link").first();
    expect(await link.getAttribute("href")).toContain(LEAK);
    const [tab] = await Promise.all([page.context().waitForEvent("page"), link.click({ modifiers: ["Control"] })]);
    await tab.getByRole("heading", { name: "Who uses this tag" }).waitFor();
    expect(await tab.title()).toMatch(/^AcFl on /);
    await page.goto(`${url}#tag=0x21212121&of=paged`);
    await page.getByText("this tag was not seen in this pool").waitFor();
    await page.context().close();
  });

  test("slash finds, the question mark shows the keys, terms explain themselves, columns go away", async () => {
    const { url } = await browser.serve(dashboard);
    const { page, complaints } = await browser.open(url);
    await drawn(page);
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("filter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keys" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Keys" }).waitFor({ state: "detached" });
    await page
      .getByRole("article")
      .first()
      .getByRole("button", { name: /% sure/ })
      .click();
    await page.getByText("is never 100 %").filter({ visible: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByText("Columns", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Blocks" }).uncheck();
    expect(page.url()).toContain("hide=blocks");
    expect(await page.locator(".tags thead").innerText()).not.toContain("Blocks");
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 240_000);

  test("one switch shows every time in UTC", async () => {
    const { url } = await browser.serve(dashboard);
    const { page } = await browser.open(url);
    await drawn(page);
    await page.getByLabel("Zone of every time on this page").selectOption("utc");
    expect(page.url()).toContain("zone=utc");
    await page.getByText("Times are in UTC.").waitFor();
    const chart = page.getByRole("slider", { name: NONPAGED });
    await chart.focus();
    await page.keyboard.press("Home");
    expect(await chart.getAttribute("aria-valuetext")).toContain("Mar 2, 06:00");
    await page.context().close();
  });

  test("nothing moves where motion is not wanted, by hand or by keys", async () => {
    const { url } = await browser.serve(dashboard);
    const moving = (page: Page): Promise<string[]> =>
      page.evaluate(() =>
        [...document.querySelectorAll("*")].flatMap((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          const isStill =
            /^0s(?:, 0s)*$/.test(transitionDuration) && animationName === "none" && scrollBehavior === "auto";
          return isStill ? [] : [element.tagName];
        }),
      );
    for (const reducedMotion of ["reduce", "no-preference"] as const) {
      const { page } = await browser.open(url, { reducedMotion });
      await drawn(page);
      if (reducedMotion === "no-preference") expect((await moving(page)).length).toBeGreaterThan(0);
      else {
        expect(await moving(page)).toEqual([]);
        await page.keyboard.press("?");
        await page.getByRole("dialog").waitFor();
        expect(await moving(page)).toEqual([]);
        await page.keyboard.press("Escape");
        // Brought into view at once: no frame in which it is still on its way.
        await page.getByRole("slider", { name: NONPAGED }).focus();
        for (const key of ["Shift+ArrowRight", "Shift+ArrowRight", "c"]) await page.keyboard.press(key);
        await page.goto(`${url}#view=tags`);
        await page.getByRole("table").first().waitFor();
        expect(await moving(page)).toEqual([]);
      }
      await page.context().close();
    }
  });

  test("a wide screen shows more, not larger", async () => {
    const { url } = await browser.serve(dashboard);
    const seen = async (width: number, height: number) => {
      const { page } = await browser.open(url, { viewport: { width, height } });
      await drawn(page);
      const measured = await page.evaluate(() => {
        const letters = (selector: string): string =>
          getComputedStyle(document.querySelector(selector) ?? document.body).fontSize;
        const chart = document.querySelector("[role=slider]")?.getBoundingClientRect();
        const card = document.querySelector("article")?.getBoundingClientRect();
        return {
          letters: [letters("body"), letters("article p"), letters("td")],
          chart: chart?.width ?? 0,
          /** Share of the width that the page and its head take. */
          used: Math.min(
            (document.querySelector("main")?.getBoundingClientRect().width ?? 0) / innerWidth,
            1 -
              (2 * (document.querySelector("header.top > *")?.getBoundingClientRect().left ?? innerWidth)) / innerWidth,
          ),
          isBeside: card !== undefined && chart !== undefined && card.right <= chart.left + 1 && card.top < innerHeight,
        };
      });
      expect(await overflows(page)).toBe(false);
      await page.screenshot({ path: `${SHOTS}wide-${width}.png` });
      await page.context().close();
      return measured;
    };
    const usual = await seen(1280, 900);
    const full = await seen(1920, 1080);
    const wide = await seen(3840, 2160);
    expect(wide.letters).toEqual(full.letters);
    expect(wide.chart).toBeGreaterThan(1.5 * full.chart);
    expect([usual.isBeside, wide.isBeside]).toEqual([false, true]);
    expect(wide.used).toBeGreaterThan(0.95);
  });

  test("a lost connection is one banner; what was shown stays, in every view", async () => {
    const live = dashboardOf(scene({ days: 2, rows: 60 }).take(40), { everyMs: 1000 });
    live.setPhase("live");
    const server = await browser.serve(live);
    const { page } = await browser.open(server.url);
    await drawn(page);
    await page.locator(".tags tbody a").first().click();
    await page.getByRole("heading", { name: "Who uses this tag" }).waitFor();
    await server.close();
    await page.getByText("The program that serves this page does not answer.").waitFor();
    await page.getByRole("heading", { name: "Who uses this tag" }).waitFor();
    await page.goBack();
    await page.locator(".tags tbody a").nth(3).click();
    await page.getByText("does not answer").first().waitFor();
    expect(await page.locator("body").innerText()).not.toContain("Failed to fetch");
    await page.context().close();
  });

  test("the first chart is on the first screen; narrow keeps verdict and owner; paper is light", async () => {
    const { url } = await browser.serve(dashboard);
    for (const [width, height] of [
      [1920, 1080],
      [3840, 2160],
    ] as const) {
      const { page } = await browser.open(url, { viewport: { width, height } });
      await drawn(page);
      await page.screenshot({ path: `${SHOTS}hands-${width}.png` });
      const top = await page.evaluate(() => document.querySelector("[data-drawn]")?.getBoundingClientRect().top ?? 1e9);
      expect(top).toBeLessThan(height * 0.9);
      await page.context().close();
    }
    const { page: narrow } = await browser.open(url, { viewport: { width: 360, height: 740 } });
    await drawn(narrow);
    expect(await narrow.locator("th.c-state, th.c-owner").filter({ visible: true }).count()).toBe(2);
    await narrow.locator(".tags").screenshot({ path: `${SHOTS}hands-narrow.png` });
    expect(await overflows(narrow)).toBe(false);
    await narrow.context().close();
    const { page } = await browser.open(url, { colorScheme: "dark" });
    await drawn(page);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const luminance = await page.evaluate(() => {
      const lightness = (text: string): number =>
        (text.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
      const { color } = getComputedStyle(document.querySelector("h1") ?? document.body);
      return [lightness(color), lightness(getComputedStyle(document.body).backgroundColor)];
    });
    expect(luminance[0]).toBeLessThan(0.3);
    expect(luminance[1]).toBe(1);
    await page.context().close();
  });
});
