// Three recordings of published leaks: the finding names the suspect, its rate is the sum of its group, no other case is claimed.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "./cli/run-cli.test-support.ts";

const samples = join(import.meta.dirname, "../../shared/samples/inputs");
const present = existsSync(samples);
if (!present) console.log(`skipped: no samples at ${samples}`);

interface Told {
  readonly verdicts: readonly {
    readonly tag: string;
    readonly state: string;
    readonly group: readonly { readonly tag: string }[];
    readonly total: { readonly bytesPerHour: { readonly value: number } };
    readonly attribution: { readonly suspect?: { readonly names: readonly string[] }; readonly who: string };
  }[];
}

function leaks(file: string): { readonly text: string; readonly told: Told } {
  const path = join(samples, file);
  const text = runCli(["leaks", path]).stdout;
  return { text, told: JSON.parse(runCli(["leaks", path, "--json"]).stdout) as Told };
}

const MIB = 2 ** 20;

describe.skipIf(!present)("published leaks", () => {
  test("a group of ten tags led by a kernel tag is wcifs.sys, at the rate of all ten", () => {
    const { text, told } = leaks("21-lockstep-known-case/wcifs.csv.gz");
    const [first] = told.verdicts;
    expect(first?.state).toBe("leaking");
    expect(first?.attribution.suspect?.names).toEqual(["wcifs.sys"]);
    expect(first?.group).toHaveLength(9);
    const rate = (first?.total.bytesPerHour.value ?? 0) / MIB;
    expect(rate).toBeGreaterThan(8.9);
    expect(rate).toBeLessThan(9.2);
    expect(text).toMatch(/^ +Known +wcifs\.sys/m);
    expect(text).not.toContain("first to suspect");
    expect(text.indexOf("fltmc filters")).toBeGreaterThan(0);
    expect(text).not.toMatch(/handle(64)?(\.exe)? -s[\s\S]*fltmc/);
  });

  test("memory descriptor lists alone prove no case; the one that needs another tag is ruled out", () => {
    const { text, told } = leaks("23-known-case-by-shared-tag/netkvm.csv.gz");
    expect(told.verdicts.map(({ tag }) => tag)).toEqual(["Mdl "]);
    expect(told.verdicts[0]?.attribution.suspect).toBeUndefined();
    expect(text).not.toMatch(/^ +Known /m);
    expect(text).toContain("not npcap.sys (Npcap)");
  });

  test("tags that a maker publishes name its driver, at the rate of the group", () => {
    const { text, told } = leaks("25-tags-published-by-makers/npcap.csv.gz");
    const [first] = told.verdicts;
    expect(first?.state).toBe("leaking");
    expect(first?.attribution.suspect?.names).toEqual(["npcap.sys"]);
    expect(first?.group).toHaveLength(3);
    const rate = (first?.total.bytesPerHour.value ?? 0) / MIB;
    expect(rate).toBeGreaterThan(148);
    expect(rate).toBeLessThan(156);
    expect(text).toMatch(/^ +Known +[\s\S]*1\.76/m);
  });
});
