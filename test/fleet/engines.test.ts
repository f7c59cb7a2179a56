// The whole way on real engines: series by remote write, the comparison by `fleet --url`, every query of the dashboards and rules.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { query } from "../../src/fleet/engine.ts";
import { ask } from "../../src/fleet/http.ts";
import type { Sample } from "../../src/fleet/series/machine-metrics.ts";
import { METRICS, type MetricId } from "../../src/fleet/series/metric-table.ts";
import { Backlog } from "../../src/fleet/ways/backlog.ts";
import { encodeRemoteWrite, REMOTE_WRITE, REMOTE_WRITE_HEADERS } from "../../src/fleet/ways/remote-write.ts";
import { Sender } from "../../src/fleet/ways/sender.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINES, firingAlerts, hasEngine, ruleGroups, startEngine, until, type Engine } from "./engines.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin/poolscope.mjs");
const monitoring = join(root, "monitoring");

function fleet(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, "fleet", ...args], { env: { ...process.env, COLUMNS: "200" } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** A label value that tries to break out of everything. */
const HOSTILE = 'a"b\\c\nd{}';

/** What one machine of the made fleet sends: every metric of the table once. */
function machine(version: string, leaks: boolean, judged: boolean): Sample[] {
  const now = Date.now() / 1000;
  const acme = { driver: "acme.sys", version };
  const tag = { tag: "Acm ", type: "nonpaged" };
  const values: Partial<Record<MetricId, [Record<string, string>, number]>> = {
    snapshotTime: [{}, now],
    ...(judged && { judgedTime: [{}, now] }),
    ...(leaks && {
      leakInfo: [{ ...tag, ...acme, state: "leaking" }, 1],
      leakRate: [tag, 2 ** 20],
      leakExhaustion: [tag, 7200],
      leakSince: [tag, Math.floor(now) - 86_400],
    }),
    driverInfo: [acme, 1],
    tagDriverInfo: [{ tag: "Acm ", ...acme, tier: "list" }, 1],
    tagBytes: [tag, 5e6],
    tagBlocks: [tag, 100],
    tagAllocs: [tag, 1000],
    tagFrees: [tag, 900],
    ownerInfo: [{ tag: "Acm ", component: HOSTILE }, 1],
    hostInfo: [{ build: "19045", ubr: "4651", edition: "Professional", architecture: "x64" }, 1],
    objectCount: [{ object: "File" }, 40],
    objectHandles: [{ object: "File" }, 30],
    poolBytes: [{ type: "nonpaged" }, 5e8],
    limitBytes: [{ type: "nonpaged" }, 5e9],
    sourceUp: [{}, 1],
    bootTime: [{}, now - 86_400],
    notJudged: [{}, 3],
  };
  return (Object.entries(values) as [MetricId, [Record<string, string>, number]][]).map(([id, [labels, value]]) => ({
    id,
    labels,
    value,
  }));
}

const none = { headers: {} };

async function send(engine: Engine, instance: string, samples: readonly Sample[], time = Date.now()): Promise<number> {
  const body = encodeRemoteWrite(samples, time, { job: "poolscope", instance });
  const answer = await ask(
    new URL(engine.write, engine.url),
    { method: "POST", headers: REMOTE_WRITE_HEADERS, body },
    none,
  );
  return answer.status;
}

/** All queries of the dashboards, with the variables that Grafana fills in. */
function dashboardQueries(): string[] {
  return readdirSync(join(monitoring, "dashboards"))
    .flatMap((file) => {
      const board = JSON.parse(readFileSync(join(monitoring, "dashboards", file), "utf8")) as {
        panels: { targets: { expr: string }[] }[];
      };
      return board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    })
    .map((expr) => expr.replaceAll("$job", ".*").replaceAll("$instance", "h0").replaceAll("$tag", "Acm "));
}

/** The `expr` of each rule: in one line, or the indented block behind `expr: |`. */
function ruleExpressions(): string[] {
  return ["poolscope-rules.yaml", "poolscope-alerts.yaml"].flatMap((file) => {
    const text = readFileSync(join(monitoring, file), "utf8");
    const found = [...text.matchAll(/^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/gm)].map(
      ([, block, line]) => block ?? line ?? "",
    );
    expect(found.length).toBe([...text.matchAll(/^ {6}- (?:alert|record):/gm)].length);
    return found;
  });
}

for (const name of ENGINES)
  describe.skipIf(!hasEngine(name))(name, () => {
    let engine: Engine;
    const folder = mkdtempSync(join(tmpdir(), "poolscope-engine-"));
    beforeAll(async () => {
      engine = await startEngine(name, folder, { everySeconds: 1 });
      for (let i = 0; i < 40; i++)
        expect(await send(engine, `h${i}`, machine(i < 10 ? "2" : "1", i < 7, i < 38))).toBe(204);
      // VictoriaMetrics shows what it took after a second.
      for (let i = 0; i < 50; i++) {
        if (
          (await query({ url: new URL(engine.url), ...none }, "count(poolscope_snapshot_timestamp_seconds)"))[0]
            ?.value === 40
        )
          break;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    });
    afterAll(async () => {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test("fleet builds names exactly the build that leaks", async () => {
      const { status, stdout } = await fleet("builds", "--url", engine.url, "--json", "--fail-on", "build");
      expect(JSON.parse(stdout)).toMatchObject({
        counts: { hosts: 40, judged: 38, notJudged: 2, leaking: 7, silent: 0 },
        builds: [
          {
            tag: "Acm ",
            driver: "acme.sys",
            version: "2",
            leaking: 7,
            having: 10,
            others: { leaking: 0, having: 28, builds: 1 },
            judgement: "worse",
            firstSeen: expect.stringMatching(/^20\d\d-.*Z$/),
          },
        ],
      });
      expect(status).toBe(1);
    });

    test("fleet says what runs out next; one machine; one tag", async () => {
      expect((await fleet("--url", engine.url)).stdout).toMatch(/h0 +Acm {3}nonpaged {2}leaking .*2 h/);
      expect((await fleet("host", "h3", "--url", engine.url)).stdout).toMatch(/^h3: last seen .*judged at/);
      expect((await fleet("tag", "Acm", "--url", engine.url, "--match", 'job="poolscope"')).stdout).toContain("worse");
      expect(await fleet("--url", engine.url, "--match", 'job="')).toMatchObject({ status: 2, stdout: "" });
      expect((await fleet("--url", engine.url, "--match", 'job="none"')).stderr).toContain(
        "no machine has sent series",
      );
    });

    test("labels with quotes, backslashes and line ends arrive as they were sent", async () => {
      const rows = await query({ url: new URL(engine.url), ...none }, 'windows_pool_tag_owner_info{instance="h0"}');
      expect(rows.map(({ labels }) => labels["component"])).toEqual([HOSTILE]);
    });

    test("the rules are evaluated without an error, and their alert names exactly the build that leaks", async () => {
      const ruler = engine.ruler ?? "";
      // vmalert writes what a rule gives beside the engine: each step of the comparison is seen by the next one a round later.
      const found = await until(
        () => firingAlerts(ruler, "WindowsPoolLeakDriverBuild"),
        (alerts) => alerts.length > 0,
        240,
      );
      expect(found).toMatchObject([{ tag: "Acm ", driver: "acme.sys", version: "2", severity: "warning" }]);
      const rules = (await ruleGroups(ruler)).flatMap((group) => group.rules);
      expect(rules.map(({ lastError = "" }) => lastError).filter((error) => error !== "")).toEqual([]);
      const firing = new Map<string, number>();
      for (const alert of new Set(rules.filter(({ type }) => type === "alerting").map((rule) => rule.name)))
        firing.set(alert, (await firingAlerts(ruler, alert)).length);
      expect(Object.fromEntries(firing)).toEqual({
        WindowsPoolLeakOpen: 7,
        WindowsPoolExhaustionSoon: 7,
        WindowsPoolLeakDriverBuild: 1,
        WindowsPoolLeakNoOtherBuild: 0,
        WindowsPoolHostSilent: 0,
        WindowsPoolRecorderLate: 0,
      });
    }, 300_000);

    test("every query of the dashboards and rules is one that it understands", async () => {
      const expressions = [...dashboardQueries(), ...ruleExpressions()];
      expect(expressions.length).toBeGreaterThan(45);
      const empty: string[] = [];
      for (const expr of expressions)
        if ((await query({ url: new URL(engine.url), ...none }, expr)).length === 0) empty.push(expr);
      // rate needs a second sample; nobody is silent or late, and the driver has another build.
      expect(empty.filter((expr) => !/rate\(|> 900|2d\]|other_hosts:count == 0/.test(expr))).toEqual([]);
    });

    test("what was kept while the engine was down arrives whole, many requests as one", async () => {
      const lines: string[] = [];
      const backlog = new Backlog(join(folder, "unsent"));
      const sender = new Sender({
        url: new URL(engine.write, engine.url),
        headers: {},
        protocol: REMOTE_WRITE,
        backlog,
        now: () => Date.now(),
        report: (line) => lines.push(line),
      });
      for (let back = 45; back > 0; back--) {
        const time = Date.now() - back * 60_000;
        const labels = { job: "poolscope", instance: "kept" };
        backlog.add(time, encodeRemoteWrite([{ id: "snapshots", labels: {}, value: 46 - back }], time, labels));
      }
      await sender.flush();
      expect({ sent: sender.sent, lines }).toEqual({ sent: 45, lines: [] });
      const counted = await until(
        () =>
          query(
            { url: new URL(engine.url), ...none },
            'count_over_time(poolscope_snapshots_total{instance="kept"}[2h])',
          ),
        ([row]) => row?.value === 45,
        30,
      );
      expect(counted.map(({ value }) => value)).toEqual([45]);
    });

    test("two machines of one name are told, by their boot times", async () => {
      for (let back = 10; back > 0; back--) {
        const time = Date.now() - back * 60_000;
        const bootTime = { id: "bootTime" as const, labels: {}, value: 1e9 + (back % 2) * 1e6 };
        const samples: Sample[] = [bootTime, { id: "snapshotTime", labels: {}, value: time / 1000 }];
        expect(await send(engine, "twin", samples, time)).toBe(204);
        // Three restarts in half an hour are a machine in trouble, not two machines.
        const restarts = { ...bootTime, value: 1e9 + Math.min(4, back) };
        expect(await send(engine, "restarted", [restarts, ...samples.slice(1)], time)).toBe(204);
      }
      const told = await until(
        async () => (await fleet("--url", engine.url)).stderr,
        (text) => text !== "",
        30,
      );
      expect(told).toMatch(/^twin: two machines send under this name .*give one of them --instance\n$/);
    });

    test("samples of yesterday: a final refusal that is explained, or taken", async () => {
      const status = await send(engine, "late", machine("1", false, true), Date.now() - 86_400_000);
      expect(status).toBe(name === "prometheus" ? 400 : 204);
    });
  });

test("dashboards have what Grafana 9 and later import", () => {
  const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));
  const uids = new Set<string>();
  for (const file of readdirSync(join(monitoring, "dashboards"))) {
    const board = JSON.parse(readFileSync(join(monitoring, "dashboards", file), "utf8")) as {
      uid: string;
      id: unknown;
      schemaVersion: number;
      __inputs: { name: string; type: string; pluginId: string }[];
      templating: { list: { name: string }[] };
      panels: {
        id: number;
        type: string;
        title: string;
        datasource: { uid: string };
        gridPos: { x: number; y: number; w: number; h: number };
        targets: { expr: string; refId: string; datasource: { uid: string } }[];
      }[];
    };
    expect(uids.size).toBeLessThan(uids.add(board.uid).size);
    expect({ id: board.id, schema: board.schemaVersion, inputs: board.__inputs }).toMatchObject({
      id: null,
      schema: 36,
      inputs: [{ name: "DS_PROMETHEUS", type: "datasource", pluginId: "prometheus" }],
    });
    const variables = board.templating.list.map((variable) => variable.name);
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    for (const panel of board.panels) {
      expect(["stat", "table", "timeseries"]).toContain(panel.type);
      expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
      expect(new Set(panel.targets.map(({ refId }) => refId)).size).toBe(panel.targets.length);
      for (const { expr, datasource } of panel.targets) {
        expect(datasource.uid).toBe("${DS_PROMETHEUS}");
        for (const [, variable = ""] of expr.matchAll(/\$(\w+)/g)) expect(variables, expr).toContain(variable);
        for (const [metric] of expr.matchAll(/(?<![:\w])(?:windows_(?:pool|kernel)|poolscope)_\w+(?![\w:])/g))
          expect(known, expr).toContain(metric);
      }
    }
  }
});
