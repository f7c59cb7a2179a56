// Real engines on loopback for tests: Prometheus, VictoriaMetrics with vmalert, and Alertmanager as Debian packs them, each
// with a folder of its own.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface Started {
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export interface Engine extends Started {
  /** Path of the remote-write receiver. */
  readonly write: string;
  /** Who evaluates the rules: the engine itself, or the vmalert beside it; undefined where nobody does. */
  readonly ruler: string | undefined;
}

export interface RulerOptions {
  /** From one evaluation to the next, instead of the five minutes of the rules. */
  readonly everySeconds: number;
  /** Address of an Alertmanager. */
  readonly alertmanager?: string;
}

export const ENGINES = ["prometheus", "victoria-metrics"] as const;
export type EngineName = (typeof ENGINES)[number];

const monitoring = fileURLToPath(new URL("../../monitoring", import.meta.url));

/** Whether a program can be run; tells on stderr what is not tested without it. */
export function hasProgram(name: string, debianPackage = name): boolean {
  try {
    execFileSync("which", [name], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write(`no ${name} found (\`apt-get install ${debianPackage}\`): the fleet is not tested with it\n`);
    return false;
  }
}

export function hasEngine(name: EngineName): boolean {
  return hasProgram(name) && (name === "prometheus" || hasProgram("vmalert", "victoria-metrics"));
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Starts a program and waits until it answers under `health`. */
async function start(program: string, args: readonly string[], url: string, health: string): Promise<Started> {
  const child = spawn(program, args, { stdio: "ignore" });
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => child.once("close", resolve));
    if (child.exitCode === null) child.kill("SIGTERM");
    await Promise.race([closed, sleep(10_000)]);
    if (child.exitCode === null) child.kill("SIGKILL");
  };
  for (let i = 0; i < 300 && child.exitCode === null; i++) {
    const ready = await fetch(`${url}${health}`).catch(() => undefined);
    if (ready?.ok === true) return { url, pid: child.pid, stop };
    await sleep(200);
  }
  await stop();
  throw new Error(`${program} did not start: ${program} ${args.join(" ")}`);
}

/** The rules of monitoring/ that fire at once and are evaluated every few seconds: copies in the folder, by their paths. */
function hurriedRules(folder: string, everySeconds: number): string[] {
  return ["poolscope-rules.yaml", "poolscope-alerts.yaml"].map((name) => {
    const file = join(folder, name);
    const text = readFileSync(join(monitoring, name), "utf8")
      .replaceAll(/^( +)interval: .*$/gm, `$1interval: ${everySeconds}s`)
      .replaceAll(/^( +)for: .*$/gm, "$1for: 0s");
    writeFileSync(file, text);
    return file;
  });
}

/** Starts an engine and waits until it answers; with `ruler` the rules of monitoring/ are evaluated. */
export async function startEngine(name: EngineName, folder: string, ruler?: RulerOptions): Promise<Engine> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const rules = ruler === undefined ? [] : hurriedRules(folder, ruler.everySeconds);
  const write = "/api/v1/write";
  if (name === "prometheus") {
    const config = join(folder, "prometheus.yml");
    const targets = ruler?.alertmanager === undefined ? [] : [new URL(ruler.alertmanager).host];
    const content = {
      global: { scrape_interval: "1h", evaluation_interval: `${ruler?.everySeconds ?? 3600}s` },
      rule_files: rules,
      alerting: { alertmanagers: [{ static_configs: [{ targets }] }] },
    };
    writeFileSync(config, JSON.stringify(content));
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-remote-write-receiver",
      "--web.enable-admin-api",
      "--log.level=error",
    ];
    const engine = await start(name, args, url, "/-/ready");
    return { ...engine, write, ruler: ruler === undefined ? undefined : url };
  }
  const args = [
    `-storageDataPath=${join(folder, "data")}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-loggerLevel=ERROR",
    "-search.latencyOffset=0s",
  ];
  const engine = await start(name, args, url, "/health");
  if (ruler === undefined) return { ...engine, write, ruler: undefined };
  const rulerUrl = `http://127.0.0.1:${await freePort()}`;
  const alert = await start(
    "vmalert",
    [
      ...rules.map((file) => `-rule=${file}`),
      `-datasource.url=${url}`,
      `-remoteWrite.url=${url}`,
      // Without an Alertmanager nobody is told; the state of the alerts is asked of vmalert.
      `-notifier.url=${ruler.alertmanager ?? "http://127.0.0.1:9"}`,
      `-evaluationInterval=${ruler.everySeconds}s`,
      "-remoteWrite.flushInterval=1s",
      `-httpListenAddr=${new URL(rulerUrl).host}`,
      "-loggerLevel=ERROR",
    ],
    rulerUrl,
    "/health",
  ).catch(async (error: unknown) => {
    await engine.stop();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await alert.stop();
    await engine.stop();
  };
  return { url, pid: engine.pid, write, ruler: rulerUrl, stop };
}

/** Starts Alertmanager with a configuration and waits until it answers. */
export async function startAlertmanager(folder: string, config: unknown): Promise<Started> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "alertmanager.yml");
  writeFileSync(file, JSON.stringify(config));
  const args = [
    `--config.file=${file}`,
    `--storage.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // No cluster: it would listen beyond loopback.
    "--cluster.listen-address=",
    "--log.level=error",
  ];
  return start("prometheus-alertmanager", args, `http://127.0.0.1:${port}`, "/-/ready");
}

interface RuleGroups {
  readonly data: {
    readonly groups: readonly {
      readonly name: string;
      readonly evaluationTime?: number;
      readonly rules: readonly {
        readonly name: string;
        readonly type: string;
        readonly lastError?: string;
        readonly evaluationTime?: number;
        readonly alerts?: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
      }[];
    }[];
  };
}

/** The groups of rules with their state, in the form in which Prometheus and vmalert answer. */
export async function ruleGroups(ruler: string): Promise<RuleGroups["data"]["groups"]> {
  const answer = await fetch(`${ruler}/api/v1/rules`);
  return ((await answer.json()) as RuleGroups).data.groups;
}

/** The labels of the alerts of a name that fire. */
export async function firingAlerts(ruler: string, alert: string): Promise<Readonly<Record<string, string>>[]> {
  const rules = (await ruleGroups(ruler)).flatMap((group) => group.rules.filter(({ name }) => name === alert));
  return rules.flatMap(({ alerts = [] }) =>
    alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels),
  );
}

/** Asks until the answer is as wanted; the last answer after that many seconds. */
export async function until<Value>(
  ask: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  seconds: number,
): Promise<Value> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (isWanted(value) || Date.now() > end) return value;
    await sleep(250);
  }
}
