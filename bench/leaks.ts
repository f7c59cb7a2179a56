// `npm run bench:leaks -- DIR -o predictions.json`: runs the detector over labelled recordings laid out as
// DIR/manifest.json and DIR/data/*.csv.gz and writes predictions: twelve prefixes of each recording and the final list.

import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { Detector } from "../src/detect/detector.ts";
import { ColumnsBuilder } from "../src/model/columns-builder.ts";
import { NONPAGED, outstandingOf, PAGED, type Snapshot } from "../src/model/snapshot.ts";
import { formatTag, parseTag, tagFromBytes } from "../src/model/tag.ts";
import type { Verdict } from "../src/model/verdict.ts";

interface Recording {
  readonly id: string;
  readonly file: string;
  readonly ram_bytes: number;
  readonly commit_limit_bytes: number;
  readonly nonpaged_limit_bytes: number;
  readonly paged_limit_bytes: number;
  readonly start_time: number;
  readonly end_time: number;
  readonly first_snapshot_is_boot: boolean;
}

const CHECKPOINTS = 12;

/** Snapshots of one file, in order. */
async function* readSnapshots(path: string, rec: Recording): AsyncGenerator<Snapshot> {
  const lines = createInterface({ input: createReadStream(path).pipe(createGunzip()), crlfDelay: Infinity });
  let time = Number.NaN;
  // Slab counters have no cumulative counts: their files say `outstanding` in place of `allocs,frees`.
  let counted = true;
  let builder = new ColumnsBuilder(512);
  const finish = (): Snapshot => {
    const columns = builder.finish();
    let nonpagedBytes = 0;
    let pagedBytes = 0;
    for (let i = 0; i < columns.length; i++) {
      if (columns.kind[i] === PAGED) pagedBytes += columns.bytes[i] ?? 0;
      else nonpagedBytes += columns.bytes[i] ?? 0;
    }
    return {
      time: time * 1000,
      origin: {
        source: "csv",
        timeBasis: "measured",
      },
      columns,
      totals: {
        nonpagedBytes,
        pagedBytes,
        nonpagedLimitBytes: rec.nonpaged_limit_bytes,
        pagedLimitBytes: rec.paged_limit_bytes,
        physicalBytes: rec.ram_bytes,
        commitLimitBytes: rec.commit_limit_bytes,
      },
      counterBits: 32,
      gaps: [],
    };
  };
  for await (const line of lines) {
    const comma = line.indexOf(",");
    if (line.startsWith("time,")) counted = line.includes("allocs");
    const at = Number(line.slice(0, comma));
    if (!Number.isFinite(at) || comma < 1) continue;
    if (at !== time) {
      if (builder.length > 0) yield finish();
      builder = new ColumnsBuilder(512);
      time = at;
    }
    const tag = parseTag(line.slice(comma + 1, comma + 5)) ?? tagFromBytes(63, 63, 63, 63);
    const fields = line.slice(comma + 6).split(",");
    const a = counted ? Number(fields[1]) : Number.NaN;
    const f = counted ? Number(fields[2]) : Number.NaN;
    const outstanding = counted ? outstandingOf(a, f, 32) : Number(fields[1]);
    builder.add(tag, fields[0] === "Paged" ? PAGED : NONPAGED, a, f, outstanding, Number(fields[counted ? 3 : 2]));
  }
  if (builder.length > 0) yield finish();
}

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
  const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8")) as { recordings: Recording[] };
  const recordings: Record<string, unknown> = {};
  const started = performance.now();
  let looking = 0;
  for (const rec of manifest.recordings) {
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
