// Snapshots as JSON lines (`poolscope export --format jsonl`) as a SOURCE.

import { parseSnapshotLine, SNAPSHOT_LINE } from "../formats/snapshot-lines.ts";
import { FormatError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { FileFormat, ReadContext } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";

/** A line holds a whole snapshot; 64 MiB are a million rows. */
const MOST_BYTES = 64 * 1024 * 1024;

export const snapshotLinesFile: FileFormat = {
  id: "jsonl",
  title: "JSON lines",
  readAhead: true,
  isFormat: (file) => SNAPSHOT_LINE.test(new TextDecoder().decode(file.head.subarray(0, 64))),
  read: readLines,
};

async function* readLines(file: InputFile, context: ReadContext): AsyncIterable<Snapshot> {
  let number = 0;
  let newest = Number.NEGATIVE_INFINITY;
  for await (const text of linesOf(file, context)) {
    number += 1;
    if (text === "") continue;
    try {
      const snapshot = parseSnapshotLine(text);
      if (snapshot.time < newest)
        throw new FormatError("jsonl", "the snapshots are not in time order", { file: file.path, line: number });
      newest = snapshot.time;
      yield snapshot;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      context.gap({ where: `${file.path}:${number}`, problem: error.problem });
    }
  }
}

/** Lines of text; a last one without its line break counts, one that never ends is refused. */
async function* linesOf(file: InputFile, context: ReadContext): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of file.content((bytes) => context.progress(bytes))) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MOST_BYTES)
      throw new FormatError("jsonl", "a line never ends", { file: file.path, found: `${rest.length} characters` });
    yield* lines;
  }
  if (rest !== "") yield rest;
}
