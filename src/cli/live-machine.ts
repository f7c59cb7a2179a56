// This machine as a source of snapshots with what stands beside their counters, opened in one way for every command.

import type { Milliseconds } from "../model/snapshot.ts";
import type { LoadedDriver } from "../model/surroundings.ts";
import type { LiveSampler } from "../sources/windows-live/sampler.ts";
import type { Io } from "./io.ts";

/** Objects and processes cost more than the tag table, and no finding needs them more often. */
const SURROUNDINGS_EVERY = 5000;

/** Drivers are loaded a few times a day; a minute tells the onset of what they bring. */
const DRIVERS_EVERY = 60_000;

/**
 * Opens the live counters. `describesDrivers` reads the files of all loaded drivers once, which takes a second or two: for a
 * recorder, whose recording is read where those files are not, and for a page that shows them. `programsEvery`: who keeps no
 * more of them need not read them more often. Throws as the sampler does.
 */
export async function openLiveMachine(
  io: Io,
  describesDrivers: boolean,
  every: Milliseconds = SURROUNDINGS_EVERY,
  programsEvery: Milliseconds = every,
): Promise<LiveSampler> {
  const { createLiveSampler } = await import("../sources/windows-live/sampler.ts");
  const { describeDriver } = await import("../sources/windows-live/driver-files.ts");
  return createLiveSampler({
    env: io.env,
    now: () => io.now(),
    surroundings: {
      every,
      programsEvery,
      driversEvery: DRIVERS_EVERY,
      ...(describesDrivers && { describe: (driver: LoadedDriver) => describeDriver(driver, io.env) }),
    },
  });
}
