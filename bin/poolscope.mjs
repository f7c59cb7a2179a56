#!/usr/bin/env node
// Entry of the program in a checkout. Refuses a Node that is too old in one line, before any newer syntax is loaded.
const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  process.stderr.write(
    `poolscope: needs Node 24 or newer, this is ${process.versions.node} (${process.execPath}); ` +
      "in a checkout start it with `npm run -s poolscope --`, which uses the Node pinned there\n",
  );
  process.exitCode = 2;
} else {
  // Compiled code is kept: the next start takes half the time and 25 MB less. In the user's own folder for caches, where
  // driver-index/index-file.ts keeps its index: what lies in a shared temporary folder may be somebody else's code.
  const { enableCompileCache } = await import("node:module");
  const { homedir } = await import("node:os");
  const { default: path } = await import("node:path");
  const { env, platform } = process;
  const caches =
    platform === "win32"
      ? (env.LOCALAPPDATA ?? path.join(homedir(), "AppData", "Local"))
      : platform === "darwin"
        ? path.join(homedir(), "Library", "Caches")
        : env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  // Workers find it in the environment.
  env.NODE_COMPILE_CACHE ??= path.join(env.POOLSCOPE_CACHE ?? path.join(caches, "poolscope"), "compiled");
  enableCompileCache();
  try {
    const { main } = await import("../src/cli/main.ts");
    await main(process.argv.slice(2), process.argv[1]);
  } catch (error) {
    // 70: an internal error. Node's own 1 would mean that a leak was found.
    process.stderr.write(`poolscope: internal error, please report it: ${error?.stack ?? error}\n`);
    process.exitCode = 70;
  }
}
