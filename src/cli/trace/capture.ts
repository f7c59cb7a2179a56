// Runs one recording: start, watch, stop; whatever happens, no session is left behind.

import { AccessError } from "../../model/errors.ts";
import { formatBytes } from "../../model/units.ts";
import { commandLine, lostEvents, type CaptureCommand, type CapturePlan } from "./capture-plan.ts";

/** How often disk and losses are looked at. */
const LOOK_EVERY_MS = 5000;
/** Recording ends where the disk has less: the merge at the end needs room, and a full system disk is worse than a leak. */
export const LEAST_FREE_BYTES = 2 * 2 ** 30;

/** What a recording needs of the outside world. */
export interface CaptureHost {
  run(command: CaptureCommand): Promise<{ readonly code: number; readonly output: string }>;
  freeBytes(): number;
  /** Waits; returns early once {@link isCancelled}. */
  wait(milliseconds: number): Promise<void>;
  isCancelled(): boolean;
  say(text: string): void;
}

export interface CaptureResult {
  readonly ended: "time" | "disk" | "cancelled";
  readonly lostEvents: number | undefined;
}

/**
 * Records for a time. Throws AccessError where the tool fails: the session is cancelled before that.
 */
export async function capture(plan: CapturePlan, milliseconds: number, host: CaptureHost): Promise<CaptureResult> {
  const free = host.freeBytes();
  if (free < LEAST_FREE_BYTES) {
    throw new AccessError(
      `only ${formatBytes(free)} are free where the trace is to be written`,
      `free ${formatBytes(LEAST_FREE_BYTES)} or name another disk with -o`,
    );
  }
  await must(plan.start, plan, host);
  let ended: CaptureResult["ended"] = "time";
  let lost: number | undefined;
  try {
    for (let left = milliseconds; left > 0 && ended === "time"; left -= LOOK_EVERY_MS) {
      await host.wait(Math.min(left, LOOK_EVERY_MS));
      if (host.isCancelled()) ended = "cancelled";
      else if (host.freeBytes() < LEAST_FREE_BYTES) ended = "disk";
      else if (plan.status !== undefined) {
        const now = lostEvents((await host.run(plan.status)).output);
        if (now !== undefined && now > (lost ?? 0)) host.say(`${now} events lost so far`);
        lost = now ?? lost;
      }
    }
  } catch (error) {
    await host.run(plan.cancel);
    throw error;
  }
  if (ended === "cancelled") {
    await host.run(plan.cancel);
    return { ended, lostEvents: lost };
  }
  await must(plan.stop, plan, host);
  return { ended, lostEvents: lost };
}

async function must(command: CaptureCommand, plan: CapturePlan, host: CaptureHost): Promise<void> {
  const { code, output } = await host.run(command);
  if (code === 0) return;
  await host.run(plan.cancel);
  const lines = output.split("\n").map((line) => line.trim());
  const said = lines
    .filter((line) => line !== "")
    .slice(0, 3)
    .join(" ");
  throw new AccessError(
    `${commandLine(command)} ended with code ${code}${said === "" ? "" : `: ${said}`}`,
    "run as administrator; the session was cancelled",
  );
}
