// What a release is made of: notes, signature, manifests, and a workflow whose steps are the project's own scripts.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { changelogSection } from "../scripts/changelog.ts";
import { chocolateyFiles, scoopManifest, wingetManifests } from "../scripts/manifests.ts";
import { certificateOf, signExecutable } from "../scripts/sign-exe.ts";
import { renderNotices, renderSbom } from "../scripts/supply-chain.ts";
import { VERSION } from "../src/cli/version.ts";
import { runCli } from "./cli/run-cli.test-support.ts";

const root = join(import.meta.dirname, "..");

describe("changelogSection", () => {
  const text = "# C\n\n## Unreleased\n\n- new\n\n## 1.2.0 - 2026-01-01\n\n### Added\n\n- old\n\n## 1.1.0\n\n- older\n";
  it("is that of the version, else what is not released yet", () => {
    expect(changelogSection(text, "1.2.0")).toBe("### Added\n\n- old");
    expect(changelogSection(text, "1.1.0")).toBe("- older");
    expect(changelogSection(text, "1.3.0")).toBe("- new");
    expect(() => changelogSection("# C\n", "1.0.0")).toThrow("no section 1.0.0");
  });
});

const HASHES: Readonly<Record<string, string>> = {
  "poolscope-x64.exe": "a".repeat(64),
  "poolscope-arm64.exe": "b".repeat(64),
  "poolscope-x64.zip": "c".repeat(64),
  "poolscope-arm64.zip": "d".repeat(64),
};
const hashOf = (name: string): string => HASHES[name] ?? "missing";

describe("manifests", () => {
  it("winget: three files of one identifier and version, with the fields that each kind requires", () => {
    const files = wingetManifests("1.2.3", hashOf);
    const required: Record<string, readonly string[]> = {
      version: ["DefaultLocale"],
      installer: ["Installers", "InstallerType"],
      defaultLocale: ["PackageLocale", "Publisher", "PackageName", "License", "ShortDescription"],
    };
    const types = Object.values(files).map((text) => {
      const keys = new Map(
        [...text.matchAll(/^([A-Z]\w*):(?: (.*))?$/gm)].map(([, key = "", value = ""]) => [key, value]),
      );
      const type = keys.get("ManifestType") ?? "";
      for (const key of ["PackageIdentifier", "PackageVersion", "ManifestVersion", ...(required[type] ?? ["none"])])
        expect(keys.has(key), `${type} ${key}`).toBe(true);
      expect(keys.get("PackageVersion")).toBe("1.2.3");
      expect(keys.get("ShortDescription")?.length ?? 3).toBeLessThanOrEqual(256);
      return type;
    });
    expect(types.toSorted()).toEqual(["defaultLocale", "installer", "version"]);
    const installer = files["Poolscope.Poolscope.installer.yaml"] ?? "";
    expect([...installer.matchAll(/InstallerSha256: ([0-9A-F]{64})$/gm)].map(([, hash]) => hash)).toEqual([
      "A".repeat(64),
      "B".repeat(64),
    ]);
    expect(installer).toContain("/releases/download/v1.2.3/poolscope-arm64.exe");
  });

  it("Scoop: both machines, and where the next version and its hash are found", () => {
    const manifest = JSON.parse(scoopManifest("1.2.3", hashOf)) as {
      architecture: Record<string, { url: string; hash: string }>;
      autoupdate: { architecture: Record<string, { url: string }>; hash: { url: string } };
    } & Record<string, unknown>;
    for (const key of ["version", "description", "homepage", "license", "bin", "checkver"])
      expect(manifest).toHaveProperty(key);
    for (const [arch, hash] of [
      ["64bit", "c"],
      ["arm64", "d"],
    ] as const) {
      const now = manifest.architecture[arch];
      expect(now?.hash).toBe(hash.repeat(64));
      expect(manifest.autoupdate.architecture[arch]?.url.replaceAll("$version", "1.2.3")).toBe(now?.url);
    }
    expect(manifest.autoupdate.hash.url).toBe("$baseurl/SHA256SUMS");
  });

  it("Chocolatey: the required metadata, LICENSE, and VERIFICATION with the hash", () => {
    const files = chocolateyFiles("1.2.3", hashOf, "the licence");
    const nuspec = files["poolscope.nuspec"] ?? "";
    for (const key of ["id", "version", "authors", "description", "projectUrl", "tags"])
      expect(nuspec).toMatch(new RegExp(`<${key}>[^<]+</${key}>`));
    expect(files["tools/LICENSE.txt"]).toBe("the licence");
    expect(files["tools/VERIFICATION.txt"]).toContain("a".repeat(64));
  });
});

