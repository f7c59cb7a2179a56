import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dashboardOf, sceneDashboard } from "./dashboards.ts";
import { scene } from "./two-weeks.ts";
import { METRICS, type MetricSpec } from "../../src/web/server/metric-table.ts";
import { Metrics } from "../../src/web/server/metrics.ts";

const specs: readonly MetricSpec[] = Object.values(METRICS);

function hasPromtool(): boolean {
  try {
    execFileSync("promtool", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("no promtool found (`apt-get install prometheus`): its check of /metrics is skipped");
    return false;
  }
}

async function sceneMetrics(top = 4): Promise<string> {
  const metrics = new Metrics(sceneDashboard({ days: 10, rows: 60, everyMs: 3_600_000 }), {
    version: "1.2.3",
    top,
    isWatched: (tag) => tag === 0x20707249,
  });
  metrics.setReadDuration(0.002);
  return metrics.render();
}

describe("/metrics", () => {
  test.skipIf(!hasPromtool())("promtool has nothing to say against it", async () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: await sceneMetrics() });
    expect(`${stdout.toString()}${stderr.toString()}`).toBe("");
    expect(status).toBe(0);
  });

  test("shows every metric of the table when there is something to show", async () => {
    const text = await sceneMetrics();
    for (const { name } of specs) expect(text).toMatch(new RegExp(`^${name}(?:\\{| )`, "m"));
  });

  test("tags keep their spaces, their bytes are escaped, drivers are no labels of counters", async () => {
    const text = await sceneMetrics(60);
    expect(text).toContain('windows_pool_tag_bytes{tag="Irp ",type="nonpaged"}');
    expect(text).toContain('{tag="<b>\\"",type="nonpaged"}');
    expect(text).toContain('windows_pool_tag_owner_info{tag="Ntff",component="ntfs.sys"} 1');
    expect(text).not.toMatch(/_total\{[^}]*(?:component|driver|process)=/);
  });

  test("is bounded: the top of four rankings, the watched and the leaking", async () => {
    const lines = (await sceneMetrics(2)).split("\n").filter((line) => line.startsWith("windows_pool_tag_bytes{"));
    expect(lines.length).toBeLessThanOrEqual(2 * 4 + 1 + 2);
    expect(lines.some((line) => line.includes("Irp "))).toBe(true);
    expect(lines.some((line) => line.includes("Proc"))).toBe(true);
  });

  test("asked twice it tells the same, asked of nothing it tells nothing of tags", async () => {
    const dashboard = dashboardOf(scene({ days: 1, rows: 30 }).take(5));
    dashboard.setPhase("complete");
    const metrics = new Metrics(dashboard, { version: "1", top: 3, isWatched: () => false });
    expect(await metrics.render()).toBe(await metrics.render());
    const nothing = await new Metrics(dashboardOf([]), { version: "1", top: 3, isWatched: () => false }).render();
    expect(nothing).toContain("poolscope_source_up 1");
    expect(nothing).not.toMatch(/^windows_pool_tag_bytes\{/m);
    expect(nothing).not.toMatch(/^poolscope_snapshot_timestamp_seconds /m);
  });
});

test("docs/metrics.md lists exactly these metrics, with their labels", () => {
  const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const rows = page
    .split("\n")
    .filter((line) => /^\| `(?:windows|poolscope)_/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  expect(rows.map(([, name, type, labels, help]) => ({ name, type, labels, help }))).toEqual(
    specs.map(({ name, type, labels, help }) => ({
      name: `\`${name}\``,
      type,
      labels: labels.map((label) => `\`${label}\``).join(", "),
      help,
    })),
  );
});
