// Bundles the program into one CommonJS file for the single-file program: esbuild, with what lies beside the sources
// (koffi, iced's wasm, data files, the page) replaced by assets.

import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** koffi becomes our own loader, and iced's wasm is read from the assets instead of from beside its script. */
const assetsInPlaceOfFiles: Plugin = {
  name: "assets in place of files",
  setup(context) {
    context.onResolve({ filter: /^koffi$/ }, () => ({ path: `${ROOT}src/cli/exe/ffi.ts` }));
    context.onLoad({ filter: /iced_x86\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const reading = /const path = require\('path'\)[\s\S]*?readFileSync\(path\);/;
      if (!reading.test(source)) throw new Error(`${path} reads its wasm in a new way; adapt scripts/bundle.ts`);
      return {
        contents: source.replace(reading, 'const bytes = require("node:sea").getRawAsset("iced_x86_bg.wasm");'),
        loader: "js",
      };
    });
  },
};

/**
 * `new URL("path", import.meta.url)` in our sources names a file that comes with the program: in the bundle it becomes an
 * asset, written to disk when it is asked for. Their names are the paths from the root of the project; the script of a
 * worker is bundled on its own and ends in .cjs.
 */
function filesBesideSources(assets: Set<string>): Plugin {
  return {
    name: "files beside sources",
    setup(context) {
      context.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (path.includes("/cli/exe/")) return { contents: source, loader: "ts" };
        // The page is built here and handed in by the entry; building it is no part of the program.
        if (path.endsWith("/web/server/build-page.ts")) {
          return { contents: 'export function buildPage() { throw new Error("the page is missing"); }', loader: "ts" };
        }
        const contents = source.replace(/new URL\("(\.[^"]+)", import\.meta\.url\)/g, (_, relativePath: string) => {
          const name = relative(ROOT, join(dirname(path), relativePath)).replace(/\.ts$/, ".cjs");
          assets.add(name);
          return `globalThis.poolscopeAssetUrl(${JSON.stringify(name)})`;
        });
        return { contents, loader: "ts" };
      });
    },
  };
}

/** What tells of others' packages in the bundle is written beside it, once they are known: more than the npm package brings. */
const WRITTEN_BESIDE: ReadonlySet<string> = new Set(["sbom.cdx.json", "THIRD-PARTY-NOTICES.txt"]);

export interface Bundle {
  /** Files the bundle asks for, by the names of their assets. */
  readonly assets: Readonly<Record<string, string>>;
  /** Packages of others that are in it, by their places below the root, with their bytes. */
  readonly packages: ReadonlyMap<string, number>;
}

/** Writes the bundle, and those of its workers, into a folder; the main script is `main.cjs`. */
export async function bundleProgram(folder: string): Promise<Bundle> {
  const names = new Set<string>();
  const packages = new Map<string, number>();
  await bundleOne("src/cli/exe/entry.ts", join(folder, "main.cjs"), names, packages);
  const assets: Record<string, string> = {};
  for (const name of names) {
    const isWorker = name.endsWith(".cjs");
    assets[name] = isWorker || WRITTEN_BESIDE.has(name) ? join(folder, name) : join(ROOT, name);
    if (isWorker) await bundleOne(name.replace(/\.cjs$/, ".ts"), join(folder, name), names, packages);
  }
  return { assets, packages };
}

async function bundleOne(
  entry: string,
  outfile: string,
  assets: Set<string>,
  packages: Map<string, number>,
): Promise<void> {
  const result = await build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    metafile: true,
    absWorkingDir: ROOT,
    platform: "node",
    format: "cjs",
    target: "node26",
    // Names stay, so that the stack of a bug can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    external: ["@duckdb/node-api"],
    define: { "import.meta.url": "globalThis.poolscopeModuleUrl" },
    plugins: [assetsInPlaceOfFiles, filesBesideSources(assets)],
    logLevel: "warning",
  });
  if (result.warnings.length > 0) throw new Error("the bundle has warnings; see above");
  for (const output of Object.values(result.metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const [place] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
      if (place !== undefined) packages.set(place, (packages.get(place) ?? 0) + bytesInOutput);
    }
  }
}
