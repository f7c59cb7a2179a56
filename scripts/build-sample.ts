// Makes data/samples/event-leak.pool, the recording that `poolscope demo` shows, out of the CSV beside it:
// node scripts/build-sample.ts. Same input, same file.

import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { isNewBoot } from "../src/detect/series/boots.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import { openSources } from "../src/sources/open.ts";
import { RecordingWriter } from "../src/store/writer.ts";

const at = (name: string): string => fileURLToPath(new URL(`../data/samples/${name}`, import.meta.url));

/** What the sample is; shown with every output made from it. */
const NOTICE =
  "Sample data: counters of ReactOS 0.4.15, an open-source kernel compatible with Windows Server 2003, in an emulated PC with " +
  "256 MB; this is not Windows. A test program leaks 50 event handles every few seconds for five minutes and then stops.";

const target = at("event-leak.pool");
rmSync(target, { force: true });
const snapshots: Snapshot[] = [];
for await (const snapshot of (await openSources([at("event-leak.csv.gz")])).snapshots()) {
  snapshots.push({
    ...snapshot,
    origin: { ...snapshot.origin, file: "sample recording", notice: NOTICE },
    // What is known of the emulated PC and a file of counters does not tell.
    totals: { ...snapshot.totals, physicalBytes: 256 * 1024 * 1024 },
  });
}
const end = snapshots.at(-1)?.time ?? 0;
const writer = RecordingWriter.open(target, { isNewBoot, now: end, program: "scripts/build-sample.ts" });
writer.append(...snapshots);
writer.close(end);
// Without write-ahead log it can be read where nothing may be written, and it does not tell which process made it.
const db = new DatabaseSync(target);
db.exec("UPDATE session SET pid = NULL; PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM");
db.close();
