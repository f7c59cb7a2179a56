// Bundles the page with esbuild, in memory. Development and packaging only: a packaged program carries the result.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { PageAssets } from "./html.ts";

const NOTICE =
  "/*! poolscope dashboard, MIT. With Preact, (c) 2015-present Jason Miller, MIT licence, " +
  "and uPlot, (c) 2019-present Leon Sorokin, MIT licence. */";

/** One script and one style sheet, both minified, for browsers of 2022 and later. */
export async function buildPage(): Promise<PageAssets> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("../page/page.tsx", import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    outdir: "page",
    format: "iife",
    target: ["chrome105", "firefox105", "safari16"],
    jsx: "automatic",
    jsxImportSource: "preact",
    banner: { js: NOTICE },
    legalComments: "none",
    charset: "utf8",
    logLevel: "silent",
  });
  const text = (extension: string): string =>
    result.outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? "";
  return { script: text(".js"), style: text(".css") };
}
