// What `record` measures: this machine, or a target of the kernel debugger, which is stopped for each snapshot.

import { UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { formatIso } from "../model/time.ts";
import { PROGRAMS_EVERY } from "../store/standing-out.ts";
import type { Io } from "./io.ts";
import { openKdSampler, type KdOptions } from "./kd-source.ts";
import { openLiveMachine } from "./live-machine.ts";
import type { SendingOptions } from "./fleet/sending.ts";

export interface Machine {
  sample(): Snapshot | Promise<Snapshot>;
  /** A target runs on afterwards. Throws AccessError where the last that is known of it is that it stands. */
  close(): void | Promise<void>;
}

/** How long a target stood is told after each snapshot: by `told`, or as an event of `--json`. */
export async function openMachine(
  target: string | undefined,
  options: KdOptions & { readonly json?: true },
  io: Io,
  told: (line: string) => void,
): Promise<Machine> {
  if (target === undefined) return await openLiveMachine(io, true, undefined, PROGRAMS_EVERY);
  return await openKdSampler(target, options, io, (lines, cost) => {
    const event = (more: object): void =>
      io.stdout.write(`${JSON.stringify({ ...more, time: formatIso(io.now()) })}\n`);
    if (options.json !== true) for (const line of lines) told(line);
    else if (cost === undefined) for (const problem of lines) event({ event: "target", problem });
    else {
      const halted = cost.halts.map((each) => ({ milliseconds: Math.round(each.milliseconds), bytes: each.bytes }));
      event({ event: "halted", halted, bytesRead: cost.bytesRead });
    }
  });
}

interface TargetOptions extends SendingOptions {
  readonly install?: true;
  readonly uninstall?: true;
  readonly eventLog?: true;
}

/** What cannot be asked of a target. Throws UsageError. */
export function requireKdRecording(target: string, options: TargetOptions): void {
  if (options.install === true || options.uninstall === true || options.eventLog === true)
    throw new UsageError(`${target}: --install, --uninstall and --event-log are for this Windows machine`);
  const sends = options.textfile ?? options.remoteWrite ?? options.otlp;
  if (sends !== undefined && options.instance === undefined)
    throw new UsageError(`${target}: its name is not known over the wire; give it with --instance`);
}
