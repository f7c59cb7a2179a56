// The rules and alerts of monitoring/ under `promtool test rules`: each case is a small fleet and the alerts that must fire.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { METRICS } from "../../src/fleet/series/metric-table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const RULES = ["poolscope-rules.yaml", "poolscope-alerts.yaml"].map((name) => join(root, "monitoring", name));

function hasPromtool(): boolean {
  try {
    execFileSync("promtool", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("no promtool found (`apt-get install prometheus`): the rules of monitoring/ are not tested");
    return false;
  }
}

interface Series {
  readonly series: string;
  readonly values: string;
}

interface Machine {
  readonly builds: Readonly<Record<string, string>>;
  /** Tags that leak, with the drivers they point to. */
  readonly leaks?: Readonly<Record<string, readonly string[]>>;
  readonly state?: string;
  readonly types?: readonly string[];
  readonly silent?: boolean;
  readonly judged?: boolean;
}

const STEPS = 60;

/** promtool's clock starts at 0: a snapshot a step is `0+300x60`. */
function seriesOf(
  { builds, leaks = {}, state = "leaking", types = ["nonpaged"], silent = false, judged = true }: Machine,
  name: string,
): Series[] {
  const at = `job="w",instance="${name}"`;
  const steady = `1x${STEPS}`;
  // A silent machine's series stand still for a day before the time that is looked at.
  const clock = silent ? `-100000x${STEPS}` : `0+300x${STEPS}`;
  return [
    { series: `poolscope_snapshot_timestamp_seconds{${at}}`, values: clock },
    ...(judged ? [{ series: `poolscope_judged_timestamp_seconds{${at}}`, values: clock }] : []),
    ...Object.entries(builds).map(([driver, version]) => ({
      series: `windows_pool_driver_info{${at},driver="${driver}",version="${version}"}`,
      values: steady,
    })),
    ...Object.entries(leaks).flatMap(([tag, drivers]) =>
      drivers.flatMap((driver) =>
        types.map((type) => ({
          series: `windows_pool_leak_info{${at},tag="${tag}",type="${type}",driver="${driver}",version="${builds[driver] ?? ""}",state="${state}"}`,
          values: steady,
        })),
      ),
    ),
  ];
}

const many = (count: number, make: (i: number) => Machine): Machine[] =>
  Array.from({ length: count }, (_, i) => make(i));
const acme = (version: string, leaks: boolean): Machine => ({
  builds: { "acme.sys": version },
  ...(leaks && { leaks: { "Acm ": ["acme.sys"] } }),
});

interface Expected {
  readonly alert: string;
  readonly labels: readonly Readonly<Record<string, string>>[];
}

/** What promtool says; empty where all expectations hold. Annotations are left to it: they are in the rule, not in the case. */
function promtool(
  series: readonly Series[],
  expressions: readonly { expr: string; samples: Readonly<Record<string, number>> }[],
): string {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-rules-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "case.yaml");
  const content = {
    rule_files: RULES,
    evaluation_interval: "5m",
    tests: [
      {
        interval: "5m",
        input_series: series,
        promql_expr_test: expressions.map(({ expr, samples }) => ({
          expr,
          eval_time: "3h",
          exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
        })),
      },
    ],
  };
  writeFileSync(file, JSON.stringify(content));
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

/** The alerts that fire after three hours, as promtool's own series ALERTS has them. */
function expectFiring(machines: readonly Machine[], { alert, labels }: Expected, more: readonly Series[] = []): void {
  const series = [...machines.flatMap((machine, i) => seriesOf(machine, `h${i}`)), ...more];
  const samples = Object.fromEntries(
    labels.map((each) => [
      `{${Object.entries(each)
        .map(([key, value]) => `${key}="${value}"`)
        .join(",")}}`,
      1,
    ]),
  );
  const by =
    alert.startsWith("WindowsPoolLeakDriver") || alert === "WindowsPoolLeakNoOtherBuild"
      ? "tag, driver, version"
      : "instance";
  const expr = `max by (${by}) (ALERTS{alertname="${alert}",alertstate="firing"})`;
  expect(promtool(series, [{ expr, samples }])).toBe("");
}

const BAD = [{ tag: "Acm ", driver: "acme.sys", version: "2" }];

describe.skipIf(!hasPromtool())("which build leaks more than its others", () => {
  const alert = "WindowsPoolLeakDriverBuild";

  test("the planted build fires, in both pools counted once", () => {
    const fleet = [
      ...many(10, (i) => ({ ...acme("2", i < 7), types: ["nonpaged", "paged"] })),
      ...many(40, () => acme("1", false)),
    ];
    expectFiring(fleet, { alert, labels: BAD });
    const series = fleet.flatMap((machine, i) => seriesOf(machine, `h${i}`));
    const labels = '{tag="Acm ",driver="acme.sys",version="2"}';
    const of = (expr: string, value: number): { expr: string; samples: Record<string, number> } => ({
      expr,
      samples: { [`${expr}${labels}`]: value },
    });
    expect(
      promtool(series, [
        of("tag_driver_version:windows_pool_leaking_hosts:count", 7),
        of("tag_driver_version:windows_pool_hosts:count", 10),
        of("tag_driver_version:windows_pool_other_hosts:count", 40),
        of("tag_driver_version:windows_pool_leaking_other_hosts:count", 0),
        of("tag_driver_version:windows_pool_leaking_hosts:ratio", 0.7),
      ]),
    ).toBe("");
  });

  test("two machines accuse nobody", () => {
    expectFiring([...many(2, () => acme("2", true)), ...many(40, () => acme("1", false))], { alert, labels: [] });
    expectFiring([...many(3, () => acme("2", true)), ...many(40, () => acme("1", false))], { alert, labels: BAD });
  });

  test("3 of 200 against one clean machine does not fire, nor against ten", () => {
    for (const others of [1, 10])
      expectFiring([...many(200, (i) => acme("2", i < 3)), ...many(others, () => acme("1", false))], {
        alert,
        labels: [],
      });
  });

  test("nine others are no control, ten are", () => {
    const fleet = (others: number): Machine[] => [
      ...many(20, () => acme("2", true)),
      ...many(others, () => acme("1", false)),
    ];
    expectFiring(fleet(9), { alert, labels: [] });
    expectFiring(fleet(10), { alert, labels: BAD });
  });

  test("a driver that leaks on all its builds alike is not a build that leaks", () => {
    expectFiring([...many(20, (i) => acme("2", i < 10)), ...many(20, (i) => acme("1", i < 10))], { alert, labels: [] });
  });

  test("an innocent driver that shares the tag does not fire", () => {
    const fleet = many(100, (i): Machine => ({
      builds: { "acme.sys": i < 25 ? "2" : "1", "other.sys": i % 2 === 0 ? "9" : "8" },
      ...(i < 20 && { leaks: { "Acm ": ["acme.sys", "other.sys"] } }),
    }));
    expectFiring(fleet, { alert, labels: BAD });
  });

  test("false verdicts on one machine in twenty do not fire", () => {
    const fleet = many(200, (i): Machine => acme(i < 40 ? "2" : "1", i % 20 === 0));
    expectFiring(fleet, { alert, labels: [] });
  });

  test("what is undecided is no leak; silent machines and those not judged are no control", () => {
    const good = many(40, () => acme("1", false));
    expectFiring([...many(10, () => ({ ...acme("2", true), state: "undecided" })), ...good], { alert, labels: [] });
    const bad = many(10, () => acme("2", true));
    expectFiring([...bad, ...good.map((machine) => ({ ...machine, silent: true }))], { alert, labels: [] });
    expectFiring([...bad, ...good.map((machine) => ({ ...machine, judged: false }))], { alert, labels: [] });
  });
});

describe.skipIf(!hasPromtool())("the other alerts", () => {
  test("a driver with one build only is told as such, and not accused", () => {
    const fleet = many(20, () => acme("2", true));
    expectFiring(fleet, { alert: "WindowsPoolLeakNoOtherBuild", labels: BAD });
    expectFiring(fleet, { alert: "WindowsPoolLeakDriverBuild", labels: [] });
    const two = [...fleet, ...many(1, () => acme("1", false))];
    expectFiring(two, { alert: "WindowsPoolLeakNoOtherBuild", labels: [] });
  });

  test("an open leak; an undecided finding is none", () => {
    expectFiring([acme("2", true), acme("2", false)], { alert: "WindowsPoolLeakOpen", labels: [{ instance: "h0" }] });
    expectFiring([{ ...acme("2", true), state: "too-early" }], { alert: "WindowsPoolLeakOpen", labels: [] });
  });

  test("exhaustion within a day", () => {
    const of = (instance: string, seconds: number): Series => ({
      series: `windows_pool_leak_exhaustion_seconds{job="w",instance="${instance}",tag="Acm ",type="nonpaged"}`,
      values: `${seconds}x${STEPS}`,
    });
    const labels = [{ instance: "h0" }];
    expectFiring([], { alert: "WindowsPoolExhaustionSoon", labels }, [of("h0", 86_399), of("h1", 86_400)]);
  });

  test("a machine that sends no more, and one whose snapshots are old", () => {
    const gone: Series = {
      series: 'poolscope_snapshot_timestamp_seconds{job="w",instance="gone"}',
      values: "0+300x10",
    };
    expectFiring([acme("1", false)], { alert: "WindowsPoolHostSilent", labels: [{ instance: "gone" }] }, [gone]);
    const late: Series = { series: 'poolscope_snapshot_timestamp_seconds{job="w",instance="late"}', values: "0x60" };
    const failed: Series = { series: 'poolscope_source_up{job="w",instance="failed"}', values: "0x60" };
    const labels = [{ instance: "failed" }, { instance: "late" }];
    expectFiring([acme("1", false)], { alert: "WindowsPoolRecorderLate", labels }, [late, failed]);
  });
});

test("rules name only metrics of the table, and every alert has its page", () => {
  const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));
  for (const file of RULES) {
    const text = readFileSync(file, "utf8").replace(/^\s*#.*$/gm, "");
    // Names of recording rules have colons before and behind.
    for (const [name] of text.matchAll(/(?<![:\w])(?:windows_(?:pool|kernel)|poolscope)_\w+(?![\w:.])/g))
      expect(known, name).toContain(name);
    const pages = [...text.matchAll(/runbook_url: (\S+)/g)].map(([, page]) => page ?? "");
    expect(pages.length).toBe([...text.matchAll(/- alert:/g)].length);
    for (const page of pages) expect(existsSync(join(root, page)), page).toBe(true);
  }
});
