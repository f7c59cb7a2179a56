// `npm run test:package`: builds the npm package, installs it into an empty folder as a user would, and runs it there.
// Exit code 2 where the npm registry is not reachable, so that a caller can tell that from a failure.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { VERSION } from "../src/cli/version.ts";
import { buildFakeNt } from "../test/build/fakent.ts";
import { buildPackage, PACKAGE } from "./build-package.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-package-"));
const env = { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter) };

function npm(args: readonly string[], cwd: string): string {
  return execFileSync("npm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function poolscope(args: readonly string[], extra: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", "poolscope", ...args], {
    cwd: folder,
    env: { ...env, ...extra },
    encoding: "utf8",
  });
  assert.equal(status, 0, `poolscope ${args.join(" ")}: ${stderr}`);
  return stdout;
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

async function pageOf(): Promise<string> {
  const server = spawn("npx", ["--no-install", "poolscope", "serve", "--port", "0"], {
    cwd: folder,
    env: { ...env, ...fake },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  try {
    for await (const part of server.stdout) {
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(String(part)) ?? [];
      if (address !== undefined) return await (await fetch(address)).text();
    }
    throw new Error("serve ended without an address");
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid);
  }
}

await buildPackage();
const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", folder], PACKAGE)) as Packed[];
assert(packed !== undefined);
const unwanted = packed.files.filter(({ path }) =>
  /\.ts$|\.tsx$|test|node_modules|^(?:bench|scripts|fuzz)\//.test(path),
);
assert.deepEqual(unwanted, []);
console.log(`packed: ${packed.files.length} files, ${packed.size} bytes, ${packed.unpackedSize} unpacked`);

npm(["init", "--yes"], folder);
try {
  npm(["install", "--no-audit", "--no-fund", join(folder, packed.filename)], folder);
} catch (error) {
  console.error(
    `test:package: npm cannot install what the package depends on; is the registry reachable? ${String(error)}`,
  );
  process.exit(2);
}
const library = buildFakeNt();
const fake = library === undefined ? undefined : { POOLSCOPE_NTDLL: library, FAKENT: "tags=300" };

assert.equal(poolscope(["--version"]).trim(), VERSION);
assert.match(poolscope(["demo"]), /1\. Even nonpaged/);
assert.match(poolscope(["tag", "Irp"]), /Irp/);
assert.match(poolscope(["collector"]), /Poolscope\.Collector/);
if (fake === undefined) console.log("gcc is missing: the package was not tried on live data");
else {
  assert.match(poolscope(["poolmon", "/iLeak"], fake), / Leak Nonp +1000 +400 +600 +57600 +96\n/);
  assert.match(await pageOf(), /<script/);
}
rmSync(folder, { recursive: true, force: true });
console.log("installed into an empty folder and run: ok");
