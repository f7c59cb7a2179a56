// Listings as people paste them, of kinds that no sample shows: each is read by the program itself, and gives the values that
// stand beside it, or says what keeps it from being read.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { usesOf, type Snapshot } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import { openMachines } from "../src/sources/open.ts";
import { runCli } from "./cli/run-cli.test-support.ts";
import { BROUGHT } from "./pasted/brought.ts";
import { MOMENTS } from "./pasted/moments.ts";
import { SCRIPTS } from "./pasted/scripts.ts";
import { TABLES } from "./pasted/tables.ts";
import { TEXT } from "./pasted/text.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-pasted-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const number = (value: number | undefined): string => (value === undefined ? "-" : String(value));

function rowsOf({ columns }: Snapshot): string[] {
  return usesOf(columns)
    .map(({ tag, kind, allocs, frees, outstanding, bytes }) =>
      [formatTag(tag), kind, number(allocs), number(frees), number(outstanding), number(bytes)].join(" "),
    )
    .toSorted();
}

async function readAll(path: string, options: readonly string[]): Promise<readonly Snapshot[]> {
  const host = options[options.indexOf("--host") + 1];
  const machines = await openMachines([path], options.includes("--host") && host !== undefined ? { host } : {});
  const all: Snapshot[] = [];
  for await (const snapshot of machines[0]?.snapshots() ?? []) all.push(snapshot);
  return all;
}

for (const [i, listing] of [...TEXT, ...TABLES, ...MOMENTS, ...BROUGHT, ...SCRIPTS].entries()) {
  test(listing.name, { timeout: 120_000 }, async () => {
    const path = join(folder, `listing-${i}.txt`);
    writeFileSync(path, listing.content);
    const options = listing.options ?? [];
    const { code, stdout, stderr } = runCli(["snapshot", path, ...options]);
    // Long lines are folded.
    const said = `${stdout} ${stderr}`.replace(/\s+/g, " ");
    for (const part of listing.says ?? []) expect(said).toMatch(part);
    if (listing.rows === undefined) {
      expect(code).toBe(2);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      return;
    }
    expect(code, stderr).toBe(0);
    const all = await readAll(path, options);
    const last = all.at(-1);
    expect(all).toHaveLength(listing.snapshots ?? 1);
    expect(last === undefined ? [] : rowsOf(last)).toEqual([...listing.rows].toSorted());
    if (listing.times !== undefined) expect(all.map(({ time }) => new Date(time).toISOString())).toEqual(listing.times);
    if (listing.hosts !== undefined) {
      const unnamed = runCli(["report", path, "-o", join(folder, "x.html")]);
      expect(unnamed.code).toBe(2);
      for (const host of listing.hosts) expect(unnamed.stderr).toContain(host);
    }
  });
}
