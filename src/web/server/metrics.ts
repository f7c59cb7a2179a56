// The Prometheus page: totals, limits, the largest and the watched tags, leaks, and how the source fares.

import { Counter, Gauge, Registry } from "prom-client";
import { formatTag, type Tag } from "../../model/tag.ts";
import { kindCode, kindCodeOfKey, kindOf, rowKey, sumBytes, tagOfKey } from "../../model/snapshot.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import type { Dashboard } from "./dashboard.ts";
import { MetricMembers } from "./metric-members.ts";
import { METRICS, type MetricId, type MetricSpec } from "./metric-table.ts";

export interface MetricsOptions {
  readonly version: string;
  /** Largest tags by bytes and by blocks, per pool: at most four times as many tags are shown. */
  readonly top: number;
  readonly isWatched: (tag: Tag) => boolean;
}

type Family = Gauge | Counter;

/** Follows a dashboard and renders the page. Call {@link close} to stop following. */
export class Metrics {
  readonly #dashboard: Dashboard;
  readonly #registry = new Registry();
  readonly #families = new Map<MetricId, Family>();
  readonly #members: MetricMembers;
  readonly #version: string;
  readonly #stop: () => void;
  #leaking: ReadonlySet<number> = new Set();
  #readSeconds: number | undefined;

  constructor(dashboard: Dashboard, options: MetricsOptions) {
    this.#dashboard = dashboard;
    this.#version = options.version;
    this.#members = new MetricMembers(options);
    for (const [id, spec] of Object.entries(METRICS) as [MetricId, MetricSpec][]) {
      const config = { name: spec.name, help: spec.help, labelNames: [...spec.labels], registers: [this.#registry] };
      this.#families.set(id, spec.type === "counter" ? new Counter(config) : new Gauge(config));
    }
    // Every live snapshot is seen, or a wrap between two scrapes would be lost.
    this.#stop = dashboard.listen(() => {
      const { last } = dashboard;
      if (last !== undefined && dashboard.status().phase !== "reading") this.#members.push(last, this.#leaking);
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
    for (const family of this.#families.values()) family.reset();
    // `reset` leaves a label-less metric at 0; one without a value must not be there at all.
    for (const family of this.#families.values()) family.remove({});
    this.#fillSource();
    if (diagnosis !== null) this.#fillLeaks(diagnosis);
    const { last } = this.#dashboard;
    if (last !== undefined) this.#members.push(last, this.#leaking);
    this.#fillTags();
    return this.#registry.metrics();
  }

  #set(id: MetricId, labels: Readonly<Record<string, string>>, value: number | undefined): void {
    if (value === undefined) return;
    const family = this.#families.get(id);
    if (family instanceof Counter) family.inc(labels, value);
    else family?.set(labels, value);
  }

  #fillSource(): void {
    const status = this.#dashboard.status();
    const { last } = this.#dashboard;
    this.#set("buildInfo", { version: this.#version }, 1);
    this.#set("sourceUp", {}, status.phase === "failed" || status.phase === "stalled" ? 0 : 1);
    this.#set("snapshots", {}, status.snapshots);
    this.#set("readSeconds", {}, this.#readSeconds);
    if (last === undefined) return;
    this.#set("snapshotTime", {}, last.time / 1000);
    this.#set("bootTime", {}, last.origin.bootTime === undefined ? undefined : last.origin.bootTime / 1000);
    this.#set("poolBytes", { type: "nonpaged" }, last.totals.nonpagedBytes ?? sumBytes(last.columns, 0));
    this.#set("poolBytes", { type: "paged" }, last.totals.pagedBytes ?? sumBytes(last.columns, 1));
  }

  #fillLeaks(diagnosis: Diagnosis): void {
    for (const pool of diagnosis.pools) this.#set("limitBytes", { type: pool.kind }, pool.limitBytes);
    const leaking = new Set<number>();
    for (const { tag, kind, state, bytesPerHour, exhaustion } of diagnosis.verdicts) {
      if (state !== "leaking") continue;
      leaking.add(rowKey(tag, kindCode(kind)));
      const labels = { tag: formatTag(tag), type: kind };
      this.#set("leakRate", labels, bytesPerHour.value);
      if (exhaustion !== undefined) this.#set("leakExhaustion", labels, exhaustion.hours.value * 3600);
    }
    this.#leaking = leaking;
  }

  #fillTags(): void {
    const owned = new Set<Tag>();
    for (const [key, member] of this.#members.all) {
      const ref = { tag: tagOfKey(key), kind: kindOf(kindCodeOfKey(key)) };
      const tag = formatTag(ref.tag);
      const labels = { tag, type: ref.kind };
      this.#set("tagBytes", labels, member.bytes);
      this.#set("tagBlocks", labels, member.blocks);
      this.#set("tagAllocs", labels, member.allocs);
      this.#set("tagFrees", labels, member.frees);
      const component = this.#dashboard.ownerOf(ref.tag)?.component ?? "";
      if (component !== "" && !owned.has(ref.tag)) this.#set("ownerInfo", { tag, component }, 1);
      owned.add(ref.tag);
    }
  }
}
