// The processes of record-soak.ts: a recorder that appends without a pause (and thins all the time), or a reader that reads
// without a pause.

import { writeSync } from "node:fs";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { createLiveSampler } from "../src/sources/windows-live/sampler.ts";
import { RecordingReader } from "../src/store/reader.ts";
import { thin } from "../src/store/thin.ts";
import { crashNotice, RecordingWriter } from "../src/store/writer.ts";

const [file = "", mode] = process.argv.slice(2);

function say(event: object): void {
  writeSync(1, `${JSON.stringify(event)}\n`);
}

async function record(): Promise<void> {
  const sampler = await createLiveSampler();
  const writer = RecordingWriter.open(file, { isNewBoot, now: Date.now(), durable: true });
  say({ event: "started", crashed: crashNotice(writer.previous, writer.last) });
  // Each time is used once, so that a snapshot can be told by it.
  let time = Math.max(Date.now(), (writer.last?.time ?? 0) + 1);
  for (let n = 1; ; n++) {
    writer.append({ ...sampler.sample(), time });
    say({ event: "written", time: new Date(time).toISOString() });
    // As if a minute passed, so that there is old history to thin.
    time += mode === "thinning" ? 60_000 : 1;
    if (mode === "thinning" && n % 20 === 0) {
      thin(writer.db, file, time, { least: 1 });
      writer.reload();
    }
  }
}

function read(): void {
  for (;;) {
    const reader = RecordingReader.open(file);
    let count = 0;
    let last = 0;
    for (const { time } of reader.steps()) {
      if (time <= last) writeSync(1, `times out of order: ${last}, ${time}\n`);
      last = time;
      count += 1;
    }
    for (const { problem } of reader.gaps) writeSync(1, `${problem}\n`);
    reader.close();
    writeSync(1, count > 0 ? "read\n" : "nothing read\n");
  }
}

if (mode === "read") read();
else await record();
