// Opens a target by its name and sees to it that it runs on however this process ends; a target as a SOURCE of snapshots.

import type { Gap, Snapshot } from "../../model/snapshot.ts";
import { noticeOf } from "../crash-dump.ts";
import { parseKdAddress } from "./address.ts";
import { openKdChannel } from "./channel.ts";
import { kdPoolUse, KdQuestions, type Plan } from "./questions.ts";
import { KdSession } from "./session.ts";

export interface OpenKdOptions {
  readonly maxHaltMs: number;
  readonly onPlan?: (plan: Plan) => void;
}

export interface OpenKd {
  readonly questions: KdQuestions;
  readonly session: KdSession;
  /** Continues the target where it stands, and closes the wire. */
  close(): Promise<void>;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;

/** Opens the wire; the target is not stopped yet. Throws UsageError or AccessError. */
export async function openKd(target: string, { maxHaltMs, onPlan }: OpenKdOptions): Promise<OpenKd> {
  const session = new KdSession(await openKdChannel(parseKdAddress(target)), {
    maxHaltMs,
    monotonic: () => performance.now(),
    sleep: async (milliseconds) => {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, milliseconds);
      });
    },
  });
  const onSignal = (signal: NodeJS.Signals): void => session.stop(`${signal} came`);
  const onExit = (): void => session.letGo();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on("exit", onExit);
  return {
    session,
    questions: new KdQuestions(session, onPlan),
    close: async () => {
      try {
        await session.release();
      } finally {
        for (const signal of SIGNALS) process.off(signal, onSignal);
        process.off("exit", onExit);
      }
    },
  };
}

/** Stops the target, reads its tag tables, lets it run. `now` stands in where the target tells no time. */
export async function sampleKd(
  kd: OpenKd,
  name: string,
  now: number,
  partsText: (halts: number) => string,
): Promise<Snapshot> {
  const before = kd.session.halts.length;
  kd.questions.forget();
  const { target, uses } = await kdPoolUse(kd.questions);
  await kd.session.continue();
  const halts = kd.session.halts.slice(before);
  const haltedMilliseconds = Math.round(halts.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  const { system, architecture } = target;
  const notice = noticeOf({ system });
  const gaps: Gap[] = uses.problems.map((problem) => ({ where: name, problem }));
  if (halts.length > 1) gaps.push({ where: name, problem: partsText(halts.length) });
  return {
    time: system.time ?? now,
    origin: {
      source: "kd",
      architecture,
      ...(system.build === undefined ? {} : { windowsBuild: system.build }),
      ...(system.bootTime === undefined ? {} : { bootTime: system.bootTime }),
      timeBasis: "measured",
      ...(notice === undefined ? {} : { notice }),
    },
    totals: {
      ...(system.physicalBytes === undefined ? {} : { physicalBytes: system.physicalBytes }),
      haltedMilliseconds,
    },
    columns: uses.columns,
    counterBits: uses.counterBits,
    gaps,
  };
}
