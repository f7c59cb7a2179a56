// Worker thread: scans the files it is sent, one at a time. Everything else is loaded behind the compile cache.

import { enableCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import type { FileFacts } from "./record.ts";

// Without a folder of the user's own, Node would take one in the shared temporary folder.
if (process.env["NODE_COMPILE_CACHE"] !== undefined) enableCompileCache();
const port = parentPort;
if (port !== null) {
  const scanner = Promise.all([import("./scan-file.ts"), import("./tools.ts")]).then(
    async ([{ createFileScanner }, { loadScanTools }]) => createFileScanner(await loadScanTools()),
  );
  port.on("message", (facts: FileFacts) => {
    void scanner.then((scan) => {
      port.postMessage(scan(facts));
    });
  });
}
