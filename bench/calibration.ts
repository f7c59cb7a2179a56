// `npm run bench:calibration -- DIR... [--write]`: how often findings of each kind were right on labelled recordings, each
// looked at after a third, two thirds and all of its time. With --write the counts become the table that certainty is
// read from (src/detect/findings/calibration-table.ts).

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cellOf } from "../src/detect/findings/calibration.ts";
import type { CalibrationRow } from "../src/model/verdict.ts";
import { needsAction } from "../src/model/verdict.ts";
import { formatTag } from "../src/model/tag.ts";
import { lookAt, readManifest } from "./recordings/read.ts";

interface Labels {
  readonly recordings: readonly {
    readonly id: string;
    readonly leaks: readonly {
      readonly tag: string;
      readonly type: string;
      readonly ambiguous: boolean;
      readonly reclaimed: boolean;
      readonly onset_time: number;
    }[];
    readonly hard_negatives: readonly { readonly tag: string; readonly type: string; readonly ambiguous: boolean }[];
  }[];
}

const LOOKS = 3;
const counts = new Map<string, { right: number; all: number }>();

function count(key: string, right: boolean): void {
  const cell = counts.get(key) ?? { right: 0, all: 0 };
  cell.all += 1;
  if (right) cell.right += 1;
  counts.set(key, cell);
}

async function measure(folder: string): Promise<void> {
  const labels = JSON.parse(readFileSync(join(folder, "labels.json"), "utf8")) as Labels;
  for (const rec of readManifest(folder)) {
    const truth = labels.recordings.find((r) => r.id === rec.id);
    if (truth === undefined) continue;
    for (let k = 1; k <= LOOKS; k++) {
      const until = k === LOOKS ? rec.end_time : rec.start_time + ((rec.end_time - rec.start_time) * k) / LOOKS;
      const looked = await lookAt(folder, rec, until);
      for (const v of looked?.diagnosis.verdicts ?? []) {
        if (!needsAction(v.state) || v.calibration === undefined) continue;
        const type = v.kind === "paged" ? "Paged" : "Nonp";
        const isIt = (l: { readonly tag: string; readonly type: string }): boolean =>
          l.tag === formatTag(v.tag) && l.type === type;
        const leak = truth.leaks.find(isIt);
        if (leak?.ambiguous === true || leak?.reclaimed === true) continue;
        if (truth.hard_negatives.some((h) => isIt(h) && h.ambiguous)) continue;
        count(cellOf(v.calibration), leak !== undefined && leak.onset_time < until);
      }
    }
  }
}

const args = process.argv.slice(2);
for (const folder of args.filter((a) => !a.startsWith("-"))) await measure(folder);
const rows: CalibrationRow[] = [...counts]
  .map(([cell, { right, all }]): CalibrationRow => [cell, right, all])
  .toSorted((a, b) => (a[0] < b[0] ? -1 : 1));
for (const [cell, right, all] of rows) process.stdout.write(`${cell.padEnd(44)} ${right} of ${all}\n`);
if (args.includes("--write")) {
  const path = join(import.meta.dirname, "../src/detect/findings/calibration-table.ts");
  const lines = rows.map(([cell, right, all]) => `  ["${cell}", ${right}, ${all}],`);
  writeFileSync(
    path,
    `// Findings on labelled recordings by kind: cell, how many were right, how many there were. Made by \`npm run
// bench:calibration -- DIR... --write\`; not to be edited.

import type { CalibrationRow } from "../../model/verdict.ts";

export const CALIBRATION: readonly CalibrationRow[] = [
${lines.join("\n")}
];
`,
  );
}
