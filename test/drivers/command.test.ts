// `poolscope drivers` and the look-up of `poolscope tag`, as users start them.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../cli/run-cli.test-support.ts";

const fixtures = fileURLToPath(new URL("../fixtures/drivers/", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "poolscope-drivers-command-"));
const env = { POOLSCOPE_CACHE: join(work, "cache") };
afterAll(() => {
  rmSync(work, { recursive: true });
});

test("--json has exactly the published fields", () => {
  const { code, stdout } = runCli(["drivers", "--json", "--no-index", join(fixtures, "traps.clang-x64.sys")], { env });
  expect(code).toBe(0);
  const { drivers } = JSON.parse(stdout) as { drivers: Record<string, unknown>[] };
  const [driver] = drivers;
  expect(Object.keys(driver ?? {})).toEqual([
    "file",
    "sha256",
    "machine",
    "status",
    "version",
    "pdb",
    "signed",
    "signatures",
    "signer",
    "tags",
  ]);
  expect(driver).toMatchObject({
    machine: "x64",
    status: "ok",
    signed: false,
    signatures: [],
    signer: null,
    pdb: null,
    version: { company: null, product: null, fileVersion: null, description: null },
  });
  const tags = driver?.["tags"] as { tag: string }[];
  expect(tags.find(({ tag }) => tag === "Real")).toEqual({
    tag: "Real",
    raw: "0x6c616552",
    tier: "proven",
    uses: [{ api: "ExAllocatePoolWithTag", rva: "0x1019", function: "0x1000", pool: "nonpaged", bytes: 16 }],
  });
});

test("what `drivers` has scanned, `tag` finds, with the call sites", () => {
  const scan = runCli(["drivers", fixtures], { env });
  expect(scan.code).toBe(0);
  expect(scan.stdout).toContain("Wr_3");
  const { code, stdout } = runCli(["tag", "Wr_3", "--json"], { env });
  expect(code).toBe(0);
  const [report] = (JSON.parse(stdout) as { tags: { drivers: { file: string; tier: string }[] }[] }).tags;
  expect(report?.drivers.map(({ tier }) => tier)).toEqual(Array.from({ length: 5 }, () => "proven"));
  const text = runCli(["tag", "Dir1"], { env }).stdout;
  expect(text).toMatch(/direct\.clang-arm64\.sys[^]*proven[^]*ExAllocatePoolWithTag at \+0x/);
});

test("--tag keeps only the drivers that use it", () => {
  const { stdout } = runCli(["drivers", fixtures, "--tag", "Kp_?", "--json"], { env });
  const { drivers } = JSON.parse(stdout) as { drivers: { file: string; tags: unknown[] }[] };
  expect(drivers.length).toBe(5);
  expect(drivers.every(({ tags }) => tags.length === 3)).toBe(true);
});

test("a pattern is matched in the index, forms among its tags; a tag that fits a form is found by it", () => {
  runCli(["drivers", fixtures], { env });
  const tagsOf = (pattern: string): string[] => {
    const { stdout } = runCli(["tag", pattern, "--json"], { env });
    return (JSON.parse(stdout) as { tags: { tag: string }[] }).tags.map(({ tag }) => tag);
  };
  expect(tagsOf("Kp_*")).toEqual(["Kp_1", "Kp_2", "Kp_3"]);
  expect(tagsOf("Ca_?")).toContain("Ca_?");
  const { stdout } = runCli(["tag", "Ca_7", "--json"], { env });
  const [report] = (JSON.parse(stdout) as { tags: { drivers: { tier: string; pattern?: string }[] }[] }).tags;
  expect(new Set(report?.drivers.map(({ tier, pattern }) => `${tier} ${pattern ?? ""}`))).toEqual(
    new Set(["pattern Ca_?"]),
  );
  const none = runCli(["tag", "Zz9*"], { env });
  expect(none.stderr).toContain("no tag of the driver index matches Zz9*");
  expect(runCli(["tag", "Zz9*"], { env: { POOLSCOPE_CACHE: join(work, "empty") } })).toMatchObject({ code: 2 });
});

test("a tag padded with NUL is found when typed short, and one typed as in a source is pointed to", () => {
  const short = runCli(["tag", "Lis", "--json"], { env });
  const found = (JSON.parse(short.stdout) as { tags: { tag: string; drivers: unknown[] }[] }).tags;
  expect(found.map(({ tag }) => tag)).toEqual(["Lis ", String.raw`Lis\x00`]);
  expect(found[1]?.drivers.length).toBe(5);
  const reversed = runCli(["tag", "3_rW"], { env });
  expect(reversed.stderr).toContain("a tag written '3_rW' in a C source reads 'Wr_3' in memory");
});

test("a question about one tag scans only what holds its bytes, and says how far it looked", () => {
  const none = runCli(["drivers", "--no-index", fixtures, "--tag", "Qx_1"], { env });
  expect(none.code).toBe(0);
  expect(none.stdout).toMatch(/^\d+ drivers, none uses 'Qx_1' \(looked for in their bytes; a tag that code computes/);
  const one = runCli(["drivers", "--no-index", fixtures, "--tag", "Wr_3", "--json"], { env });
  expect((JSON.parse(one.stdout) as { drivers: unknown[] }).drivers.length).toBe(5);
});

test("the tag that KMDF derives is of the service's name, from the INF beside the driver where there is one", () => {
  const folder = join(work, "inf");
  mkdirSync(folder);
  copyFileSync(join(fixtures, "kmdf_default.clang-x64.sys"), join(folder, "filename.sys"));
  const predicted = (): unknown => {
    const { stdout } = runCli(["drivers", "--no-index", folder, "--json"], { env });
    const { drivers } = JSON.parse(stdout) as { drivers: { tags: { tier: string; tag: string; from?: string }[] }[] };
    return drivers[0]?.tags.filter(({ tier }) => tier === "predicted").map(({ tag, from }) => [tag, from]);
  };
  expect(predicted()).toEqual([["file", "file name"]]);
  const inf = "[S]\r\nAddService = RealService, 2, Inst\r\n[Inst]\r\nServiceBinary = %12%\\FileName.sys\r\n";
  writeFileSync(join(folder, "setup.inf"), `\ufeff${inf}`, "utf16le");
  expect(predicted()).toEqual([["Real", "INF"]]);
});

test("what is missing costs exit code 2 and one line; what is no driver is named with the reason", () => {
  const missing = runCli(["drivers", "--no-index", join(work, "missing.sys")], { env });
  expect(missing.code).toBe(2);
  expect(missing.stderr.trim().split("\n").length).toBe(1);
  const file = join(work, "notes\u001b[31m.sys");
  writeFileSync(file, "hello");
  copyFileSync(join(fixtures, "direct.clang-x64.sys"), join(work, "direct.sys"));
  const { code, stdout } = runCli(["drivers", "--no-index", work], { env });
  expect(code).toBe(0);
  expect(stdout).toContain("no MZ header");
  expect(stdout).not.toContain("\u001b");
});

test.skipIf(process.platform === "win32")("without a path it says on other systems what to name", () => {
  const { code, stderr } = runCli(["drivers"], { env });
  expect(code).toBe(2);
  expect(stderr).toContain("name a folder or a file");
});
