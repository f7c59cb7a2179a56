// The state behind the page: takes snapshots, keeps what charts need, and answers overview, table, one tag, comparison.
// Knows no HTTP; the server and the saved report both ask it.

import type { Detector } from "../../detect/detector.ts";
import {
  kindCode,
  kindOf,
  rowKey,
  tagOfKey,
  kindCodeOfKey,
  type Milliseconds,
  type Snapshot,
} from "../../model/snapshot.ts";
import type { BesideTables } from "../../model/beside.ts";
import type { Tag } from "../../model/tag.ts";
import type { Owner } from "../../model/attribution.ts";
import type { Diagnosis, TagRef } from "../../model/verdict.ts";
import { plural } from "../../model/units.ts";
import { ChartHistory, MAX_SERIES } from "./chart-history.ts";
import { compareTimes } from "./compare.ts";
import type { Comparison, Overview, Phase, Status, TagDetail, TagFacts, TagRows } from "../contract.ts";
import { toPoints } from "./points.ts";
import { tagTable } from "./tag-table.ts";

/** What the command line knows and the dashboard may not look up itself. */
export interface DashboardOptions {
  readonly detector: Detector;
  readonly version: string;
  /** The source in the user's words. */
  readonly source: string;
  /** Adds owners, known leaks and drivers to a diagnosis. */
  readonly enrich?: (diagnosis: Diagnosis) => Diagnosis | Promise<Diagnosis>;
  /** Who owns a tag; asked for every row of the table. */
  readonly ownerOf?: (tag: Tag) => Owner | undefined;
  /** Drivers and known leaks of a tag that somebody looks at. */
  readonly factsOf?: (tag: Tag) => Promise<Omit<TagFacts, "owner">>;
  /** What stands beside the counters, as far as it was taken. */
  readonly beside?: () => BesideTables;
  /** Zone of the machine's own clock, where it is known. */
  readonly machineZone?: string;
  readonly now: () => Milliseconds;
  /** Interval of a live source: after three of them without a snapshot it counts as stalled. */
  readonly everyMs?: Milliseconds;
  readonly maxPoints?: number;
}

/** Largest tags of each kind that the overview draws. */
const TOP = 12;
/** Verdicts whose series the overview carries; the others are a click away. */
const VERDICT_SERIES = 60;
const NOTHING: TagFacts = { drivers: [], knownLeaks: [] };

