// Keeps a time line that is read as it goes to one machine: by host name, else by an amount of RAM that is plainly another's.

import { UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { formatBytes } from "../model/units.ts";

export class SameMachine {
  readonly #wanted: string | undefined;
  #host: Snapshot | undefined;
  #ram: Snapshot | undefined;

  /** @param wanted the machine that is asked for; without one a second machine is refused. */
  constructor(wanted: string | undefined) {
    this.#wanted = wanted?.toLowerCase();
  }

  /** Whether the snapshot is of the machine asked for. Throws UsageError on a second machine where none was asked for. */
  isOf(snapshot: Snapshot): boolean {
    const { host } = snapshot.origin;
    if (this.#wanted !== undefined && host !== undefined) return host.toLowerCase() === this.#wanted;
    if (host !== undefined) {
      this.#host ??= snapshot;
      const known = this.#host.origin.host;
      if (known?.toLowerCase() !== host.toLowerCase()) refuse(known ?? "", this.#host, host, snapshot);
    }
    const ram = snapshot.totals.physicalBytes;
    if (ram === undefined) return true;
    this.#ram ??= snapshot;
    const known = this.#ram.totals.physicalBytes ?? ram;
    // Windows reports a little less after a firmware update; memory added to a virtual machine keeps its host name.
    const differs = Math.abs(ram - known) > 0.05 * known;
    if (differs && host === undefined)
      refuse(`${formatBytes(known)} of RAM`, this.#ram, `${formatBytes(ram)} of RAM`, snapshot);
    return true;
  }
}

function refuse(a: string, first: Snapshot, b: string, second: Snapshot): never {
  const file = (snapshot: Snapshot): string => snapshot.origin.file ?? snapshot.origin.source;
  throw new UsageError(
    `two machines in one time line: ${a} (${file(first)}) and ${b} (${file(second)}); name one with --machine, or the files of one machine`,
  );
}
