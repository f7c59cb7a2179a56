// `poolscope driver FILE`, as developers and build servers start it.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../cli/run-cli.test-support.ts";

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "poolscope-driver-page-"));
const driver = join(work, "private.x64.sys");
const pdb = join(work, "elsewhere.pdb");
beforeAll(() => {
  copyFileSync(join(fixtures, "pdb", "private.x64.sys"), driver);
  writeFileSync(pdb, gunzipSync(readFileSync(join(fixtures, "pdb", "private.x64.pdb.gz"))));
});
afterAll(() => {
  rmSync(work, { recursive: true });
});

test("names, calls and findings for people; without the PDB it says so", () => {
  const named = runCli(["driver", driver, "--pdb", pdb]);
  expect(named.code).toBe(0);
  expect(named.stdout).toContain("Names       from elsewhere.pdb");
  expect(named.stdout).toContain("ExAllocatePoolWithTag at Inner+0x16 (+0x1036): nonpaged");
  expect(named.stdout).toContain(
    "warning 1 call in 1 function allocates with 'Pdb1', and no call of this driver frees",
  );
  const plain = runCli(["driver", driver]);
  expect(plain.stdout).toContain("none: there is no a.pdb beside the driver");
  expect(plain.stdout).toContain("+0x1036 in the function at +0x1020");
});

test("a PDB of another build gives no names", () => {
  const other = join(work, "other.sys");
  const bytes = readFileSync(driver);
  // The GUID stands behind RSDS in the debug directory's data.
  bytes.writeUInt8(0x5a, bytes.indexOf("RSDS") + 4);
  writeFileSync(other, bytes);
  expect(runCli(["driver", other, "--pdb", pdb]).stdout).toContain("is of another build of the driver");
});

test("SARIF: a result for each finding, at the address of its call, below the working folder as a relative address", () => {
  const { code, stdout } = runCli(["driver", driver, "--pdb", pdb, "--sarif"]);
  expect(code).toBe(0);
  const log = JSON.parse(stdout) as {
    version: string;
    runs: { tool: { driver: { rules: { id: string }[] } }; results: Record<string, unknown>[] }[];
  };
  expect(log.version).toBe("2.1.0");
  const [run] = log.runs;
  expect(run?.results.map((result) => [result["ruleId"], result["level"]])).toEqual([
    ["never-freed", "warning"],
    ["deprecated-api", "note"],
  ]);
  expect(run?.results[0]).toMatchObject({
    locations: [
      {
        physicalLocation: { address: { relativeAddress: 0x1036, fullyQualifiedName: "ExAllocatePoolWithTag" } },
        logicalLocations: [{ name: "Inner+0x16", kind: "function" }],
      },
    ],
  });
});

test("--fail-on decides the exit code; what cannot be read is one line and 2", () => {
  expect(runCli(["driver", driver, "--fail-on", "warning"]).code).toBe(1);
  expect(runCli(["driver", join(fixtures, "drivers", "kmdf_default.clang-x64.sys"), "--fail-on", "warning"]).code).toBe(
    0,
  );
  for (const bad of [join(work, "missing.sys"), pdb]) {
    const { code, stderr } = runCli(["driver", bad]);
    expect(code).toBe(2);
    expect(stderr.trim().split("\n").length).toBe(1);
  }
});
