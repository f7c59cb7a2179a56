// `npm run bench:leaks -- DIR -o predictions.json`: runs the detector over labelled recordings laid out as
// DIR/manifest.json and DIR/data/*.csv.gz and writes predictions: twelve prefixes of each recording and the final list.

import { writeFileSync } from "node:fs";
import { Detector } from "../src/detect/detector.ts";
import type { Snapshot } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import type { Verdict } from "../src/model/verdict.ts";
import { readManifest, readSnapshots } from "./recordings/read.ts";

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
  let looking = 0;
  for (const rec of readManifest(folder)) {
    if (pattern !== undefined && !rec.id.includes(pattern)) continue;
    const detector = new Detector({ startsAtBoot: rec.first_snapshot_is_boot });
    const step = (rec.end_time - rec.start_time) / CHECKPOINTS;
    const checkpoints: ReturnType<typeof found>[] = [];
    const look = (): void => {
      if (finalOnly && checkpoints.length < CHECKPOINTS - 1) {
        checkpoints.push([]);
        return;
      }
      const t = performance.now();
      const diagnosis = detector.diagnose();
      looking += performance.now() - t;
      const { last } = detector;
      checkpoints.push(diagnosis === undefined || last === undefined ? [] : found(diagnosis.verdicts, last));
    };
    for await (const snapshot of readSnapshots(`${folder}/${rec.file}`, rec)) {
      while (
        checkpoints.length < CHECKPOINTS - 1 &&
        snapshot.time / 1000 > rec.start_time + step * (checkpoints.length + 1)
      )
        look();
      detector.push(snapshot);
    }
    while (checkpoints.length < CHECKPOINTS) look();
    const final = checkpoints[CHECKPOINTS - 1];
    recordings[rec.id] = { checkpoints: checkpoints.map((c) => c.map((v) => [v.tag, v.type])), final };
    process.stderr.write(`\r${rec.id} ${((performance.now() - started) / 1000).toFixed(0)} s `);
  }
  process.stderr.write(`\nlooks took ${(looking / 1000).toFixed(1)} s\n`);
  writeFileSync(target, `${JSON.stringify({ detector: "poolscope", recordings })}\n`);
}

await main(process.argv.slice(2));
