// `npm run release`: everything a release hands out, into dist/release: executables and their zips, the npm package, the collector,
// the PowerShell module, manifests of package managers, notices, SBOM, notes, SHA256SUMS. `--twice` builds all of it twice and compares.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { renderCollectorScript } from "../src/cli/collector/script.ts";
import { VERSION } from "../src/cli/version.ts";
import { buildExe } from "./build-exe.ts";
import { buildPackage, PACKAGE } from "./build-package.ts";
import { changelogSection } from "./changelog.ts";
import { writeManifests } from "./manifests.ts";
import { BUILD, RegistryError } from "./node-packages.ts";
import { certificateOf, signExecutable, type Certificate } from "./sign-exe.ts";
import { sourceTime } from "./supply-chain.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Where a release is built. */
export const RELEASE = join(ROOT, "dist/release");

const ARCHITECTURES = ["x64", "arm64"] as const;

interface Built {
  readonly missing: readonly string[];
}

async function buildRelease(certificate: Certificate | undefined): Promise<Built> {
  rmSync(RELEASE, { recursive: true, force: true });
  mkdirSync(RELEASE, { recursive: true });
  const missing: string[] = [];
  await buildPackage();
  execFileSync("npm", ["pack", "--silent", "--pack-destination", RELEASE], { cwd: PACKAGE });
  for (const arch of ARCHITECTURES) {
    try {
      await buildOneExe(arch, certificate);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      missing.push(`poolscope-${arch}.exe: ${error.message}`);
    }
  }
  writeFileSync(join(RELEASE, "collect.ps1"), renderCollectorScript());
  const module = join(ROOT, "powershell/Poolscope");
  zip(
    join(RELEASE, "Poolscope-module.zip"),
    readdirSync(module).map((name) => join(module, name)),
    "Poolscope",
  );
  if (missing.length === ARCHITECTURES.length) copySupplyChain(PACKAGE);
  const notes = changelogSection(readFileSync(join(ROOT, "CHANGELOG.md"), "utf8"), VERSION);
  const state = certificate === undefined ? "The executables of this build are not signed.\n\n" : "";
  writeFileSync(join(RELEASE, "RELEASE-NOTES.md"), `${state}${notes}\n`);
  const sums = hashes();
  writeFileSync(join(RELEASE, "SHA256SUMS"), [...sums].map(([name, hash]) => `${hash}  ${name}\n`).join(""));
  if (missing.length === 0)
    writeManifests(join(RELEASE, "manifests"), VERSION, sums, join(RELEASE, "poolscope-x64.exe"));
  return { missing };
}

async function buildOneExe(arch: (typeof ARCHITECTURES)[number], certificate: Certificate | undefined): Promise<void> {
  rmSync(join(BUILD, `exe-${arch}`), { recursive: true, force: true });
  const { path, notices, sbom } = await buildExe(arch);
  const exe = join(RELEASE, `poolscope-${arch}.exe`);
  copyFileSync(path, exe);
  if (certificate !== undefined) signExecutable(exe, certificate);
  copyFileSync(notices, join(RELEASE, "THIRD-PARTY-NOTICES.txt"));
  copyFileSync(sbom, join(RELEASE, `sbom-${arch}.cdx.json`));
  const folder = join(BUILD, `zip-${arch}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(exe, join(folder, "poolscope.exe"));
  copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  copyFileSync(notices, join(folder, "THIRD-PARTY-NOTICES.txt"));
  zip(
    join(RELEASE, `poolscope-${arch}.zip`),
    ["poolscope.exe", "LICENSE", "THIRD-PARTY-NOTICES.txt"].map((name) => join(folder, name)),
  );
}

function copySupplyChain(from: string): void {
  for (const name of ["THIRD-PARTY-NOTICES.txt", "sbom.cdx.json"]) copyFileSync(join(from, name), join(RELEASE, name));
}

/** A zip whose bytes depend on its files alone: no owners, and the time of the sources. */
function zip(path: string, files: readonly string[], folder = ""): void {
  const work = join(BUILD, "zip-work");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, folder), { recursive: true });
  const names = files.map((file) => join(folder, basename(file))).toSorted();
  for (const file of files) {
    const copy = join(work, folder, basename(file));
    cpSync(file, copy);
    utimesSync(copy, sourceTime(), sourceTime());
  }
  execFileSync("zip", ["-X", "-9", "-q", path, ...names], { cwd: work, env: { ...process.env, TZ: "UTC" } });
  rmSync(work, { recursive: true, force: true });
}

/** SHA-256 of each file of the release, by name. */
function hashes(): ReadonlyMap<string, string> {
  const names = readdirSync(RELEASE, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names
      .map(({ name }) => name)
      .toSorted()
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(RELEASE, name)))
          .digest("hex"),
      ]),
  );
}

async function run(): Promise<number> {
  const { values } = parseArgs({ options: { twice: { type: "boolean", default: false }, tag: { type: "string" } } });
  if (values.tag !== undefined && values.tag !== `v${VERSION}`)
    throw new Error(`the tag is ${values.tag}, and the program's version is ${VERSION}: they must agree`);
  const certificate = certificateOf(process.env);
  const { missing } = await buildRelease(certificate);
  const first = hashes();
  if (values.twice) {
    // A time stamp of a server differs each time, so signed files are compared before they are signed.
    if (certificate !== undefined) await buildRelease(undefined);
    const before = certificate === undefined ? first : hashes();
    await buildRelease(undefined);
    const after = hashes();
    const different = [...before].filter(([name, hash]) => after.get(name) !== hash).map(([name]) => name);
    if (different.length > 0 || before.size !== after.size)
      throw new Error(`built twice and not the same: ${different.join(", ")}`);
    console.log(`built twice: ${after.size} files with the same hashes`);
    if (certificate !== undefined) await buildRelease(certificate);
  }
  for (const name of hashes().keys()) {
    console.log(`${(statSync(join(RELEASE, name)).size / 1e6).toFixed(1).padStart(7)} MB  ${name}`);
  }
  for (const line of missing) console.error(`release: left out: ${line}`);
  return missing.length > 0 ? 2 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await run();
  } catch (error) {
    console.error(`release: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
