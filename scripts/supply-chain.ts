// What of others is handed out with the program: their licence texts as one file, and a CycloneDX list of them. Both come from the
// lockfile and the installed packages, so neither can be stale.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
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

/** Something of others that is no package of the lockfile, such as Node in the executable. */
export interface OtherPart {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly licenseText: string;
}

/** Optional packages and others that come along all the same, as in the one-file program. */
export interface AlsoHandedOut {
  /** Places below the root, e.g. `node_modules/zod`. */
  readonly places: ReadonlySet<string>;
  readonly others: readonly OtherPart[];
}

const NOTHING_MORE: AlsoHandedOut = { places: new Set(), others: [] };

/** Time of the newest commit: what is built of the same sources carries the same time. The start of 2026 outside of a checkout. */
export function sourceTime(): Date {
  try {
    const seconds = execFileSync("git", ["log", "-1", "--format=%ct"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return new Date(Number(seconds) * 1000);
  } catch {
    return new Date(Date.UTC(2026, 0, 1));
  }
}

/** Only for building, but their code is in the page that is handed out. */
const IN_THE_PAGE = new Set(["node_modules/preact", "node_modules/uplot"]);

/** Packages that users get, by their place below the root; those that are only for building or optional are left out. */
function handedOut(also: AlsoHandedOut): [place: string, found: LockedPackage][] {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(lock.packages).filter(
    ([place, { dev, optional }]) =>
      place !== "" && ((dev !== true && optional !== true) || IN_THE_PAGE.has(place) || also.places.has(place)),
  );
}

/** Third-party notices: each package with its version, its licence and the licence text that it brings. */
export function renderNotices(also: AlsoHandedOut = NOTHING_MORE): string {
  const packages = handedOut(also).map(([place, { version, license }]) => {
    const [file] = globSync(["LICENSE*", "LICENCE*", "license*"], { cwd: join(ROOT, place) });
    const text = file === undefined ? "(brings no licence text)" : readFileSync(join(ROOT, place, file), "utf8").trim();
    return notice(nameOf(place), version, license, text);
  });
  const others = also.others.map(({ name, version, license, licenseText }) =>
    notice(name, version, license, licenseText.trim()),
  );
  return `Packages of others that come with poolscope.\n\n${[...packages, ...others].join(`\n${"-".repeat(80)}\n\n`)}`;
}

function notice(name: string, version = "", license = "not named", text = ""): string {
  return `${name} ${version}\nLicence: ${license}\n\n${text}\n`;
}

function nameOf(place: string): string {
  return place.replace(/^.*node_modules\//, "");
}

interface Sbom {
  serialNumber: string;
  readonly metadata: { timestamp: string };
  readonly components: { readonly purl?: string; readonly [key: string]: unknown }[];
}

/** A CycloneDX list. Its time is that of the sources and its serial number a hash, so that the same sources give the same file. */
export function renderSbom(also: AlsoHandedOut = NOTHING_MORE): string {
  const args = ["sbom", "--omit", "dev", "--omit", "optional", "--sbom-format", "cyclonedx", "--package-lock-only"];
  const npm = { cwd: ROOT, encoding: "utf8", shell: process.platform === "win32" } as const;
  const sbom = JSON.parse(execFileSync("npm", args, npm)) as Sbom;
  const known = new Set(sbom.components.map(({ purl }) => purl));
  const more = handedOut(also).map(([place, { version, license }]) => ({
    name: nameOf(place),
    version,
    license,
    type: "npm",
  }));
  for (const { name, version, license, type } of [
    ...more,
    ...also.others.map((part) => ({ ...part, type: "generic" })),
  ]) {
    const purl = `pkg:${type}/${name.replace("@", "%40")}@${version}`;
    if (known.has(purl)) continue;
    sbom.components.push({
      "bom-ref": `${name}@${version}`,
      type: "library",
      name,
      version,
      purl,
      ...(license === undefined ? {} : { licenses: [{ license: { name: license } }] }),
    });
  }
  sbom.metadata.timestamp = sourceTime().toISOString();
  sbom.serialNumber = "";
  const hash = createHash("sha256").update(JSON.stringify(sbom)).digest("hex");
  sbom.serialNumber = `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

/** Writes THIRD-PARTY-NOTICES.txt and sbom.cdx.json into a folder. */
export function writeSupplyChain(folder: string, also: AlsoHandedOut = NOTHING_MORE): void {
  writeFileSync(join(folder, "THIRD-PARTY-NOTICES.txt"), renderNotices(also));
  writeFileSync(join(folder, "sbom.cdx.json"), renderSbom(also));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(ROOT, "THIRD-PARTY-NOTICES.txt"), renderNotices());
