// `npm run bench:leaks -- DIR -o predictions.json`: asks what `leaks` answers to labelled recordings laid out as
// DIR/manifest.json and DIR/data/*.csv.gz and writes predictions: twelve prefixes of each recording and the final list.

import { writeFileSync } from "node:fs";
import type { Snapshot } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import type { Verdict } from "../src/model/verdict.ts";
import { lookAt, readManifest } from "./recordings/read.ts";

const CHECKPOINTS = 12;

function found(verdicts: readonly Verdict[], snapshot: Snapshot) {
  const { totals } = snapshot;
  const list = verdicts
    .filter((v) => v.state === "leaking" || v.state === "stopped-held")
    .flatMap((v, i) => {
      const active = v.state === "leaking";
      const row = (tag: number, kind: string, rate: number, now: number, interval: readonly number[] | undefined) => {
        const limit = kind === "paged" ? totals.pagedLimitBytes : totals.nonpagedLimitBytes;
        const used = kind === "paged" ? totals.pagedBytes : totals.nonpagedBytes;
        return {
          tag: formatTag(tag),
          type: kind === "paged" ? "Paged" : "Nonp",
          bytes_per_hour: rate,
          ...(interval === undefined ? {} : { bytes_per_hour_interval: interval }),
          confidence: v.confidence,
          exhaustion_hours: active && now > 0 ? Math.max(0, (limit ?? 0) - (used ?? 0)) / now : null,
          active,
          group: v.group.length > 0 ? `g${i}` : null,
        };
      };
      return [
        row(v.tag, v.kind, v.bytesPerHour.value, v.bytesPerHourNow ?? v.bytesPerHour.value, [
          v.bytesPerHour.low,
          v.bytesPerHour.high,
        ]),
        ...v.group.map((m) => row(m.tag, m.kind, m.bytesPerHour, m.bytesPerHour, undefined)),
      ];
    });
  return list;
}

async function main(args: readonly string[]): Promise<void> {
  const out = args.indexOf("-o");
  const target = out >= 0 ? args[out + 1] : undefined;
  const only = args.indexOf("--only");
  const finalOnly = args.includes("--final");
  const pattern = only >= 0 ? args[only + 1] : undefined;
  const folder = args.find((a, i) => !a.startsWith("-") && (i === 0 || !["-o", "--only"].includes(args[i - 1] ?? "")));
  if (folder === undefined || target === undefined) throw new Error("usage: bench:leaks -- DIR -o predictions.json");
  const recordings: Record<string, unknown> = {};
  const started = performance.now();
  for (const rec of readManifest(folder)) {
    if (pattern !== undefined && !rec.id.includes(pattern)) continue;
    const step = (rec.end_time - rec.start_time) / CHECKPOINTS;
    const checkpoints: ReturnType<typeof found>[] = [];
    for (let k = 1; k <= CHECKPOINTS; k++) {
      if (finalOnly && k < CHECKPOINTS) {
        checkpoints.push([]);
        continue;
      }
      const looked = await lookAt(folder, rec, k === CHECKPOINTS ? rec.end_time : rec.start_time + step * k);
      checkpoints.push(looked === undefined ? [] : found(looked.diagnosis.verdicts, looked.last));
    }
    const final = checkpoints[CHECKPOINTS - 1];
    recordings[rec.id] = { checkpoints: checkpoints.map((c) => c.map((v) => [v.tag, v.type])), final };
    process.stderr.write(`\r${rec.id} ${((performance.now() - started) / 1000).toFixed(0)} s `);
  }
  process.stderr.write("\n");
  writeFileSync(target, `${JSON.stringify({ detector: "poolscope", recordings })}\n`);
}

await main(process.argv.slice(2));
