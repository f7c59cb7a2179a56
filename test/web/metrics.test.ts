import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dashboardOf, sceneDashboard } from "./dashboards.ts";
import { scene } from "./two-weeks.ts";
import { METRICS, type MetricSpec } from "../../src/fleet/series/metric-table.ts";
import { Metrics } from "../../src/cli/serve-metrics.ts";

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

/** What a live machine tells beside the counters. */
const SURROUNDINGS = {
  drivers: [
    { file: "acmeflt.sys", version: "2.1.0.7", company: "Acme" },
    { file: "Ntfs.sys", version: "10.0.19041.1", company: "Microsoft Corporation" },
  ],
  objects: [
    { type: "File", objects: 300, handles: 200 },
    { type: "Rare", objects: 1, handles: 1 },
  ],
};

async function sceneMetrics(top = 4): Promise<string> {
  const dashboard = sceneDashboard({ days: 10, rows: 60, everyMs: 3_600_000 });
  const metrics = new Metrics(dashboard, { version: "1.2.3", top, isWatched: (tag) => tag === 0x20707249 });
  const { last } = dashboard;
  if (last !== undefined)
    dashboard.push({
      ...last,
      time: last.time + 60_000,
      origin: { ...last.origin, windowsBuild: 19045, architecture: "x64" },
      surroundings: SURROUNDINGS,
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

  test("a finding names the build it points to; builds that may be at fault are listed whether or not they leak", async () => {
    const text = await sceneMetrics();
    expect(text).toContain(
      'windows_pool_leak_info{tag="AcFl",type="nonpaged",driver="acmeflt.sys",version="2.1.0.7",state="leaking"} 1',
    );
    expect(text.match(/^windows_pool_driver_info.*$/gm)).toEqual([
      'windows_pool_driver_info{driver="acmeflt.sys",version="2.1.0.7"} 1',
    ]);
    expect(text).toContain(
      'windows_pool_tag_driver_info{tag="Ntff",driver="ntfs.sys",version="10.0.19041.1",tier="list"} 1',
    );
    expect(text.match(/^windows_kernel_objects.*$/gm)).toEqual(['windows_kernel_objects{object="File"} 300']);
    expect(text.endsWith("\n")).toBe(true);
  });

  test("what was not judged is not told as judged", async () => {
    const dashboard = dashboardOf(scene({ days: 1, rows: 30 }).take(1));
    dashboard.setPhase("complete");
    const text = await new Metrics(dashboard, { version: "1", top: 3, isWatched: () => false }).render();
    expect(text).not.toMatch(/^poolscope_judged_timestamp_seconds /m);
    expect(text).toMatch(/^poolscope_snapshot_timestamp_seconds /m);
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

test("docs/metrics.md lists exactly the names that OTLP has for some of them", () => {
  const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const rows = page
    .split("\n")
    .filter((line) => line.startsWith("| `system."))
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));
  expect(rows.map(([, name, of, unit, kind]) => [name, of, unit, kind])).toEqual(
    specs.flatMap(({ name, otel }) => (otel === undefined ? [] : [[otel.name, name, otel.unit, `${otel.sum} sum`]])),
  );
});
