// Scans many files on all cores. Few files, or a program without worker files beside it, are scanned in this thread.

import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { unreadRecord, type DriverRecord, type FileFacts } from "./record.ts";
import { createFileScanner } from "./scan-file.ts";
import { loadScanTools } from "./tools.ts";

/** Below this many bytes a worker's start costs more than it saves. */
const WORTH_WORKERS = 8_000_000;
const FILES_AHEAD = 4;
/** A worker's young generation in MB: states of the data flow live shortly, and there are many. */
const YOUNG_GENERATION_MB = 16;

/** Scans files; `onDone` is told after each one how many bytes are done. Order of the records is that of the files. */
export async function scanFiles(
  files: readonly FileFacts[],
  onDone: (bytes: number) => void = () => {},
): Promise<DriverRecord[]> {
  // A scan is over before V8's last compiler has paid for itself: a quarter of the processor time of a first pass.
  setFlagsFromString("--no-turbofan");
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const workers = total < WORTH_WORKERS ? 1 : Math.min(availableParallelism(), files.length, 16);
  const records = new Map<string, DriverRecord>();
  let done = 0;
  const keep = (record: DriverRecord): void => {
    records.set(record.file, record);
    done += record.size;
    onDone(done);
  };
  // Largest first, so that no worker ends with a long file of its own.
  const queue = [...files].sort((a, b) => b.size - a.size);
  const started = workers > 1 ? startWorkers(workers - 1) : [];
  await Promise.all([scanHere(queue, keep), ...started.map(async (worker) => feed(worker, queue, keep))]);
  return files.map((file) => records.get(file.file) ?? unreadRecord(file, "not read: the scan was broken off"));
}

async function scanHere(queue: FileFacts[], keep: (record: DriverRecord) => void): Promise<void> {
  const scan = createFileScanner(await loadScanTools());
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    keep(scan(next));
    // Lets the messages of the workers in.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function startWorkers(count: number): Worker[] {
  try {
    return Array.from(
      { length: count },
      () =>
        new Worker(new URL("./worker.ts", import.meta.url), {
          resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
        }),
    );
  } catch {
    return [];
  }
}

/**
 * Feeds one worker until the queue is empty, a few files ahead, so that it need not wait while this thread scans. A worker
 * that dies takes the files it had been given with it; they are then said to be unread.
 */
async function feed(worker: Worker, queue: FileFacts[], keep: (record: DriverRecord) => void): Promise<void> {
  const given = new Map<string, FileFacts>();
  await new Promise<void>((resolve) => {
    const next = (): void => {
      while (given.size < FILES_AHEAD) {
        const facts = queue.shift();
        if (facts === undefined) break;
        given.set(facts.file, facts);
        worker.postMessage(facts);
      }
      if (given.size === 0) resolve();
    };
    worker.on("message", (record: DriverRecord) => {
      given.delete(record.file);
      keep(record);
      next();
    });
    worker.on("exit", () => {
      for (const facts of given.values()) keep(unreadRecord(facts, "not read: the thread that had it ended"));
      resolve();
    });
    worker.on("error", (error) => {
      for (const facts of given.values()) keep(unreadRecord(facts, `not read: ${error.message}`));
      given.clear();
      resolve();
    });
    next();
  });
  await worker.terminate();
}
