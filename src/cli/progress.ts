// A progress bar on stderr for long work; silent where stderr is no terminal, and for work that ends quickly.

import { formatBytes } from "../model/units.ts";
import type { Io } from "./io.ts";

const WIDTH = 24;
const EVERY_MS = 100;
const QUIET_MS = 400;

export interface Progress {
  /** `done` of `total`, in the unit it was started with. */
  update(done: number, total: number): void;
  /** Removes the bar. */
  end(): void;
}

/** Starts a bar; `unit` is "bytes", or the noun of what is counted. */
export function startProgress(io: Io, label: string, unit = "bytes"): Progress {
  if (!io.stderr.isTTY) return { update: () => {}, end: () => {} };
  const started = io.now();
  let last = started;
  let drawn = false;
  return {
    update: (done, total) => {
      const now = io.now();
      if (now - started < QUIET_MS || now - last < EVERY_MS || total <= 0) return;
      last = now;
      drawn = true;
      const share = Math.min(1, done / total);
      const filled = Math.round(share * WIDTH);
      const amount = unit === "bytes" ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done} of ${total} ${unit}`;
      io.stderr.write(
        `\r\u001B[K${label} [${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ${Math.floor(share * 100)} %  ${amount}`,
      );
    },
    end: () => {
      if (drawn) io.stderr.write("\r\u001B[K");
    },
  };
}
