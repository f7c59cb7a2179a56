// What of others is handed out with the program: their licence texts as one file, and a CycloneDX list of them. Both come from the
// lockfile and the installed packages, so neither can be stale.

import { execFileSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

/** Packages that users get, by their place below the root; those that are only for building or optional are left out. */
function handedOut(): [place: string, found: LockedPackage][] {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(lock.packages).filter(
    ([place, { dev, optional }]) => place !== "" && dev !== true && optional !== true,
  );
}

/** Third-party notices: each package with its version, its licence and the licence text that it brings. */
export function renderNotices(): string {
  const parts = handedOut().map(([place, { version, license }]) => {
    const [file] = globSync(["LICENSE*", "LICENCE*", "license*"], { cwd: join(ROOT, place) });
    const text = file === undefined ? "(brings no licence text)" : readFileSync(join(ROOT, place, file), "utf8").trim();
    return `${place.replace(/^.*node_modules\//, "")} ${version ?? ""}\nLicence: ${license ?? "not named"}\n\n${text}\n`;
  });
  return `Packages of others that come with poolscope.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** Writes THIRD-PARTY-NOTICES.txt and sbom.cdx.json into a folder. */
export function writeSupplyChain(folder: string): void {
  writeFileSync(join(folder, "THIRD-PARTY-NOTICES.txt"), renderNotices());
  const args = ["sbom", "--omit", "dev", "--omit", "optional", "--sbom-format", "cyclonedx", "--package-lock-only"];
  const sbom = execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", shell: process.platform === "win32" });
  writeFileSync(join(folder, "sbom.cdx.json"), sbom);
}
