// A live kernel over the debugger's wire as a SOURCE of commands: the options, the refusal, one snapshot of it.

import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { DEFAULT_BAUD, parseKdAddress } from "../sources/kd/address.ts";
import type { OpenKd } from "../sources/kd/open.ts";
import type { KdSampler, SampleCost } from "../sources/kd/sampler.ts";
import { betweenLines, haltedText, partsText, planText, refusalLines } from "../words/kd.ts";
import type { Io } from "./io.ts";
import { durationOption } from "./options.ts";

export interface KdOptions {
  readonly yesStopTheMachine?: true;
  readonly maxHalt: number;
}

/** How long a target stands at most, as kernels' own watchdogs and clusters allow. */
export const MAX_HALT_MS = 10_000;
/** From one snapshot of a target to the next, unless told: each one stops it. */
export const KD_EVERY_MS = 30_000;
const SHORTEST_HALT_MS = 500;

/** The options of everything that stops a target. */
export function addKdOptions(command: Command): Command {
  return command
    .option(
      "--yes-stop-the-machine",
      "kd: all processors of the target stop while it is read; this says that you mean it",
    )
    .addOption(
      durationOption(
        "--max-halt <duration>",
        "kd: the target is continued after so long, whatever is being read",
        MAX_HALT_MS,
      ),
    );
}

/** Whether the user said that the target may be stopped; else what that means and needs is printed. */
export function mayStop(target: string, options: KdOptions, io: Io): boolean {
  const address = parseKdAddress(target);
  if (options.maxHalt < SHORTEST_HALT_MS)
    throw new UsageError(`--max-halt: at least ${SHORTEST_HALT_MS}ms, or hardly anything is read before it is over`);
  if (options.yesStopTheMachine === true) return true;
  const baud = address.kind === "serial" ? address.baud : DEFAULT_BAUD;
  io.stderr.write(`${refusalLines(baud, options.maxHalt).join("\n")}\n`);
  return false;
}

/** Opens a target for a command; large reads are told beforehand. */
export async function openKdFor(target: string, options: KdOptions, io: Io): Promise<OpenKd> {
  const { openKd } = await import("../sources/kd/open.ts");
  return await openKd(target, {
    maxHaltMs: options.maxHalt,
    onPlan: (plan) => {
      if (plan.milliseconds > TOLD_FROM_MS) io.stderr.write(`${planText(plan, options.maxHalt)}\n`);
    },
  });
}

const TOLD_FROM_MS = 1000;

/** Stops a target, takes one snapshot, lets it run; how long it stood is told. */
export async function takeKd(target: string, options: KdOptions, io: Io): Promise<Snapshot> {
  const sampler = await openKdSampler(target, options, io, (lines) => io.stderr.write(`${lines.join("\n")}\n`));
  try {
    return await sampler.sample();
  } finally {
    await sampler.close();
  }
}

/**
 * A target to be sampled again and again. `tell` hears after each sample how long it stood, and before it what the target did by
 * itself.
 */
export async function openKdSampler(
  target: string,
  options: KdOptions,
  io: Io,
  tell: (lines: readonly string[], cost?: SampleCost) => void,
): Promise<KdSampler> {
  const { KdSampler: Sampler } = await import("../sources/kd/sampler.ts");
  // What the first snapshot takes the next ones take as well: said once.
  let isPlanTold = false;
  const write = (text: string): void => {
    if (!isPlanTold) io.stderr.write(text);
    isPlanTold = true;
  };
  return new Sampler({
    open: async () => await openKdFor(target, options, { ...io, stderr: { ...io.stderr, write } }),
    name: target,
    now: () => io.now(),
    partsText,
    onBetween: (between) => tell(betweenLines(between)),
    onCost: (cost) => {
      // Of one that may still stand the error tells, in capitals.
      if (cost.halts.length > 0 && !cost.mayStand) tell([haltedText(cost)], cost);
    },
  });
}
