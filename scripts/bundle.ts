// Bundles the program into one CommonJS file for the single-file program: esbuild, with what lies beside the sources
// (koffi, iced's wasm, data files, the page) replaced by assets.

import { readFile } from "node:fs/promises";
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

/** Writes the bundle to `outfile` and answers its size in bytes. */
export async function bundleProgram(outfile: string): Promise<number> {
  const result = await build({
    entryPoints: [`${ROOT}src/cli/exe/entry.ts`],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node26",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    external: ["@duckdb/node-api"],
    plugins: [assetsInPlaceOfFiles],
    metafile: true,
    logLevel: "warning",
  });
  return Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
}
