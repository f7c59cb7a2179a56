// Worker thread: scans the files it is sent, one at a time. Everything else is loaded behind the compile cache.

import { enableCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import type { FileFacts } from "./record.ts";

enableCompileCache();
const port = parentPort;
if (port !== null) {
  const ready = Promise.all([import("./scan-file.ts"), import("./tools.ts")]);
  port.on("message", (facts: FileFacts) => {
    void ready
      .then(async ([{ scanFile }, { loadScanTools }]) => scanFile(facts, await loadScanTools()))
      .then((record) => {
        port.postMessage(record);
      });
  });
}