const canSign = ["osslsigncode", "openssl"].every((name) => spawnSync(name, ["version"]).error === undefined);
if (!canSign) console.warn("osslsigncode or openssl is missing: signing is not tried");
test.skipIf(!canSign)("signs with a certificate, and what is signed verifies", () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-sign-"));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { stdio: "ignore" });
  };
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    file("key.pem"),
    "-out",
    file("cert.pem"),
    "-days",
    "2",
    "-subj",
    "/CN=Test of poolscope",
    "-addext",
    "extendedKeyUsage=codeSigning",
  );
  openssl(
    "pkcs12",
    "-export",
    "-inkey",
    file("key.pem"),
    "-in",
    file("cert.pem"),
    "-out",
    file("c.p12"),
    "-passout",
    "pass:secret",
  );
  writeFileSync(file("password"), "secret\n");
  const exe = file("a.exe");
  writeFileSync(exe, readFileSync(join(root, "test/fixtures/drivers/direct.clang-x64.sys")));
  const certificate = certificateOf({
    POOLSCOPE_SIGN_PKCS12: file("c.p12"),
    POOLSCOPE_SIGN_PASSWORD_FILE: file("password"),
  });
  if (certificate === undefined) throw new Error("no certificate");
  signExecutable(exe, certificate);
  const verify = (path: string) =>
    spawnSync("osslsigncode", ["verify", "-CAfile", file("cert.pem"), "-in", path], { encoding: "utf8" });
  const { status, stdout } = verify(exe);
  expect(status, stdout).toBe(0);
  expect(stdout).toContain("Test of poolscope");
  const bytes = readFileSync(exe);
  bytes[0x200] = (bytes[0x200] ?? 0) ^ 1;
  writeFileSync(exe, bytes);
  expect(verify(exe).status).not.toBe(0);
  expect(() => certificateOf({ POOLSCOPE_SIGN_PKCS12: "a" })).toThrow("both");
  expect(certificateOf({})).toBeUndefined();
});

test("the workflow builds with the project's own scripts alone", () => {
  const workflow = readFileSync(join(root, ".github/workflows/release.yml"), "utf8");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const names = [...workflow.matchAll(/npm run -s ([a-z:]+)/g)].map(([, name = ""]) => name);
  expect(names).toContain("release");
  for (const name of names) expect(scripts).toHaveProperty([name]);
  expect(workflow).not.toMatch(/run: (?:node|npx|tsc|esbuild)\b/);
});

test("list and notices are the same each time, and name what is added", () => {
  const also = {
    places: new Set(["node_modules/@duckdb/node-api"]),
    others: [{ name: "node", version: "9.9.9", license: "MIT", licenseText: "the text" }],
  };
  const sbom = renderSbom(also);
  expect(renderSbom(also)).toBe(sbom);
  const names = (JSON.parse(sbom) as { components: { name: string; purl: string }[] }).components.map(
    ({ purl }) => purl,
  );
  expect(names).toContain("pkg:generic/node@9.9.9");
  expect(names.some((purl) => purl.startsWith("pkg:npm/%40duckdb/node-api@"))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  expect(renderNotices(also)).toMatch(
    /^@duckdb\/node-api \S+\nLicence: MIT$[\s\S]*^node 9\.9\.9\nLicence: MIT\n\nthe text$/m,
  );
  expect(renderNotices()).not.toMatch(/^@duckdb\/node-api /m);
});

test("--version --json says what the program is made of", () => {
  for (const args of [
    ["--version", "--json"],
    ["--json", "--version"],
  ]) {
    const { code, stdout } = runCli(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      version: VERSION,
      form: "checkout",
      node: process.versions.node,
      platform: process.platform,
      architecture: process.arch,
    });
  }
  expect(runCli(["--version"]).stdout).toBe(`${VERSION}\n`);
});
