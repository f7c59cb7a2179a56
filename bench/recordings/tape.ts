// A recording in the making: tags with their true curves, and the three files that the benchmark and its scorer read.

import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** One (tag, type) over the snapshots of a recording. */
export interface Track {
  readonly tag: string;
  readonly type: "Nonp" | "Paged";
  readonly bytesPerBlock: number;
  /** Blocks outstanding, leaked ones included. */
  readonly counts: Float64Array;
  /** Cumulative allocations. */
  readonly allocs: Float64Array;
  /** First snapshot that lists it. */
  readonly first?: number;
  readonly leak?: {
    readonly family: string;
    /** Leaked blocks outstanding. */
    readonly leaked: Float64Array;
    readonly from: number;
    /** Snapshot at which the leak stopped; absent where it goes on. */
    readonly until?: number;
    readonly group?: string;
  };
  readonly negative?: { readonly family: string; readonly ambiguous?: boolean };
}

export interface Tape {
  readonly id: string;
  /** Unix seconds as the source writes them. */
  readonly times: Float64Array;
  readonly tracks: readonly Track[];
  /** Without cumulative counters. */
  readonly levelsOnly?: boolean;
  readonly startsAtBoot?: boolean;
  readonly ramBytes: number;
}

export function writeTapes(folder: string, seed: number, tapes: Iterable<Tape>): void {
  mkdirSync(`${folder}/data`, { recursive: true });
  const recordings: unknown[] = [];
  const labels: unknown[] = [];
  for (const tape of tapes) {
    writeFileSync(`${folder}/data/${tape.id}.csv.gz`, gzipSync(csvOf(tape)));
    const { times } = tape;
    recordings.push({
      id: tape.id,
      file: `data/${tape.id}.csv.gz`,
      ram_bytes: tape.ramBytes,
      commit_limit_bytes: tape.ramBytes * 1.5,
      nonpaged_limit_bytes: tape.ramBytes * 0.75,
      paged_limit_bytes: tape.ramBytes * 1.5,
      snapshots: times.length,
      tags: tape.tracks.length,
      start_time: times[0],
      end_time: times[times.length - 1],
      first_snapshot_is_boot: tape.startsAtBoot === true,
    });
    labels.push({
      id: tape.id,
      leaks: tape.tracks.flatMap((track) => leakLabel(track, tape)),
      hard_negatives: tape.tracks.flatMap((t) =>
        t.negative === undefined
          ? []
          : [
              {
                tag: t.tag,
                type: t.type,
                leak: false,
                family: t.negative.family,
                ambiguous: t.negative.ambiguous === true,
              },
            ],
      ),
    });
  }
  writeFileSync(`${folder}/manifest.json`, JSON.stringify({ version: 1, seed, recordings }, null, 1));
  writeFileSync(`${folder}/labels.json`, JSON.stringify({ version: 1, seed, recordings: labels }, null, 1));
}

const TWO_32 = 2 ** 32;

function csvOf(tape: Tape): string {
  const lines = [tape.levelsOnly === true ? "time,tag,type,outstanding,bytes" : "time,tag,type,allocs,frees,bytes"];
  tape.times.forEach((time, i) => {
    for (const t of tape.tracks) {
      if (i < (t.first ?? 0)) continue;
      const count = Math.max(0, Math.round(t.counts[i] ?? 0));
      const bytes = count * t.bytesPerBlock;
      const allocs = Math.round(t.allocs[i] ?? 0);
      lines.push(
        tape.levelsOnly === true
          ? `${time},${t.tag},${t.type},${count},${bytes}`
          : `${time},${t.tag},${t.type},${allocs % TWO_32},${(allocs - count + TWO_32 * 4) % TWO_32},${bytes}`,
      );
    }
  });
  return `${lines.join("\n")}\n`;
}

/** No test can tell a rise below so many standard deviations of the rest, so few blocks, or so few steps. */
const LEAST_RISE = 1.5;
const LEAST_BLOCKS = 16;
const LEAST_STEPS = 6;
/** Nor a leak seen at fewer snapshots. */
const LEAST_SNAPSHOTS = 12;

function leakLabel(track: Track, tape: Tape): unknown[] {
  const { leak } = track;
  if (leak === undefined) return [];
  const { times } = tape;
  const n = times.length;
  const at = (i: number): number => times[i] ?? 0;
  const end = leak.until ?? n - 1;
  // Blocks that a restart cleared were leaked all the same.
  let total = 0;
  for (let i = leak.from + 1; i <= end; i++) total += Math.max(0, (leak.leaked[i] ?? 0) - (leak.leaked[i - 1] ?? 0));
  const hours = (at(end) - at(leak.from)) / 3600;
  let steps = 0;
  for (let i = 1; i < n; i++) if ((leak.leaked[i] ?? 0) > (leak.leaked[i - 1] ?? 0)) steps += 1;
  const rest = track.counts.map((c, i) => c - (leak.leaked[i] ?? 0)).subarray(track.first ?? 0);
  const mean = rest.reduce((s, v) => s + v, 0) / rest.length;
  const deviation = Math.sqrt(rest.reduce((s, v) => s + (v - mean) ** 2, 0) / rest.length);
  const peak = leak.leaked.reduce((a, b) => Math.max(a, b), 0);
  const rate = hours > 0 ? (total * track.bytesPerBlock) / hours : 0;
  const signal = peak / Math.max(deviation, 0.5);
  return [
    {
      tag: track.tag,
      type: track.type,
      leak: true,
      family: leak.family,
      active_at_end: leak.until === undefined,
      reclaimed: false,
      rate_bytes_per_hour: rate,
      signal_to_noise: signal,
      ambiguous: signal < LEAST_RISE || peak < LEAST_BLOCKS || steps < LEAST_STEPS || end - leak.from < LEAST_SNAPSHOTS,
      group: leak.group ?? null,
      onset_time: at(leak.from),
      end_time: leak.until === undefined ? null : at(leak.until),
      detectable_time: null,
      exhaustion_hours_this_tag_alone: null,
      severity:
        leak.until !== undefined
          ? "stopped"
          : rate > tape.ramBytes / 168
            ? "critical"
            : rate > tape.ramBytes / 8760
              ? "major"
              : "minor",
    },
  ];
}
