// Recordings of a made fleet: a driver with two builds, one of which leaks, as recorders on many machines would keep it.

import { join } from "node:path";
import { parseTag } from "../../src/model/tag.ts";
import { BOOT, leakingSnaps, openWriter, ORIGIN, T0 } from "../../src/store/recording.test-support.ts";

export interface MadeMachine {
  readonly name: string;
  readonly version: string;
  readonly leaks: boolean;
  /** Whether the recorder has judged; a file without leaves that to the reader. */
  readonly judged?: boolean;
  readonly snapshots?: number;
  readonly everyMs?: number;
  readonly start?: number;
  /** Hours from its last snapshot until its leak has used up the memory. */
  readonly exhaustionHours?: number;
}

/** Writes one recording and answers its path. */
export function writeMachine(folder: string, machine: MadeMachine): string {
  const { name, version, leaks, judged = true, snapshots = 3, everyMs = 10_000, start = T0, exhaustionHours } = machine;
  const file = join(folder, `${name}.pool`);
  const drivers = [{ file: "Acme.sys", version, company: "Acme" }];
  const made = leakingSnaps(snapshots, everyMs, start, {
    origin: { ...ORIGIN, host: name, bootTime: BOOT },
    surroundings: { drivers, objects: [{ type: "File", objects: 40, handles: 30 }] },
  });
  const writer = openWriter(file);
  writer.append(...made);
  const time = made.at(-1)?.time ?? T0;
  if (judged)
    writer.addJudgement({
      time,
      from: start,
      snapshots,
      verdicts: leaks
        ? [
            {
              tag: parseTag("Leak") ?? 0,
              kind: "nonpaged",
              state: "leaking",
              bytesPerHour: { value: 2 ** 20, low: 1e6, high: 1.1e6 },
              heldBytes: 5e6,
              confidence: 0.9,
              since: start,
              ...(exhaustionHours !== undefined && {
                exhaustionHours: { value: exhaustionHours, low: exhaustionHours / 2, high: Infinity },
              }),
              suspect: { name: "acme.sys", certainty: "likely" },
              drivers: [{ file: "acme.sys", version }],
            },
          ]
        : [],
    });
  writer.close(time);
  return file;
}
