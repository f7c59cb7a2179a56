// Every sample beside the checkout is read with every row accounted for. The counts were taken by hand from the files.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openSources } from "../src/sources/open.ts";

const samples = fileURLToPath(new URL("../../shared/samples/", import.meta.url));
const present = existsSync(samples);
if (!present) console.log(`skipped: no samples at ${samples}`);

/** File, rows, gaps. */
const COUNTS: readonly (readonly [string, number, number])[] = [
  ["poolmon/intel_mfd_poolmon_n_snapshot.txt", 13, 0],
  ["poolmon/msdocs2023_hid_iHid_mapped.txt", 3, 0],
  ["poolmon/msdocs_example-9---detecting-a-pool-memory-leak_02.txt", 4, 0],
  ["poolmon/msdocs_poolmon-display_00.txt", 8, 0],
  ["poolmon/msdocs_poolmon-examples_10.txt", 13, 0],
  ["poolmon/msdocs_poolmon-examples_12.txt", 3, 0],
  ["poolmon/msdocs_poolmon-examples_15.txt", 8, 0],
  ["poolmon/msdocs_poolmon-examples_18.txt", 1, 0],
  ["poolmon/msdocs_poolmon-examples_19.txt", 1, 0],
  ["poolmon/msdocs_poolmon-examples_21.txt", 16, 0],
  ["poolmon/msdocs_poolmon-examples_23.txt", 16, 0],
  ["poolmon/msdocs_poolmon-examples_24.txt", 16, 0],
  ["poolmon/msdocs_poolmon-examples_27.txt", 0, 0],
  ["poolmon/msdocs_using-poolmon-to-find-a-kernel-mode-memory-leak_00.txt", 4, 0],
  ["poolmon/msdocs_using-poolmon-to-find-a-kernel-mode-memory-leak_01.txt", 3, 0],
  // 35 lines of tags, 5 of them in both pools; the dots where the page left rows out are the gap.
  ["windbg/msdocs_poolused_01.txt", 40, 1],
  ["windbg/msdocs_using-the-kernel-debugger-to-find-a-kernel-mode-memory-leak_00.txt", 6, 0],
];

describe.skipIf(!present)("samples beside the checkout", () => {
  test.each(COUNTS)("%s: %i rows, %i gaps", async (name, rows, gaps) => {
    const timeline = await openSources([samples + name]);
    let found = 0;
    let snapshots = 0;
    for await (const snapshot of timeline.snapshots()) {
      snapshots += 1;
      found += snapshot.columns.length;
    }
    expect([snapshots, found, timeline.gaps.length, timeline.problems]).toEqual([1, rows, gaps, []]);
  });
});
