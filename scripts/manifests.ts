// Manifests of package managers for one release: winget (portable exe), Scoop, Chocolatey. Their schemas are not part of the project;
// test/release.test.ts holds each against the fields that the documentation of its package manager requires.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Where the project will be published; nothing is there yet. */
export const HOME = "https://github.com/poolscope/poolscope";
const IDENTIFIER = "Poolscope.Poolscope";
const SUMMARY = "Tells which Windows driver is eating kernel memory, how fast, and when it runs out";
const WINGET_VERSION = "1.10.0";

/** Hash of a file of the release. Throws where it is not there. */
type HashOf = (name: string) => string;

const download = (version: string, name: string): string => `${HOME}/releases/download/v${version}/${name}`;

/** The three files of a winget manifest, by name. */
export function wingetManifests(version: string, hashOf: HashOf): Readonly<Record<string, string>> {
  const file = (type: string, lines: readonly string[]): string =>
    [
      `PackageIdentifier: ${IDENTIFIER}`,
      `PackageVersion: ${version}`,
      ...lines,
      `ManifestType: ${type}`,
      `ManifestVersion: ${WINGET_VERSION}`,
      "",
    ].join("\n");
  const installer = (arch: string): string[] => [
    `- Architecture: ${arch}`,
    `  InstallerUrl: ${download(version, `poolscope-${arch}.exe`)}`,
    `  InstallerSha256: ${hashOf(`poolscope-${arch}.exe`).toUpperCase()}`,
  ];
  return {
    [`${IDENTIFIER}.yaml`]: file("version", ["DefaultLocale: en-US"]),
    [`${IDENTIFIER}.installer.yaml`]: file("installer", [
      "InstallerType: portable",
      "MinimumOSVersion: 10.0.0.0",
      "Commands:",
      "- poolscope",
      "Installers:",
      ...installer("x64"),
      ...installer("arm64"),
    ]),
    [`${IDENTIFIER}.locale.en-US.yaml`]: file("defaultLocale", [
      "PackageLocale: en-US",
      "Publisher: poolscope",
      "PackageName: poolscope",
      `PackageUrl: ${HOME}`,
      "License: MIT",
      `ShortDescription: ${SUMMARY}`,
      "Moniker: poolscope",
      "Tags:",
      ...["poolmon", "kernel", "pool", "memory-leak", "driver"].map((tag) => `- ${tag}`),
    ]),
  };
}

/** A Scoop manifest as JSON text. */
export function scoopManifest(version: string, hashOf: HashOf): string {
  const of = (arch: string): object => ({
    url: download(version, `poolscope-${arch}.zip`),
    hash: hashOf(`poolscope-${arch}.zip`),
  });
  const next = (arch: string): object => ({ url: `${HOME}/releases/download/v$version/poolscope-${arch}.zip` });
  const manifest = {
    version,
    description: SUMMARY,
    homepage: HOME,
    license: "MIT",
    architecture: { "64bit": of("x64"), arm64: of("arm64") },
    bin: "poolscope.exe",
    checkver: "github",
    autoupdate: {
      architecture: { "64bit": next("x64"), arm64: next("arm64") },
      hash: { url: "$baseurl/SHA256SUMS" },
    },
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}

/** The files of a Chocolatey package that brings the executable, by path. */
export function chocolateyFiles(version: string, hashOf: HashOf, license: string): Readonly<Record<string, string>> {
  return {
    "poolscope.nuspec": `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd">
  <metadata>
    <id>poolscope</id>
    <version>${version}</version>
    <title>poolscope</title>
    <authors>poolscope</authors>
    <projectUrl>${HOME}</projectUrl>
    <licenseUrl>${HOME}/blob/main/LICENSE</licenseUrl>
    <requireLicenseAcceptance>false</requireLicenseAcceptance>
    <summary>${SUMMARY}</summary>
    <description>${SUMMARY}. Reads live counters, recordings, PoolMon logs and kernel dumps.</description>
    <releaseNotes>${HOME}/releases/tag/v${version}</releaseNotes>
    <tags>poolscope poolmon kernel pool memory-leak driver</tags>
  </metadata>
  <files>
    <file src="tools\\**" target="tools" />
  </files>
</package>
`,
    "tools/LICENSE.txt": license,
    "tools/VERIFICATION.txt": `VERIFICATION
The executable in this package is the one of the release:
  ${download(version, "poolscope-x64.exe")}
It is here as poolscope.exe. Its SHA-256 is
  ${hashOf("poolscope-x64.exe")}
Compare with: Get-FileHash tools\\poolscope.exe -Algorithm SHA256
and with SHA256SUMS of the release. It can be built from the sources with the same hash: npm ci && npm run release -- --twice
`,
  };
}

/** Writes all manifests below a folder. `exe` is the x64 executable that the Chocolatey package brings. */
export function writeManifests(
  folder: string,
  version: string,
  hashes: ReadonlyMap<string, string>,
  exe: string,
): void {
  const hashOf: HashOf = (name) => {
    const hash = hashes.get(name);
    if (hash === undefined) throw new Error(`manifests: ${name} is not in the release`);
    return hash;
  };
  const license = readFileSync(join(ROOT, "LICENSE"), "utf8");
  const write = (manager: string, files: Readonly<Record<string, string>>): void => {
    mkdirSync(join(folder, manager, "tools"), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, manager, name), text);
  };
  mkdirSync(join(folder, "winget"), { recursive: true });
  for (const [name, text] of Object.entries(wingetManifests(version, hashOf)))
    writeFileSync(join(folder, "winget", name), text);
  mkdirSync(join(folder, "scoop"), { recursive: true });
  writeFileSync(join(folder, "scoop/poolscope.json"), scoopManifest(version, hashOf));
  write("chocolatey", chocolateyFiles(version, hashOf, license));
  copyFileSync(exe, join(folder, "chocolatey/tools/poolscope.exe"));
}
