// Rebuilds test/fixtures/drivers from the C sources: `node test/build/drivers/make-fixtures.ts`.

import { mkdtempSync, readdirSync, renameSync, rmSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDriver, isInstalled, patternNames, TOOLCHAINS } from "./build.ts";

const target = fileURLToPath(new URL("../../fixtures/drivers/", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "drivers-"));
mkdirSync(target, { recursive: true });
for (const toolchain of TOOLCHAINS.filter((each) => isInstalled(each))) {
  for (const name of patternNames(toolchain)) {
    const driver = buildDriver(name, toolchain, work);
    renameSync(driver, join(target, basename(driver)));
  }
}
rmSync(work, { recursive: true });
console.log(`${readdirSync(target).length} files in ${target}`);
