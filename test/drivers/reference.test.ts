// Real drivers against a reference that was made independently; they lie beside the checkout and cannot be part of it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadScanTools } from "../../src/driver-index/tools.ts";
import { scanDriver } from "../../src/drivers/scan.ts";
import { bookedTag } from "../../src/model/tag.ts";

const folder = fileURLToPath(new URL("../../../shared/tagbench/", import.meta.url));
const isThere = existsSync(join(folder, "reference.json"));
if (!isThere) console.log(`reference.test.ts: ${folder} is not there, so real drivers are not tested`);

interface Reference {
  readonly drivers: readonly {
    readonly file: string;
    readonly machine: string;
    readonly tags?: readonly { readonly tag: string; readonly api: string; readonly rva: string }[];
    readonly truth?: {
      readonly required: readonly { readonly tag: string }[];
      readonly optional: readonly { readonly tag: string }[];
      readonly extra_known: readonly unknown[];
      readonly neutral: readonly unknown[];
    };
  }[];
}

test.skipIf(!isThere)(
  "finds every required tag of 33 real drivers as proven, nearly every call site, and hardly any other",
  async () => {
    const tools = await loadScanTools();
    const { drivers } = JSON.parse(readFileSync(join(folder, "reference.json"), "utf8")) as Reference;
    let sites = 0;
    let sitesFound = 0;
    for (const { file, machine, tags = [], truth } of drivers) {
      const scan = scanDriver(readFileSync(join(folder, "drivers", file)), file.replace(/\.sys$/, ""), tools);
      expect(scan.machine, file).toBe(machine);
      const proven = scan.tags.filter(({ tier }) => tier === "proven");
      const found = new Set(proven.map(({ tag }) => tag));
      const required = (truth?.required ?? []).map(({ tag }) => bookedTag(Number(tag)));
      expect(
        required.filter((tag) => !found.has(tag)),
        file,
      ).toEqual([]);
      const noted = new Set(tags.map(({ tag }) => bookedTag(Number(tag))));
      if ((truth?.extra_known.length ?? 0) + (truth?.neutral.length ?? 0) === 0) {
        expect(
          [...found].filter((tag) => !noted.has(tag)),
          file,
        ).toEqual([]);
      }
      const uses = new Set(
        scan.tags.flatMap(({ tag, uses: all }) => all.map(({ api, rva }) => `${tag} ${api} ${rva}`)),
      );
      sites += tags.length;
      sitesFound += tags.filter(({ tag, api, rva }) =>
        uses.has(`${bookedTag(Number(tag))} ${api} ${Number(rva)}`),
      ).length;
    }
    expect(sitesFound / sites).toBeGreaterThan(0.99);
  },
);