export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #history: ChartHistory;
  readonly #listeners = new Set<() => void>();
  #phase: Phase = "reading";
  #message: string | undefined;
  #progress: number | undefined;
  #revision = 0;
  #snapshots = 0;
  #arrived: Milliseconds = 0;
  #diagnosis: { readonly revision: number; readonly made: Promise<Diagnosis | null> } | undefined;
  #diagnosed: { readonly at: Milliseconds; readonly cost: Milliseconds } = { at: 0, cost: 0 };

  constructor(options: DashboardOptions) {
    this.#options = options;
    this.#history = new ChartHistory(options.maxPoints);
  }

  /** Takes the next snapshot. Listeners hear of it at once where the source is live. */
  push(snapshot: Snapshot): void {
    this.#options.detector.push(snapshot);
    this.#history.push(snapshot);
    this.#snapshots += 1;
    this.#revision += 1;
    this.#arrived = this.#options.now();
    if (this.#phase === "reading") return;
    this.#message = undefined;
    this.#tell();
  }

  /** Tells how far reading has come, 0 to 1. */
  setProgress(share: number): void {
    this.#progress = share;
    this.#tell();
  }

  /** The source was read to its end, delivers from now on, or failed (`message` says why). */
  setPhase(phase: "complete" | "live" | "failed", message?: string): void {
    this.#phase = phase;
    this.#message = message;
    this.#progress = undefined;
    this.#revision += 1;
    this.#arrived = this.#options.now();
    this.#tell();
  }

  /** A reading of a live source that failed; it is tried again, so the dashboard goes on. */
  setTrouble(message: string): void {
    this.#message = message;
    this.#tell();
  }

  /** Calls back at every change of the status, until the answer is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get last(): Snapshot | undefined {
    return this.#history.last;
  }

  status(): Status {
    const last = this.#history.last;
    const { everyMs } = this.#options;
    const silence = this.#options.now() - this.#arrived;
    const patience = Math.max(3 * (everyMs ?? 0), 3 * this.#history.usualInterval, 5000);
    const stalled = this.#phase === "live" && everyMs !== undefined && silence > patience;
    return {
      phase: stalled ? "stalled" : this.#phase,
      revision: this.#revision,
      snapshots: this.#snapshots,
      ...(last === undefined ? {} : { lastTime: last.time }),
      ...(everyMs === undefined ? {} : { everyMs }),
      ...(this.#progress === undefined ? {} : { progress: this.#progress }),
      ...(this.#message === undefined ? {} : { message: this.#message }),
    };
  }

  /**
   * The diagnosis of everything taken so far, null where there is nothing or a file is still being read. A live source
   * is diagnosed again at most after ten times what the last diagnosis took, so that looking stays cheap.
   */
  diagnosis(): Promise<Diagnosis | null> {
    if (this.#phase === "reading" || this.#snapshots === 0) return Promise.resolve(null);
    const { now } = this.#options;
    const kept = this.#diagnosis;
    const fresh = kept?.revision === this.#revision;
    if (kept !== undefined && (fresh || now() - this.#diagnosed.at < 10 * this.#diagnosed.cost)) return kept.made;
    const made = this.#diagnose();
    this.#diagnosis = { revision: this.#revision, made };
    return made;
  }

  async #diagnose(): Promise<Diagnosis | null> {
    const start = this.#options.now();
    const plain = this.#options.detector.diagnose() ?? null;
    this.#diagnosed = { at: this.#options.now(), cost: this.#options.now() - start };
    if (plain === null) return null;
    const enriched = (await this.#options.enrich?.(plain)) ?? plain;
    const { leftOut } = this.#history;
    if (leftOut === 0) return enriched;
    const gap = {
      where: "the dashboard",
      problem: `${plural(leftOut, "row")} of tags beyond the first ${MAX_SERIES} are not drawn`,
    };
    return { ...enriched, gaps: [...enriched.gaps, gap] };
  }

  async overview(): Promise<Overview> {
    const diagnosis = await this.diagnosis();
    const history = this.#history;
    const keys = diagnosis === null ? [] : this.drawnKeys(diagnosis);
    return {
      version: this.#options.version,
      source: this.#options.source,
      // An older diagnosis is told by its revision, so that whoever shows it knows to ask again.
      status: { ...this.status(), ...(diagnosis === null ? {} : { revision: this.#diagnosis?.revision ?? 0 }) },
      ...(this.#options.machineZone === undefined ? {} : { machineZone: this.#options.machineZone }),
      diagnosis,
      times: diagnosis === null ? [] : Array.from(history.times),
      missing: history.missing,
      pools:
        diagnosis === null
          ? []
          : ([0, 1] as const).map((code) => ({ kind: kindOf(code), bytes: toPoints(history.total(code)) })),
      series: keys.map((key) => ({
        tag: tagOfKey(key),
        kind: kindOf(kindCodeOfKey(key)),
        bytes: toPoints(history.series(key)?.bytes ?? new Float64Array()),
      })),
    };
  }

  /** Row keys of the tags that the overview draws: the largest of each kind now, those with a verdict, and their groups. */
  drawnKeys(diagnosis: Diagnosis): number[] {
    const keys = new Set<number>();
    const columns = this.#history.last?.columns;
    for (const code of [0, 1]) {
      const rows = Array.from({ length: columns?.length ?? 0 }, (_, row) => row).filter(
        (row) => columns?.kind[row] === code,
      );
      rows.sort((a, b) => (columns?.bytes[b] ?? 0) - (columns?.bytes[a] ?? 0));
      for (const row of rows.slice(0, TOP)) keys.add(rowKey(columns?.tag[row] ?? 0, code));
    }
    for (const verdict of diagnosis.verdicts.slice(0, VERDICT_SERIES)) {
      for (const { tag, kind } of [verdict, ...verdict.group]) keys.add(rowKey(tag, kindCode(kind)));
    }
    return [...keys].filter((key) => this.#history.series(key) !== undefined);
  }

  async table(): Promise<TagRows> {
    const diagnosis = await this.diagnosis();
    // A log names a driver or says a few words where no list knows the component.
    const ownerText = (tag: Tag): string => {
      const owner = this.ownerOf(tag);
      return owner === undefined ? "" : owner.component || owner.description;
    };
    const { detector } = this.#options;
    return tagTable(this.#history, diagnosis, this.#revision, ownerText, (ref) => detector.wasJudged(ref));
  }

  /** Drivers, programs and objects as of the newest snapshot that tells them. */
  beside(): BesideTables {
    return this.#options.beside?.() ?? { driverChanges: [] };
  }

  /** One tag over time, undefined where it was never seen. */
  async detail(ref: TagRef): Promise<TagDetail | undefined> {
    const series = this.#history.series(rowKey(ref.tag, kindCode(ref.kind)));
    if (series === undefined) return undefined;
    const owner = this.ownerOf(ref.tag);
    return {
      ...ref,
      ...(owner === undefined ? {} : { owner }),
      ...((await this.#options.factsOf?.(ref.tag)) ?? NOTHING),
      times: Array.from(this.#history.times),
      bytes: toPoints(series.bytes),
      blocks: toPoints(series.blocks),
    };
  }

  ownerOf(tag: Tag): Owner | undefined {
    return this.#options.ownerOf?.(tag);
  }

  /** All tags at the measured times next to two others; undefined before the first snapshot. */
  compare(from: Milliseconds, to: Milliseconds): Comparison | undefined {
    return compareTimes(this.#history, from, to);
  }

  /** What the charts draw, for the saved report. */
  get history(): ChartHistory {
    return this.#history;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
