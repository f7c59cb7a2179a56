// A live kernel over the debugger's wire as a SOURCE of commands: the options, the refusal, one snapshot of it.

import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { DEFAULT_BAUD, parseKdAddress } from "../sources/kd/address.ts";
import type { OpenKd } from "../sources/kd/open.ts";
import { haltedText, partsText, planText, refusalLines } from "../words/kd.ts";
import type { Io } from "./io.ts";
import { durationOption } from "./options.ts";

export interface KdOptions {
  readonly yesStopTheMachine?: true;
  readonly maxHalt: number;
}

/** How long a target stands at most, as kernels' own watchdogs and clusters allow. */
export const MAX_HALT_MS = 10_000;
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

/** One snapshot of an open target; how long it stood is told. */
export async function sampleTarget(kd: OpenKd, target: string, io: Io): Promise<Snapshot> {
  const { sampleKd } = await import("../sources/kd/open.ts");
  const { session } = kd;
  const before = { halts: session.halts.length, bytes: session.bytesRead };
  const snapshot = await sampleKd(kd, target, io.now(), partsText);
  const halts = session.halts.slice(before.halts);
  const bytesRead = session.bytesRead - before.bytes;
  io.stderr.write(`${haltedText({ halts, bytesRead, stoodBefore: session.stoodBefore })}\n`);
  return snapshot;
}

/** Stops a target, takes one snapshot, lets it run. */
export async function takeKd(target: string, options: KdOptions, io: Io): Promise<Snapshot> {
  const kd = await openKdFor(target, options, io);
  try {
    return await sampleTarget(kd, target, io);
  } finally {
    await kd.close();
  }
}
