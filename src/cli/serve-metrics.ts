// The Prometheus page of `serve`: follows a dashboard and renders what src/fleet/series/ makes of it.

import { isNewBoot } from "../detect/series/boots.ts";
import { MachineMetrics } from "../fleet/series/machine-metrics.ts";
import { renderMetrics } from "../fleet/series/metric-text.ts";
import { natureOf } from "../knowledge/inbox-drivers.ts";
import type { Tag } from "../model/tag.ts";
import type { Dashboard } from "../web/server/dashboard.ts";

export interface MetricsOptions {
  readonly version: string;
  /** Largest tags by bytes and by blocks, per pool: at most four times as many tags are shown. */
  readonly top: number;
  readonly isWatched: (tag: Tag) => boolean;
}

/** Call {@link close} to stop following. */
export class Metrics {
  readonly #dashboard: Dashboard;
  readonly #machine: MachineMetrics;
  readonly #stop: () => void;
  #readSeconds: number | undefined;

  constructor(dashboard: Dashboard, options: MetricsOptions) {
    this.#dashboard = dashboard;
    this.#machine = new MachineMetrics({ ...options, isNewBoot, natureOf, ownerOf: (tag) => dashboard.ownerOf(tag) });
    // Every live snapshot is seen, or a wrap between two scrapes would be lost.
    this.#stop = dashboard.listen(() => {
      const { last } = dashboard;
      if (last !== undefined && dashboard.status().phase !== "reading") this.#machine.push(last);
    });
  }

  close(): void {
    this.#stop();
  }

  /** Remembers what the last reading of a live source took. */
  setReadDuration(seconds: number): void {
    this.#readSeconds = seconds;
  }

  /** The page in the Prometheus text format. */
  async render(): Promise<string> {
    const diagnosis = await this.#dashboard.diagnosis();
    if (diagnosis !== null) this.#machine.judged(diagnosis);
    const { last } = this.#dashboard;
    if (last !== undefined) this.#machine.push(last);
    const { phase, snapshots } = this.#dashboard.status();
    return renderMetrics(
      this.#machine.samples({
        up: phase !== "failed" && phase !== "stalled",
        snapshots,
        ...(this.#readSeconds !== undefined && { readSeconds: this.#readSeconds }),
      }),
    );
  }
}
