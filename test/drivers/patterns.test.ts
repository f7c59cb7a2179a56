// Every pattern in which a tag reaches an allocation, from C sources with known answers (test/build/drivers), for each
// machine. The committed drivers are built from these sources; where compilers are installed they are built anew as well.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { loadScanTools } from "../../src/driver-index/tools.ts";
import { scanDriver, type DriverScan } from "../../src/drivers/scan.ts";
import { formatTag, formatTagPattern } from "../../src/model/tag.ts";
import { buildDriver, expectationsOf, isInstalled, patternNames, TOOLCHAINS } from "../build/drivers/build.ts";

const fixtures = fileURLToPath(new URL("../fixtures/drivers/", import.meta.url));
const tools = await loadScanTools();

/** What a scan found, in the words of the sources' comments, to be compared with what they say. */
function found(
  scan: DriverScan,
  name: string,
): { proven: string[]; unexpected: string[]; predicted: string[]; patterns: string[] } {
  const { proven } = expectationsOf(name);
  const uses = scan.tags
    .filter((tag) => tag.tier === "proven")
    .flatMap((tag) => tag.uses.map((use) => `${formatTag(tag.tag)} ${use.api} ${use.pool ?? ""}`.trimEnd()));
  const expected = proven.map(({ tag, api, pool }) => `${tag} ${api} ${pool ?? ""}`.trimEnd());
  const known = new Set(proven.map(({ tag }) => tag));
  return {
    proven: expected.filter((line) => uses.includes(line)),
    unexpected: uses.filter((line) => !known.has(line.slice(0, line.search(/ [A-Z]\w{5,}/)))),
    predicted: scan.tags.filter((tag) => tag.tier === "predicted").map((tag) => formatTag(tag.tag)),
    patterns: scan.tags
      .filter((tag) => tag.tier === "pattern")
      .map((tag) => formatTagPattern(tag.tag, tag.mask))
      .sort(),
  };
}

function check(scan: DriverScan, name: string): void {
  const { proven, predicted, patterns } = expectationsOf(name);
  expect(scan.status).toBe("ok");
  expect(found(scan, name)).toEqual({
    proven: proven.map(({ tag, api, pool }) => `${tag} ${api} ${pool ?? ""}`.trimEnd()),
    unexpected: [],
    predicted: [...predicted],
    patterns: [...patterns].sort(),
  });
}

const cases = TOOLCHAINS.flatMap((toolchain) => patternNames(toolchain).map((name) => [name, toolchain] as const));

test.each(cases)("%s, %s: the tags that its source names, and no other", (name, toolchain) => {
  check(scanDriver(readFileSync(join(fixtures, `${name}.${toolchain}.sys`)), name, tools), name);
});

test("traps stay out of the proven tier, and what they are is still shown", () => {
  for (const toolchain of TOOLCHAINS) {
    const scan = scanDriver(readFileSync(join(fixtures, `traps.${toolchain}.sys`)), "traps", tools);
    const tiers = new Map(scan.tags.map((tag) => [formatTag(tag.tag), tag.tier]));
    for (const trap of expectationsOf("traps").notProven) expect(tiers.get(trap), trap).not.toBe("proven");
    expect(tiers.get("RmLk")).toBe("code");
    expect(tiers.get("RHMD")).toBe("code");
  }
});

const installed = TOOLCHAINS.filter((toolchain) => toolchain.startsWith("clang") && isInstalled(toolchain));
const work = mkdtempSync(join(tmpdir(), "poolscope-drivers-"));
afterAll(() => {
  rmSync(work, { recursive: true });
});

test.skipIf(installed.length === 0)(
  "the same sources built anew, smaller and without unwind data (needs clang, lld)",
  () => {
    for (const toolchain of installed) {
      for (const name of patternNames(toolchain)) {
        const options = { optimize: "-Os", noUnwind: toolchain !== "clang-x86" };
        const driver = buildDriver(name, toolchain, work, options);
        check(scanDriver(readFileSync(driver), name, tools), name);
      }
    }
  },
  240_000,
);
