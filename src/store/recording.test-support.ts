// What the tests of recordings share: a folder of their own and snapshots in a line each.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { isNewBoot } from "../detect/series/boots.ts";
import { columnsFromUses } from "../model/columns-builder.ts";
import type { Origin, PoolKind, Snapshot } from "../model/snapshot.ts";
import { parseTag } from "../model/tag.ts";
import { RecordingReader } from "./reader.ts";
import { RecordingWriter, type WriterOptions } from "./writer.ts";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const T0 = Date.UTC(2026, 2, 1);
export const BOOT = T0 - 3_600_000;

export const ORIGIN: Origin = {
  source: "windows-live",
  host: "WS-07",
  windowsBuild: 19045,
  architecture: "x64",
  bootTime: BOOT,
  timeBasis: "measured",
};

/** A snapshot from lines such as `Leak nonpaged 100 90 480`: tag, kind, allocs, frees, bytes. */
export function snap(time: number, lines: readonly string[], more: Partial<Snapshot> = {}): Snapshot {
  const uses = lines.map((line) => {
    const [tag = "", kind, allocs, frees, bytes] = line.split(" ");
    return {
      tag: parseTag(tag) ?? 0,
      kind: kind as PoolKind,
      allocs: Number(allocs),
      frees: Number(frees),
      bytes: Number(bytes),
    };
  });
  const columns = columnsFromUses(uses, more.counterBits ?? 64);
  return { time, origin: ORIGIN, totals: {}, columns, counterBits: 64, gaps: [], ...more };
}

/** `count` snapshots of a leak and of something that only breathes, `every` ms apart. */
export function leakingSnaps(count: number, every = 10_000, start = T0, more: Partial<Snapshot> = {}): Snapshot[] {
  return Array.from({ length: count }, (_, i) =>
    snap(
      start + i * every,
      [
        `Leak nonpaged ${100 + i} 50 ${(50 + i) * 64}`,
        `Ease paged ${9 * i + 9} ${9 * i + 9 - (i % 5)} ${(i % 5) * 4096}`,
      ],
      more,
    ),
  );
}

export function openWriter(file: string, options: Partial<WriterOptions> = {}): RecordingWriter {
  return RecordingWriter.open(file, { isNewBoot, now: T0, ...options });
}

/** Writes a whole recording. */
export function writeRecording(
  file: string,
  snapshots: readonly Snapshot[],
  options: Partial<WriterOptions> = {},
): void {
  const writer = openWriter(file, options);
  writer.append(...snapshots);
  writer.close(T0);
}

/** Everything in a recording, and what could not be read. */
export function readRecording(file: string): { snapshots: Snapshot[]; gaps: readonly { readonly problem: string }[] } {
  const reader = RecordingReader.open(file);
  try {
    return { snapshots: [...reader.snapshots()], gaps: reader.gaps };
  } finally {
    reader.close();
  }
}
