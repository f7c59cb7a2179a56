// The newest snapshot that carries something beside its counters, and the first of the same boot, for `objects` and `processes`.

import { setTimeout as pause } from "node:timers/promises";
import { isNewBoot } from "../detect/series/boots.ts";
import { AccessError } from "../model/errors.ts";
import type { Milliseconds, Snapshot } from "../model/snapshot.ts";
import type { Surroundings } from "../model/surroundings.ts";
import type { ExitCode } from "./command.ts";
import type { Io } from "./io.ts";
import { openLiveMachine } from "./live-machine.ts";
import { openWithProgress, type SourceOptions } from "./shared.ts";

export interface SurroundingsSpan {
  readonly first?: Snapshot;
  readonly last: Snapshot;
  finish(code: ExitCode): ExitCode;
}

/**
 * `part` is what must have been measured. Of this machine two looks are taken, `apart` ms from each other; of sources the first
 * and the last of the newest boot. Throws AccessError where it was measured nowhere.
 */
export async function readSurroundingsSpan(
  paths: readonly string[],
  part: keyof Surroundings,
  options: SourceOptions,
  apart: Milliseconds,
  io: Io,
  withHolders = false,
): Promise<SurroundingsSpan> {
  if (paths.length === 0) return await twoLooks(part, apart, io, withHolders);
  const timeline = await openWithProgress(paths, options, io);
  let first: Snapshot | undefined;
  let last: Snapshot | undefined;
  for await (const snapshot of timeline.snapshots()) {
    if (snapshot.surroundings?.[part] === undefined) continue;
    if (first === undefined || (last !== undefined && isNewBoot(last, snapshot))) first = snapshot;
    last = snapshot;
  }
  if (last === undefined) {
    throw (
      timeline.problems[0] ??
      new AccessError(
        `${paths.join(", ")}: ${WORDS[part]} were not measured there`,
        "`poolscope record` and the collector measure them since this version",
      )
    );
  }
  return {
    ...(first !== undefined && first !== last && { first }),
    last: { ...last, gaps: [...last.gaps, ...timeline.gaps] },
    finish: (code) => timeline.finish(code),
  };
}

const WORDS: Readonly<Record<keyof Surroundings, string>> = {
  objects: "object and handle counts",
  live: "process counts",
  programs: "processes",
  drivers: "loaded drivers",
  holders: "holders of handles",
};

async function twoLooks(
  part: keyof Surroundings,
  apart: Milliseconds,
  io: Io,
  withHolders: boolean,
): Promise<SurroundingsSpan> {
  const sampler = await openLiveMachine(io, false, apart);
  try {
    const first = sampler.sample();
    if (first.surroundings?.[part] === undefined) {
      const [gap] = first.gaps;
      throw new AccessError(gap?.problem ?? `${WORDS[part]} cannot be read`, "");
    }
    await pause(apart);
    const last = sampler.sample();
    if (!withHolders) return { first, last, finish: (code) => code };
    const holders = sampler.holders();
    return { first, last: { ...last, surroundings: { ...last.surroundings, holders } }, finish: (code) => code };
  } finally {
    sampler.close();
  }
}
