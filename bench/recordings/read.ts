// Labelled recordings (DIR/manifest.json, DIR/labels.json, DIR/data/*.csv.gz), looked at as `poolscope leaks` looks at a file: by its
// own reading and judging, told of the machine what the manifest tells.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { processIo, type Io } from "../../src/cli/io.ts";
import { detectOne, type Diagnosed } from "../../src/cli/leaks.ts";

export interface Recording {
  readonly id: string;
  readonly file: string;
  readonly ram_bytes: number;
  readonly commit_limit_bytes: number;
  readonly nonpaged_limit_bytes: number;
  readonly paged_limit_bytes: number;
  /** Unix seconds. */
  readonly start_time: number;
  readonly end_time: number;
  readonly first_snapshot_is_boot: boolean;
}

export function readManifest(folder: string): readonly Recording[] {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as { recordings: Recording[] };
  return manifest.recordings;
}

/** What `leaks` is told of the machine: as `--ram`, `--limit` and `--boot-at-start` tell it. */
export function toldOf(rec: Recording) {
  return {
    ram: rec.ram_bytes,
    limit: {
      nonpagedLimitBytes: rec.nonpaged_limit_bytes,
      pagedLimitBytes: rec.paged_limit_bytes,
      commitLimitBytes: rec.commit_limit_bytes,
    },
    ...(rec.first_snapshot_is_boot ? { bootAtStart: true as const } : {}),
  };
}

/** The answer to one recording up to a time (Unix seconds); undefined where it has no snapshot until then. */
export async function lookAt(folder: string, rec: Recording, until: number): Promise<Diagnosed | undefined> {
  if (until < rec.start_time) return undefined;
  return await detectOne([join(folder, rec.file)], { ...toldOf(rec), to: until * 1000 }, quiet());
}

/** The process's own streams without talk. */
function quiet(): Io {
  const io = processIo();
  return { ...io, stderr: { ...io.stderr, isTTY: false, write: () => true } };
}
