// What this program is made of: read from the CycloneDX list that builds put beside it.

import { readFileSync } from "node:fs";
import { isSea } from "node:sea";
import { VERSION, type MadeOf } from "./version.ts";

/** The answer to `--version --json`. */
export function readMadeOf(): MadeOf {
  const components = readComponents();
  return {
    version: VERSION,
    form: isSea() ? "exe" : components === undefined ? "checkout" : "package",
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    ...(components === undefined ? {} : { components }),
  };
}

function readComponents(): MadeOf["components"] {
  try {
    const text = readFileSync(new URL("../../sbom.cdx.json", import.meta.url), "utf8");
    const { components } = JSON.parse(text) as { components: { name: string; version: string }[] };
    return components.map(({ name, version }) => ({ name, version }));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
