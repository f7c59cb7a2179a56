// `npm run test:windows`: says what is missing, else runs the Windows build under Wine. Installs nothing. Exit code 2 where
// something is missing, so that a caller can tell that from a failure.

import { spawnSync } from "node:child_process";
import { RegistryError } from "./node-packages.ts";
import { buildExe } from "./build-exe.ts";

const NEEDED = [
  { command: "wine", from: "wine64 and wine" },
  { command: "wineserver", from: "wine" },
  { command: "x86_64-w64-mingw32-gcc", from: "mingw-w64" },
];

const missing = NEEDED.filter(({ command }) => spawnSync("sh", ["-c", `command -v ${command}`]).status !== 0);
if (missing.length > 0) {
  console.error(`test:windows: missing: ${missing.map(({ command }) => command).join(", ")}`);
  console.error(
    "  on Debian: apt-get install --no-install-recommends wine64 wine mingw-w64 (osslsigncode and tmux if wanted)",
  );
  process.exit(2);
}
try {
  const { path } = await buildExe("x64");
  console.log(`built ${path}`);
} catch (error) {
  if (!(error instanceof RegistryError)) throw error;
  console.error(`test:windows: ${error.message}`);
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.windows.config.ts"],
  {
    stdio: "inherit",
  },
);
process.exitCode = status ?? 1;
