// docs/fleet.md, "From two recordings to an alert": its very lines are run, with other ports, up to the message of the alert.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { firingAlerts, freePort, hasProgram, until } from "./engines.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin/poolscope.mjs");
const page = readFileSync(join(root, "docs/fleet.md"), "utf8");

/** The indented lines of a section of the page, as a shell would be given them. */
function linesOf(section: string): string {
  const [, text = ""] = page.split(`## ${section}\n`);
  const [body = ""] = text.split("\n## ");
  return body
    .split("\n")
    .filter((line) => line.startsWith("    ") || line === "")
    .map((line) => line.slice(4))
    .join("\n");
}

const hasAll = [
  hasProgram("prometheus"),
  hasProgram("prometheus-alertmanager"),
  hasProgram("amtool", "prometheus-alertmanager"),
].every(Boolean);

interface Message {
  readonly status: string;
  readonly alerts: readonly { readonly labels: Record<string, string>; readonly annotations: Record<string, string> }[];
}

describe.skipIf(!hasAll)("from two recordings to an alert", () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-walk-"));
  const ports = new Map<string, number>();
  const messages: Message[] = [];
  const webhook = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      messages.push(JSON.parse(Buffer.concat(parts).toString()) as Message);
      response.end();
    });
  });
  let shell: ReturnType<typeof spawn> | undefined;
  let output = "";

  beforeAll(async () => {
    for (const name of ["monitoring", "data"]) symlinkSync(join(root, name), join(folder, name));
    // Stands for the installed program.
    writeFileSync(join(folder, "poolscope"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(join(folder, "poolscope"), 0o755);
    let lines = linesOf("From two recordings to an alert, on loopback");
    for (const port of ["7665", "7666", "9090", "9093", "9099"]) {
      expect(lines).toContain(port);
      ports.set(port, await freePort());
      lines = lines.replaceAll(port, String(ports.get(port)));
    }
    await new Promise<void>((resolve) => webhook.listen(ports.get("9099"), "127.0.0.1", resolve));
    // A group of its own, so that all that the lines leave running ends with it.
    shell = spawn("bash", ["-e", "-c", `${lines}\nwait\n`], {
      cwd: folder,
      detached: true,
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` },
    });
    shell.stdout?.on("data", (data: Buffer) => (output += data.toString()));
    shell.stderr?.on("data", (data: Buffer) => (output += data.toString()));
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => shell?.once("close", resolve));
    if (shell?.pid !== undefined && shell.exitCode === null) {
      process.kill(-shell.pid, "SIGTERM");
      await ended;
    }
    webhook.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (port: string): string => `127.0.0.1:${ports.get(port)}`;

  test("the alert fires for the machine that leaks and not for the other, and its message arrives", async () => {
    const told = await until(
      async () =>
        messages.flatMap(({ alerts }) => alerts).find(({ labels }) => labels["alertname"] === "WindowsPoolLeakOpen"),
      (alert) => alert !== undefined,
      150,
    );
    expect(told, output).toMatchObject({
      labels: { instance: at("7665"), tag: "Even", type: "nonpaged", severity: "info" },
      annotations: {
        summary: `A leak of tag "Even" (nonpaged) goes on on ${at("7665")}`,
        runbook_url: "docs/runbooks/WindowsPoolLeakOpen.md",
      },
    });
    const firing = await firingAlerts(`http://${at("9090")}`, "WindowsPoolLeakOpen");
    expect(firing.map(({ instance }) => instance)).toEqual([at("7665")]);
  }, 240_000);

  test("what else the page promises: amtool lists it, both recorders are late, both machines are silent", async () => {
    const late = await until(
      () => firingAlerts(`http://${at("9090")}`, "WindowsPoolRecorderLate"),
      (alerts) => alerts.length === 2,
      60,
    );
    expect(new Set(late.map(({ instance }) => instance))).toEqual(new Set([at("7665"), at("7666")]));
    const listed = spawnSync("amtool", [`--alertmanager.url=http://${at("9093")}`, "alert"], { encoding: "utf8" });
    expect(listed.stdout).toContain("WindowsPoolLeakOpen");
    const seen = spawnSync(process.execPath, [program, "fleet", "--url", `http://${at("9090")}`], { encoding: "utf8" });
    expect(seen.stdout).toContain("2 machines silent for a day or more");
  }, 120_000);
});

test.skipIf(!hasProgram("amtool", "prometheus-alertmanager"))(
  "the example for Alertmanager is valid, and tells who is meant to be told",
  () => {
    const file = join(root, "monitoring/alertmanager.yaml");
    const checked = spawnSync("amtool", ["check-config", file], { encoding: "utf8" });
    expect(checked.status, checked.stderr).toBe(0);
    const receiver = (...labels: string[]): string =>
      spawnSync("amtool", ["config", "routes", "test", `--config.file=${file}`, ...labels], {
        encoding: "utf8",
      }).stdout.trim();
    expect(receiver("alertname=WindowsPoolExhaustionSoon", "severity=critical")).toBe("on-duty");
    expect(receiver("alertname=WindowsPoolLeakDriverBuild", "severity=warning")).toBe("drivers-team");
    expect(receiver("alertname=WindowsPoolLeakOpen", "severity=info")).toBe("log-only");
  },
);
