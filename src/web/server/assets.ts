// The built page: beside this module where the program was packaged, else bundled on the spot from `page/` (a checkout).
// An executable without files hands its own in through `setPageAssets`.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { PageAssets } from "./html.ts";

let assets: Promise<PageAssets> | undefined;

/** Uses these instead of looking for files. */
export function setPageAssets(given: PageAssets): void {
  assets = Promise.resolve(given);
}

/** The page's script and style sheet; built once a process, about 0.2 s from sources. */
export function pageAssets(): Promise<PageAssets> {
  assets ??= readBuilt().then(async (built) => built ?? (await import("./build-page.ts")).buildPage());
  return assets;
}

async function readBuilt(): Promise<PageAssets | undefined> {
  const read = (name: string): Promise<string> => readFile(fileURLToPath(new URL(name, import.meta.url)), "utf8");
  try {
    const [script, style] = await Promise.all([read("../page/page.js"), read("../page/page.css")]);
    return { script, style };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
