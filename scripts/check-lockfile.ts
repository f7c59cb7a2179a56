// `npm run check:lockfile`: every package is pinned by its hash, the lockfile is whole and belongs to package.json, and only
// packages that are named here may run a script when they are installed. CI runs it before anything is installed.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Packages with an install script, and what it does. */
export const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  esbuild: "puts the binary of this system in place of a JavaScript shim",
  koffi: "takes the prebuilt library of this system, or builds it",
};

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

interface Manifest {
  readonly [field: string]: unknown;
}

const GROUPS = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/** Engines that begin above Node 20, which may be the one that runs npm (the program runs on its own Node). */
const NOT_NODE_20 = /^>=\s?2[1-9]/;

/** What is wrong with a lockfile, a line each; none where it is sound. */
export function lockfileFaults(
  own: Manifest,
  lock: { readonly packages: Readonly<Record<string, LockedPackage>> },
): string[] {
  const faults: string[] = [];
  const root = lock.packages[""] ?? {};
  for (const group of GROUPS) {
    if (JSON.stringify(sorted(own[group])) !== JSON.stringify(sorted(root[group])))
      faults.push(`${group} of package.json and of the lockfile differ: run npm install --package-lock-only`);
  }
  for (const [place, found] of Object.entries(lock.packages)) {
    if (place === "" || found.link === true) continue;
    const name = place.replace(/^.*node_modules\//, "");
    if (!/^sha(?:512|384)-/.test(found.integrity ?? ""))
      faults.push(`${place} ${found.version ?? ""}: no SHA-512 of its content`);
    if (found.resolved !== undefined && !found.resolved.startsWith("https://"))
      faults.push(`${place}: comes from ${found.resolved}, not from a registry over HTTPS`);
    if (found.hasInstallScript === true && !Object.hasOwn(INSTALL_SCRIPTS, name))
      faults.push(`${place}: runs a script when it is installed and is not listed in scripts/check-lockfile.ts`);
    if (found.optional === true && found.dev !== true && NOT_NODE_20.test(found.engines?.["node"] ?? ""))
      faults.push(`${place}: is optional and not for Node 20, so npm of Node 20 leaves it out without a word`);
    for (const needed of Object.keys(found.dependencies ?? {}))
      if (!isFound(place, needed, lock.packages))
        faults.push(`${place}: needs ${needed}, which the lockfile does not hold: run npm install --package-lock-only`);
  }
  return faults;
}

/** Whether a package is locked where Node looks for it from `place`: its own node_modules, then each one above. */
function isFound(place: string, name: string, packages: Readonly<Record<string, LockedPackage>>): boolean {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/")))) {
    if (Object.hasOwn(packages, `${from}${from === "" ? "" : "/"}node_modules/${name}`)) return true;
    if (from === "") return false;
  }
}

function sorted(value: unknown): unknown {
  return Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const read = (name: string): never =>
    JSON.parse(readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8")) as never;
  const faults = lockfileFaults(read("package.json"), read("package-lock.json"));
  for (const fault of faults) console.error(`check:lockfile: ${fault}`);
  for (const [name, does] of Object.entries(INSTALL_SCRIPTS)) console.log(`install script of ${name}: ${does}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
