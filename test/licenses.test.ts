// `--licenses` of the one-file program names every package of others that is built into it, and Node itself.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleProgram } from "../scripts/bundle.ts";
import { writeSupplyChain } from "../scripts/supply-chain.ts";

test("the notices in the bundle are those of the bundle", async () => {
  const work = mkdtempSync(join(tmpdir(), "poolscope-licenses-"));
  try {
    const { assets, packages } = await bundleProgram(work);
    const node = { name: "node", version: "26.0.0", license: "MIT and others", licenseText: "Node's own text" };
    writeSupplyChain(work, { places: new Set([...packages.keys(), "node_modules/koffi"]), others: [node] });
    // What the program reads for `--licenses` is the asset of this name.
    const asset = assets["THIRD-PARTY-NOTICES.txt"];
    expect(asset).toBe(join(work, "THIRD-PARTY-NOTICES.txt"));
    const notices = readFileSync(asset ?? "", "utf8");
    expect(notices).toContain("node 26.0.0\nLicence: MIT and others\n\nNode's own text");
    const places = [...packages.keys()];
    expect(places.length).toBeGreaterThan(10);
    for (const place of places) {
      const { name, version } = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as Record<string, string>;
      expect(notices).toContain(`${name} ${version}\nLicence: `);
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}, 120_000);
