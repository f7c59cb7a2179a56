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
/** The small input is as large as takes this long, so that the clock's grain and the compiler do not decide. */
const SMALLEST_MS = 8;
const TIMES = 10;
const LARGEST = 4 << 20;

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
  const before = process.cpuUsage();
  try {
    read(text);
  } catch (error) {
    if (!isKnownError(error)) throw error;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least of a few runs: what else the machine does only adds. */
function leastMs(read: (text: string) => unknown, text: string, runs: number): number {
  return Math.min(...Array.from({ length: runs }, () => cpuMs(read, text)));
}

/** Every reader on every shape. A shape that is refused at once at any size has ratio 0. */
export function* scalings(): Generator<Scaling> {
  for (const [reader, read] of Object.entries(readers)) {
    for (const [shape, piece] of Object.entries(shapes)) {
      const text = (size: number): string => piece.repeat(Math.ceil(size / piece.length));
      let bytes = 4096;
      while (bytes * TIMES < LARGEST && cpuMs(read, text(bytes)) < SMALLEST_MS) bytes *= 4;
      const ms = leastMs(read, text(bytes), 3);
      const large = leastMs(read, text(bytes * TIMES), 2);
      yield { reader, shape, bytes, ms, ratio: large < SMALLEST_MS ? 0 : large / Math.max(ms, 0.1) };
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
