// Worker thread: scans the files it is sent, one at a time.

import { parentPort } from "node:worker_threads";
import type { FileFacts } from "./record.ts";
import { scanFile } from "./scan-file.ts";
import { loadScanTools } from "./tools.ts";

const port = parentPort;
if (port !== null) {
  port.on("message", (facts: FileFacts) => {
    void loadScanTools()
      .then(async (tools) => scanFile(facts, tools))
      .then((record) => {
        port.postMessage(record);
      });
  });
}
