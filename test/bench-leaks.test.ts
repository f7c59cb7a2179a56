// The benchmark and `leaks` give one answer: the same file, told the same of the machine, has the same findings, to the digit.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeChance } from "../bench/recordings/chance.ts";
import { curveTape } from "../bench/recordings/curves.ts";
import { queueTape } from "../bench/recordings/queues.ts";
import { writeTapes } from "../bench/recordings/tape.ts";
import { runCli } from "./cli/run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Finding {
  readonly tag: string;
  readonly bytes_per_hour: number;
  readonly confidence: number;
  readonly bytes_per_hour_interval: readonly [number, number];
  readonly group: string | null;
}

test("the benchmark and leaks agree on findings, rates, intervals and certainty", { timeout: 300_000 }, () => {
  // With and without cumulative counters, one of them as if from a boot on.
  const tapes = [
    queueTape("q", 0, makeChance(31)),
    { ...queueTape("b", 1, makeChance(32)), startsAtBoot: true },
    curveTape("c", 0, makeChance(33)),
    curveTape("l", 1, makeChance(34)),
  ];
  writeTapes(folder, 31, tapes);
  const out = join(folder, "predictions.json");
  execFileSync(process.execPath, ["bench/leaks.ts", folder, "--final", "-o", out], { stdio: "ignore" });
  const predicted = JSON.parse(readFileSync(out, "utf8")) as { recordings: Record<string, { final: Finding[] }> };
  let compared = 0;
  for (const { id, ramBytes, startsAtBoot } of tapes) {
    const told = [
      "--ram",
      `${ramBytes}`,
      "--limit",
      `nonpaged=${ramBytes * 0.75}`,
      "--limit",
      `paged=${ramBytes * 1.5}`,
    ];
    const boot = startsAtBoot === true ? ["--boot-at-start"] : [];
    const limits = [...told, "--limit", `commit=${ramBytes * 1.5}`, ...boot];
    const { code, stdout } = runCli(["leaks", join(folder, `data/${id}.csv.gz`), "--json", ...limits]);
    expect(code).toBe(0);
    const { verdicts } = JSON.parse(stdout) as {
      verdicts: {
        tag: string;
        state: string;
        confidence: number;
        bytesPerHour: { value: number; low: number; high: number };
      }[];
    };
    const said = verdicts.filter(({ state }) => state === "leaking" || state === "stopped-held");
    const leads = (predicted.recordings[id]?.final ?? []).filter((f) => f.bytes_per_hour_interval !== undefined);
    expect(leads.map((f) => [f.tag, f.bytes_per_hour, ...f.bytes_per_hour_interval, f.confidence])).toEqual(
      said.map((v) => [v.tag, v.bytesPerHour.value, v.bytesPerHour.low, v.bytesPerHour.high, v.confidence]),
    );
    compared += leads.length;
  }
  expect(compared).toBeGreaterThan(3);
});
