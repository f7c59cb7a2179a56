// Every sample of every source, through a recording and back.

import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isKnownError } from "../src/model/errors.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import { openSources } from "../src/sources/open.ts";
import { readRecording, temporaryFolder, writeRecording } from "../src/store/recording.test-support.ts";

const samples = fileURLToPath(new URL("../../shared/samples", import.meta.url));
if (!existsSync(samples))
  process.stderr.write("no samples beside the checkout: their way through a recording is not tested\n");

test.skipIf(!existsSync(samples))("whatever a source tells of a snapshot comes out of a recording again", async () => {
  const folder = temporaryFolder();
  const files = ["poolmon/*.txt", "windbg/*.txt", "nt-kernel/*/*.bin", "nt-kernel/*/*.csv.gz"]
    .flatMap((pattern) => globSync(join(samples, pattern)))
    .sort();
  let compared = 0;
  for (const file of files) {
    const snapshots: Snapshot[] = [];
    try {
      for await (const snapshot of (await openSources([file])).snapshots()) snapshots.push(snapshot);
    } catch (error) {
      // Not every debugger session in the folder is one of pool counters.
      if (!isKnownError(error)) throw error;
      continue;
    }
    const recording = join(folder, String(compared++));
    writeRecording(recording, snapshots);
    expect(readRecording(recording), basename(file)).toEqual({ snapshots, gaps: [] });
  }
  expect(compared).toBeGreaterThan(15);
});
