// Labelled recordings as snapshots: DIR/manifest.json, DIR/labels.json and DIR/data/*.csv.gz.

import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { ColumnsBuilder } from "../../src/model/columns-builder.ts";
import { NONPAGED, outstandingOf, PAGED, type Snapshot } from "../../src/model/snapshot.ts";
import { parseTag, tagFromBytes } from "../../src/model/tag.ts";

export interface Recording {
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

export function readManifest(folder: string): readonly Recording[] {
  const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8")) as { recordings: Recording[] };
  return manifest.recordings;
}

/** Snapshots of one file, in order. */
export async function* readSnapshots(path: string, rec: Recording): AsyncGenerator<Snapshot> {
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
