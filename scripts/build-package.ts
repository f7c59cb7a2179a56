// Builds the npm package into dist/package (npm run build:package): compiled JavaScript, the page, data, and a package.json
// with what a user needs and nothing for development. `npm pack` or `npm publish` is then run in that folder.

import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPage } from "../src/web/server/build-page.ts";
import { writeSupplyChain } from "./supply-chain.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The folder of the package. */
export const PACKAGE = join(ROOT, "dist/package");

/** Needed for one output format each and large, so they are installed only by those who want them. */
const ON_REQUEST = ["@duckdb/node-api", "@modelcontextprotocol/sdk", "zod"];

/** The manual page, which npm links into the system's own where it installs for all. */
const MAN_PAGE = "man/poolscope.1";

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export async function buildPackage(): Promise<void> {
  rmSync(PACKAGE, { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", join(ROOT, "tsconfig.build.json")],
    {
      stdio: "inherit",
    },
  );
  for (const file of globSync("src/**/*.js", { cwd: PACKAGE })) {
    const path = join(PACKAGE, file);
    const source = readFileSync(path, "utf8");
    // The compiler renames what is imported, not the scripts that workers are started from.
    const renamed = source.replace(/(new URL\("\.[^"]+)\.ts(", import\.meta\.url\))/g, "$1.js$2");
    if (renamed !== source) writeFileSync(path, renamed);
  }
  rmSync(join(PACKAGE, "src/web/server/build-page.js"));
  const page = await buildPage();
  mkdirSync(join(PACKAGE, "src/web/page"), { recursive: true });
  writeFileSync(join(PACKAGE, "src/web/page/page.js"), page.script);
  writeFileSync(join(PACKAGE, "src/web/page/page.css"), page.style);
  cpSync(join(ROOT, "data"), join(PACKAGE, "data"), { recursive: true });
  mkdirSync(join(PACKAGE, "bin"));
  const entry = readFileSync(join(ROOT, "bin/poolscope.mjs"), "utf8");
  if (!entry.includes("../src/cli/main.ts"))
    throw new Error("bin/poolscope.mjs starts something else than src/cli/main.ts");
  writeFileSync(join(PACKAGE, "bin/poolscope.mjs"), entry.replace("../src/cli/main.ts", "../src/cli/main.js"), {
    mode: 0o755,
  });
  for (const file of ["README.md", "CHANGELOG.md", "LICENSE"]) cpSync(join(ROOT, file), join(PACKAGE, file));
  mkdirSync(join(PACKAGE, "man"));
  const manual = execFileSync(process.execPath, [join(ROOT, "bin/poolscope.mjs"), "--man"]);
  writeFileSync(join(PACKAGE, MAN_PAGE), manual);
  writeSupplyChain(PACKAGE);
  const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as PackageFile;
  writeFileSync(join(PACKAGE, "package.json"), `${JSON.stringify(publicPackage(own), null, 2)}\n`);
}

function publicPackage(own: PackageFile): Record<string, unknown> {
  const { name, version, description, license, bin, type, engines, dependencies, optionalDependencies } = own;
  const imported = importedPackages();
  const unknown = [...imported].filter((each) => !(each in dependencies) && !(each in optionalDependencies));
  if (unknown.length > 0) throw new Error(`imported, but no dependency: ${unknown.join(", ")}`);
  const onRequest = ON_REQUEST.filter((each) => each in optionalDependencies);
  return {
    name,
    version,
    description,
    license,
    keywords: ["windows", "kernel", "pool", "poolmon", "memory-leak", "driver"],
    type,
    bin,
    man: [`./${MAN_PAGE}`],
    engines,
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([each]) => imported.has(each))),
    peerDependencies: Object.fromEntries(onRequest.map((each) => [each, optionalDependencies[each]])),
    peerDependenciesMeta: Object.fromEntries(onRequest.map((each) => [each, { optional: true }])),
  };
}

/** Packages that the compiled files import. */
function importedPackages(): Set<string> {
  const names = new Set<string>();
  for (const file of globSync("src/**/*.js", { cwd: PACKAGE })) {
    const source = readFileSync(join(PACKAGE, file), "utf8");
    for (const [, name = ""] of source.matchAll(/^import [^"]*"((?:@[^/"]+\/)?[^./"][^/":]*)(?:\/[^"]*)?"/gm))
      names.add(name);
    for (const [, name = ""] of source.matchAll(/\bimport\("((?:@[^/"]+\/)?[^./"][^/":]*)(?:\/[^"]*)?"\)/g))
      names.add(name);
  }
  names.delete("node");
  return names;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPackage();
  console.log(`${PACKAGE}: run npm pack or npm publish there`);
}
