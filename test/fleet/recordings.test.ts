// `poolscope fleet` over recordings, through the real entry.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { T0, temporaryFolder } from "../../src/store/recording.test-support.ts";
import { writeMachine } from "./fleet-recordings.ts";

const program = fileURLToPath(new URL("../../bin/poolscope.mjs", import.meta.url));

function fleet(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, "fleet", ...args], {
    encoding: "utf8",
    env: { ...process.env, COLUMNS: "200" },
  });
}

/** 5 machines with build 2.0, 4 of which leak, and 12 with build 1.0. */
function folderOfFleet(): string {
  const folder = temporaryFolder();
  for (let i = 0; i < 17; i++)
    writeMachine(folder, { name: `WS-${10 + i}`, version: i < 5 ? "2.0" : "1.0", leaks: i < 4 });
  return folder;
}

describe("fleet over a folder of recordings", () => {
  test("names the build that leaks, with both shares, and fails on it when asked to", () => {
    const folder = folderOfFleet();
    const { status, stdout, stderr } = fleet("builds", folder);
    expect(stderr).toBe("");
    expect(stdout).toContain("17 machines, 17 judged, 4 with a leak");
    expect(stdout).toMatch(/Leak {2}acme\.sys {2}2\.0 +4 +5 {2}80\.0 % {2}37\.6 to 96\.4 +0\.0 % of 12 .* worse /);
    expect(stdout).toContain(
      'tag "Leak" leaks on 4 of 5 judged machines with this build, and on 0 of 12 with its other builds',
    );
    expect(status).toBe(0);
    expect(fleet("builds", folder, "--fail-on", "build").status).toBe(1);
    expect(fleet(folder, "--fail-on", "leak").status).toBe(1);
    expect(fleet(folder, "--fail-on", "exhaustion").status).toBe(0);
  });

  test("JSON has the same", () => {
    const { stdout } = fleet("builds", folderOfFleet(), "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { hosts: 17, judged: 17, leaking: 4, notJudged: 0, silent: 0, withoutDriverList: 0 },
      builds: [{ tag: "Leak", driver: "acme.sys", version: "2.0", leaking: 4, having: 5, judgement: "worse" }],
    });
  });

  test("one machine, one tag, and a name that is not there", () => {
    const folder = folderOfFleet();
    expect(fleet("host", "ws-10", folder).stdout).toMatch(
      /^WS-10: last seen .*judged at .*\n\nMACHINE[^]*File +40 +30/,
    );
    expect(fleet("tag", "Leak", folder).stdout).toMatch(/WS-13 +Leak/);
    expect(fleet("tag", "None", folder).stdout).toContain("No open finding.");
    expect(fleet("host", "WS-9", folder)).toMatchObject({ status: 2, stdout: "" });
  });

  test("what keeps no judgement is judged now; what is too short to be judged is neither leak nor control", () => {
    const folder = temporaryFolder();
    writeMachine(folder, {
      name: "LONG",
      version: "2.0",
      leaks: true,
      judged: false,
      snapshots: 300,
      everyMs: 600_000,
    });
    writeMachine(folder, {
      name: "SHORT",
      version: "1.0",
      leaks: false,
      judged: false,
      snapshots: 1,
      start: T0 + 300 * 600_000,
    });
    const { hosts, counts } = JSON.parse(fleet(folder, "--json").stdout) as {
      hosts: { name: string; judged: string | null; findings: { tag: string; state: string }[] }[];
      counts: { judged: number; notJudged: number };
    };
    expect(counts).toMatchObject({ judged: 1, notJudged: 1 });
    expect(hosts.find(({ name }) => name === "LONG")?.findings).toMatchObject([{ tag: "Leak", state: "leaking" }]);
    expect(hosts.find(({ name }) => name === "SHORT")?.judged).toBe(null);
  });

  test("what runs out first is at the top, counted from the time of its judgement", () => {
    const folder = temporaryFolder();
    const hour = 3_600_000;
    writeMachine(folder, { name: "LATER", version: "1.0", leaks: true, exhaustionHours: 30 });
    writeMachine(folder, { name: "SOON", version: "1.0", leaks: true, exhaustionHours: 12 });
    writeMachine(folder, { name: "NEWEST", version: "1.0", leaks: false, start: T0 + 2 * hour });
    const { stdout } = fleet(folder);
    expect(stdout).toMatch(/SOON +Leak .* 10 h .*\n.*LATER +Leak .* 1 day/);
    expect(fleet(folder, "--fail-on", "exhaustion").status).toBe(1);
    const { hosts } = JSON.parse(fleet(folder, "--json").stdout) as {
      hosts: { name: string; findings: { exhaustionSeconds?: number }[] }[];
    };
    const soon = hosts.find(({ name }) => name === "SOON")?.findings[0]?.exhaustionSeconds;
    expect(soon).toBe(10 * 3600);
  });

  test("two machines of one name stay two, and it is said", () => {
    const folder = temporaryFolder();
    const other = temporaryFolder();
    writeMachine(folder, { name: "TWIN", version: "1.0", leaks: false });
    writeMachine(other, { name: "TWIN", version: "2.0", leaks: true });
    const { stdout, stderr } = fleet(folder, other);
    expect(stdout).toContain("2 machines");
    expect(stderr).toContain("TWIN: 2 recordings of this name overlap in time");
  });

  test("files that are no recordings are told, and do not end it", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "notes.txt"), "hello");
    expect(fleet(folder)).toMatchObject({ status: 2, stdout: "" });
    writeMachine(folder, { name: "WS-1", version: "1.0", leaks: false });
    const { status, stderr, stdout } = fleet(folder);
    expect({ status, lines: stderr.trim().split("\n").length }).toEqual({ status: 0, lines: 1 });
    expect(stderr).toContain("notes.txt");
    expect(stdout).toContain("1 machine, 1 judged, 0 with a leak");
  });

  test("nothing to look at, and two ways at once", () => {
    expect(fleet()).toMatchObject({ status: 2 });
    expect(fleet("x.pool", "--url", "http://127.0.0.1:9")).toMatchObject({ status: 2 });
    expect(fleet("--url", "ftp://x").stderr).toContain("is not an address");
    const refused = fleet("--url", "http://user:secret@127.0.0.1:9").stderr;
    expect(refused).not.toContain("secret");
    expect(fleet("--url", "http://127.0.0.1:9")).toMatchObject({ status: 2 });
  });
});
