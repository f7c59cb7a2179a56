// `npm run bench:linear`: ten times the input may take at most twelve times the processor time, for every reader of text, on rows as
// they should be and on what makes careless readers quadratic.

import { fileURLToPath } from "node:url";
import { collectorFormat } from "../src/formats/collector.ts";
import { csvFormat } from "../src/formats/csv.ts";
import { poolusedFormat } from "../src/formats/debugger/session.ts";
import { repairText } from "../src/formats/paste/repair.ts";
import { poolmonFormat } from "../src/formats/poolmon.ts";
import { parsePoolTagFile } from "../src/formats/pooltag-file.ts";
import { parseSnapshotLine } from "../src/formats/snapshot-lines.ts";
import { parseText } from "../src/formats/text-format.test-support.ts";
import { isKnownError } from "../src/model/errors.ts";

/** Above ten by what noise of the clock and a larger heap cost. */
export const MOST_RATIO = 12;
/** The small input takes this long at least: the processor's clock goes in steps of 4 ms, and 60 make 15 of them. */
const SMALLEST_MS = 60;
const TIMES = 10;
const LARGEST = 40 << 20;

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  poolmon: (text) => parseText(poolmonFormat, text),
  poolused: (text) => parseText(poolusedFormat, text),
  csv: (text) => parseText(csvFormat, text),
  collector: (text) => parseText(collectorFormat, text),
  paste: repairText,
  pooltag: (text) => parsePoolTagFile(Buffer.from(text, "latin1"), "bench"),
  "snapshot-line": parseSnapshotLine,
};

const shapes: Readonly<Record<string, string>> = {
  rows: " Leak Nonp       1200 (  10)       200 (   0)     1000    64000 (  640)     64\n",
  newlines: "\n",
  spaces: " ",
  "spaces then a line": `${" ".repeat(60)}\n`,
  quotes: '"',
  digits: "9",
  commas: ",",
};

export interface Scaling {
  readonly reader: string;
  readonly shape: string;
  readonly bytes: number;
  readonly ms: number;
  /** Processor time of ten times as much, as a multiple. */
  readonly ratio: number;
}

function cpuMs(read: (text: string) => unknown, text: string): number {
  const before = process.threadCpuUsage();
  try {
    read(text);
  } catch (error) {
    if (!isKnownError(error)) throw error;
  }
  // Neither the system's share (fresh pages) nor what collects garbage beside.
  return process.threadCpuUsage(before).user / 1000;
}

/** The middle of a few runs: one step of the clock more or less decides nothing. */
function middleMs(read: (text: string) => unknown, text: string, runs: number): number {
  const times = Array.from({ length: runs }, () => cpuMs(read, text)).sort((a, b) => a - b);
  return times[Math.floor(runs / 2)] ?? 0;
}

/** Every reader on every shape. A shape that is refused at once at any size has a ratio near 0. */
export function* scalings(): Generator<Scaling> {
  for (const [reader, read] of Object.entries(readers)) {
    for (const [shape, piece] of Object.entries(shapes)) {
      const text = (size: number): string => piece.repeat(Math.ceil(size / piece.length));
      let bytes = 4096;
      while (bytes * TIMES < LARGEST && cpuMs(read, text(bytes)) < SMALLEST_MS) bytes *= 2;
      // What never takes that long is held against it all the same: a square would.
      const large = middleMs(read, text(bytes * TIMES), 3);
      const ms = middleMs(read, text(bytes), 5);
      yield { reader, shape, bytes, ms, ratio: large / Math.max(ms, SMALLEST_MS) };
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let worst = 0;
  for (const { reader, shape, bytes, ms, ratio } of scalings()) {
    worst = Math.max(worst, ratio);
    console.log(
      `${reader.padEnd(14)} ${shape.padEnd(20)} ${String(bytes).padStart(8)} bytes ${ms.toFixed(1).padStart(7)} ms  x${ratio.toFixed(1)}`,
    );
  }
  console.log(`10x input takes at most ${worst.toFixed(1)}x processor time (bar ${MOST_RATIO})`);
  process.exitCode = worst <= MOST_RATIO ? 0 : 1;
}
