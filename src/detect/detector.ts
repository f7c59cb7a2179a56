// Snapshots in, diagnosis out: the one detector that `leaks`, `check`, `record` and the live view share.

import type { PoolLimits } from "../model/limits.ts";
import {
  kindCode,
  kindCodeOfKey,
  kindOf,
  rowKey,
  sumBytes,
  tagOfKey,
  type Gap,
  type Milliseconds,
  type PoolKind,
  type Snapshot,
} from "../model/snapshot.ts";
import type { Triage } from "../model/triage.ts";
import type { Diagnosis, NotJudged, PoolOutlook, TagRef, Verdict, VisibleLeak } from "../model/verdict.ts";
import { abstentionsFor } from "./findings/abstentions.ts";
import { isNewBoot } from "./series/boots.ts";
import { FloorLook } from "./findings/floors.ts";
import { FreshLook } from "./findings/fresh.ts";
import { firstToRunOut, storesOf, type Store, type Taker } from "./findings/exhaustion.ts";
import { companionsOf } from "./findings/companions.ts";
import { groupTags } from "./findings/groups.ts";
import { harmlessOf } from "./findings/harmless.ts";
import { History, type Series } from "./series/history.ts";
import { isStill, readSignals } from "./series/tag-signals.ts";
import { judgeTag, OPEN, type TagJudgement } from "./findings/judge.ts";
import { withSurroundings } from "./findings/surroundings.ts";
import { MOST_FOLLOWERS, tideBar } from "./findings/tide.ts";
import { byUrgency, findingOf, isTooRecent, takerOf } from "./findings/verdicts.ts";
import { smallestVisible } from "./findings/visible.ts";
import { extraBar, makeWindow, MIN_POINTS, type Window } from "./series/window.ts";
import type { TriageKnowledge } from "./triage/signs.ts";
import { triageOf } from "./triage/triage.ts";

export interface DetectorOptions {
  /** Points of history kept per series; memory is about 24 bytes a point and series. */
  readonly maxPoints?: number;
  /** The limits in force for the machine of a snapshot; without it only what the snapshot's totals tell is used. */
  readonly limitsOf?: (snapshot: Snapshot) => PoolLimits;
  /** What lists know of tags, for the triage of one or a few snapshots. */
  readonly triage?: TriageKnowledge;
  /** The first snapshot was taken right after a boot; where the source tells the boot time this is seen by itself. */
  readonly startsAtBoot?: boolean;
}

/** Lists of refused snapshots end here: a log with a broken clock may hold thousands. */
const MAX_GAPS = 200;
/**
 * Rows that models are fitted to in one look; of more that move, those that gained most. Of Windows' two to five thousand
 * rows some hundreds move; a record in which thousands do would take minutes for each look.
 */
export const MAX_FITTED = 1_500;
/** Tags that grew harmlessly are listed up to this many, largest first. */
const MAX_HARMLESS = 25;
/** Tags that grow a little, but not enough: this many are usual, each further one raises the bar, up to a limit. */
const WEAK = 2.5;
const USUAL_WEAK = 1;
const BAR_PER_WEAK = 0.5;
const MAX_UNREST = 2.5;

/** How much this host's tags drift in ways that are not in our models, as a bar on top (log odds). */
function unrest(judged: readonly TagJudgement[]): number {
  const weak = judged.filter((j) => j.kind === "growing" && j.logOdds > WEAK && j.logOdds < OPEN).length;
  return Math.min(MAX_UNREST, BAR_PER_WEAK * Math.max(0, weak - USUAL_WEAK));
}

/** What more tags than any leak has follow is the machine's load: then none is named for following. */
function fewCompanions(companions: readonly TagJudgement[]): readonly TagJudgement[] {
  return companions.length > MOST_FOLLOWERS ? [] : companions;
}

/** Growth less likely than this on one side of a boot is no growth there. */
const MIN_ODDS_TO_ADD = 0.5;
const SOON_AFTER_BOOT = 15 * 60_000;

/**
 * Watches one machine. Snapshots arrive in time order; `push` costs a few microseconds and may be called at any rate.
 * `diagnose` looks at every tag anew (about half a millisecond for each tag that moves): call it when somebody asks, or
 * every few minutes while watching. A verdict depends on the record alone, not on what was said at an earlier look.
 */
export class Detector {
  readonly #options: DetectorOptions;
  readonly #boots: Milliseconds[] = [];
  readonly #gaps: Gap[] = [];
  /** Series that the last look found to leak. */
  readonly #open = new Set<number>();
  /** The first snapshots, as long as they are too few for a model; then none. */
  #few: Snapshot[] = [];
  #history: History;
  #bootAtStart = false;
  /** The time before the last boot, for growth that was there already. */
  #before: { readonly history: History; readonly bootAtStart: boolean } | undefined;
  #first: Snapshot | undefined;
  #last: Snapshot | undefined;
  #snapshots = 0;
  /** Rows of the last look that a model looked at, the constant ones included, and those listed too briefly. */
  readonly #judged = new Set<number>();
  #tooNew = 0;
  /** Rows that moved and were left out for the budget of a look. */
  #tooMany = 0;
  #hole = { from: 0, to: 0 };
  /** What the last look judged by, and what growth had to prove beyond the usual (log odds). */
  #looked: { readonly window: Window; readonly bar: number } | undefined;

  constructor(options: DetectorOptions = {}) {
    this.#options = options;
    this.#history = new History(options.maxPoints);
  }

  /** Takes the next snapshot. One that is not later than the previous is refused as a Gap, not an error. */
  push(snapshot: Snapshot): void {
    const last = this.#last;
    if (last !== undefined && !(snapshot.time > last.time)) {
      this.#note({
        where: snapshot.origin.file ?? snapshot.origin.source,
        problem: "a snapshot is not later than the one before it and was left out",
        from: snapshot.time,
        to: last.time,
      });
      return;
    }
    if (last !== undefined && isNewBoot(last, snapshot)) {
      this.#boots.push(snapshot.time);
      this.#before = { history: this.#history, bootAtStart: this.#bootAtStart };
      this.#history = new History(this.#options.maxPoints);
      this.#bootAtStart = true;
      this.#hole = { from: 0, to: 0 };
    } else if (last !== undefined && snapshot.time - last.time > this.#hole.to - this.#hole.from) {
      this.#hole = { from: last.time, to: snapshot.time };
    }
    for (const gap of snapshot.gaps) this.#note(gap);
    this.#first ??= snapshot;
    this.#last = snapshot;
    this.#snapshots += 1;
    if (this.#snapshots < MIN_POINTS) this.#few.push(snapshot);
    else this.#few = [];
    this.#history.push(snapshot);
  }

  /** The newest snapshot taken. */
  get last(): Snapshot | undefined {
    return this.#last;
  }

  /** The kept history of one (tag, kind) since the last boot. */
  series(ref: TagRef): Series | undefined {
    return this.#history.series(rowKey(ref.tag, kindCode(ref.kind)));
  }

  /** Whether the last `diagnose` looked at a row: without a verdict it is `steady` then, else `not-judged`. */
  wasJudged(ref: TagRef): boolean {
    return this.#judged.has(rowKey(ref.tag, kindCode(ref.kind)));
  }

  /**
   * The smallest steady leaks that the last `diagnose` would have called in rows that it judged and found nothing in; without
   * `refs` in the `most` largest of them. A figure costs about ten looks at the row.
   */
  smallestVisible(refs: readonly TagRef[] | undefined, most = Infinity): readonly VisibleLeak[] {
    const looked = this.#looked;
    if (looked === undefined) return [];
    const asked = refs?.map(({ tag, kind }) => rowKey(tag, kindCode(kind))) ?? this.#largest(most);
    return asked.flatMap((key): VisibleLeak[] => {
      if (!this.#judged.has(key) || this.#open.has(key)) return [];
      const signals = readSignals(looked.window, this.#history, key);
      if (typeof signals === "string") return [];
      const least = smallestVisible(signals, looked.bar);
      return [
        {
          tag: tagOfKey(key),
          kind: kindOf(kindCodeOfKey(key)),
          heldBytes: signals.held[signals.held.length - 1] ?? 0,
          spanMs: signals.basis.span,
          ...(least === undefined ? {} : { bytesPerHour: least.bytesPerHour }),
        },
      ];
    });
  }

  /** Keys of the judged rows without a finding that hold most and move. */
  #largest(most: number): readonly number[] {
    const held = (key: number): number => this.#history.columns(key)?.bytes.at(-1) ?? 0;
    const window = this.#looked?.window;
    return [...this.#judged]
      .filter((key) => {
        const columns = this.#history.columns(key);
        return !this.#open.has(key) && columns !== undefined && window !== undefined && !isStill(columns, window);
      })
      .toSorted((a, b) => held(b) - held(a))
      .slice(0, most);
  }

  /** What can be said now. Throws nothing; with too little data the diagnosis says so in `abstentions`. */
  diagnose(): Diagnosis | undefined {
    const first = this.#first;
    const last = this.#last;
    if (first === undefined || last === undefined) return undefined;
    const window = makeWindow(this.#history, this.#startsAtBoot(first));
    this.#judged.clear();
    const judged =
      window === undefined ? [] : withSurroundings(this.#withEarlierBoot(this.#judgeAll(window)), window.settled > 0);
    const tide = tideBar(judged);
    const bar = window === undefined ? 0 : extraBar(window) + unrest(judged) + tide;
    this.#looked = window === undefined ? undefined : { window, bar };
    const held = heldOf(last);
    const stores = storesOf(last.totals, held, this.#limits(last));
    const proven = judged.filter(
      (j) => j.excuse === undefined && j.logOdds >= OPEN + bar && !isTooRecent(j, stores, spanOf(window)),
    );
    const rest = judged.filter((j) => !proven.includes(j));
    const open = [...proven, ...(tide > 0 ? [] : fewCompanions(companionsOf(proven, rest)))];
    this.#open.clear();
    for (const j of open) this.#open.add(j.key);
    const takers = open.filter((j) => j.kind === "growing").map(takerOf);
    const findings = groupTags(open).map((group) => findingOf(group, last, takers, stores));
    const verdicts = [...findings.sort(byUrgency), ...this.#harmless(judged, window, last)];
    const series = this.#history.seriesCount;
    const notJudged = this.#notJudged(window, series);
    const triage = this.#triage(last, verdicts);
    return {
      origin: last.origin,
      span: { from: first.time, to: last.time, snapshots: this.#snapshots, series, boots: [...this.#boots] },
      totals: last.totals,
      pools: (["nonpaged", "paged"] as const).map((kind) =>
        outlook(kind, held, window === undefined ? undefined : takers, stores, last),
      ),
      verdicts,
      ...(triage === undefined ? {} : { triage }),
      steadyCount: Math.max(0, series - notJudged.count - open.length - (verdicts.length - findings.length)),
      notJudged,
      abstentions: abstentionsFor({
        snapshots: this.#snapshots,
        from: first.time,
        to: last.time,
        boots: this.#boots,
        sinceBoot: this.#history.length,
        window,
        hole: this.#hole,
        allocsKnown: allocsKnown(last),
        notJudged: notJudged.tooMany,
      }),
      gaps: [...this.#gaps],
    };
  }

  /** What the few snapshots say, else the levels of the last one; of tags that are in no verdict. */
  #triage(last: Snapshot, verdicts: readonly Verdict[]): Triage | undefined {
    const triage = triageOf(this.#few.length > 0 ? this.#few : [last], this.#options.triage);
    if (triage === undefined) return undefined;
    const said = new Set(
      verdicts.flatMap((verdict) => [verdict, ...verdict.group].map(({ tag, kind }) => rowKey(tag, kindCode(kind)))),
    );
    const findings = triage.findings.filter(({ tag, kind }) => !said.has(rowKey(tag, kindCode(kind))));
    return { ...triage, findings };
  }

  /** Rows that no model looked at: none did without a window, else those listed too briefly and those beyond the most. */
  #notJudged(window: Window | undefined, series: number): NotJudged {
    if (window === undefined) return { count: series, tooFewSnapshots: series, tooNew: 0, tooMany: 0 };
    const tooNew = this.#tooNew;
    const tooMany = this.#tooMany;
    return { count: tooNew + tooMany, tooFewSnapshots: 0, tooNew, tooMany };
  }

  #judgeAll(window: Window): TagJudgement[] {
    const judged: TagJudgement[] = [];
    const fresh = new FreshLook(this.#history, window);
    const floors = new FloorLook(this.#history, window);
    this.#tooNew = 0;
    for (const key of this.#keysToJudge(window)) {
      const signals = readSignals(window, this.#history, key);
      if (signals === "too-new") {
        this.#tooNew += 1;
        continue;
      }
      this.#judged.add(key);
      if (signals !== "constant") judged.push(floors.judge(fresh.judge(judgeTag(signals))));
    }
    return judged;
  }

  /** All series; of very many that move those that gained most, so that a look takes bounded time. */
  #keysToJudge(window: Window): Iterable<number> {
    this.#tooMany = 0;
    const keys = this.#history.keys();
    if (this.#history.seriesCount <= MAX_FITTED) return keys;
    const still: number[] = [];
    const moving: { key: number; gain: number }[] = [];
    for (const key of keys) {
      const columns = this.#history.columns(key);
      if (columns === undefined || isStill(columns, window)) still.push(key);
      else moving.push({ key, gain: gainOf(columns.bytes, window) });
    }
    moving.sort((a, b) => b.gain - a.gain);
    this.#tooMany = Math.max(0, moving.length - MAX_FITTED);
    return [...still, ...moving.slice(0, MAX_FITTED).map(({ key }) => key)];
  }

  /** Growth that the last boot cleared and that came back: what both stretches tell is independent, so odds add up. */
  #withEarlierBoot(judged: readonly TagJudgement[]): readonly TagJudgement[] {
    const before = this.#before;
    const window = before === undefined ? undefined : makeWindow(before.history, before.bootAtStart);
    if (before === undefined || window === undefined) return judged;
    return judged.map((j) => {
      if (j.kind !== "growing" || j.logOdds < MIN_ODDS_TO_ADD || j.logOdds >= OPEN) return j;
      const signals = readSignals(window, before.history, j.key);
      const earlier = typeof signals === "object" ? judgeTag(signals) : undefined;
      const same = earlier?.kind === "growing" && earlier.factor === j.factor && earlier.logOdds >= MIN_ODDS_TO_ADD;
      return same ? { ...j, logOdds: j.logOdds + earlier.logOdds, returned: true as const } : j;
    });
  }

  #harmless(judged: readonly TagJudgement[], window: Window | undefined, last: Snapshot): Verdict[] {
    if (window === undefined) return [];
    const list: Verdict[] = [];
    for (const j of judged) {
      if (this.#open.has(j.key)) continue;
      const verdict = harmlessOf(j, last);
      if (verdict !== undefined) list.push(verdict);
    }
    const weight = (v: Verdict): number => (v.state === "too-early" ? 1e18 : 0) + Math.abs(v.grownBytes);
    return list.sort((a, b) => weight(b) - weight(a)).slice(0, MAX_HARMLESS);
  }

  #limits(last: Snapshot): PoolLimits {
    const { nonpagedLimitBytes, pagedLimitBytes } = last.totals;
    return (
      this.#options.limitsOf?.(last) ?? {
        ...(nonpagedLimitBytes === undefined
          ? {}
          : { nonpaged: { bytes: nonpagedLimitBytes, basis: "told by the record" } }),
        ...(pagedLimitBytes === undefined ? {} : { paged: { bytes: pagedLimitBytes, basis: "told by the record" } }),
      }
    );
  }

  #startsAtBoot(first: Snapshot): boolean {
    const { bootTime } = first.origin;
    return (
      this.#bootAtStart ||
      (this.#options.startsAtBoot ?? (bootTime !== undefined && first.time - bootTime < SOON_AFTER_BOOT))
    );
  }

  #note(gap: Gap): void {
    if (this.#gaps.length < MAX_GAPS) this.#gaps.push(gap);
  }
}

/** Bytes gained since the window began; a row that came later gained all it has. */
function gainOf(bytes: Float64Array, window: Window): number {
  const first = bytes[window.start] ?? 0;
  const last = bytes[bytes.length - 1] ?? 0;
  return (Number.isNaN(last) ? 0 : last) - (Number.isNaN(first) ? 0 : first);
}

function spanOf(window: Window | undefined): Milliseconds {
  const times = window?.times;
  return times === undefined ? 0 : (times[times.length - 1] ?? 0) - (times[0] ?? 0);
}

function heldOf(last: Snapshot): Record<PoolKind, number> {
  return {
    nonpaged: last.totals.nonpagedBytes ?? sumBytes(last.columns, kindCode("nonpaged")),
    paged: last.totals.pagedBytes ?? sumBytes(last.columns, kindCode("paged")),
  };
}

function allocsKnown(last: Snapshot): boolean {
  const { allocs, length } = last.columns;
  for (let i = 0; i < length; i++) if (!Number.isNaN(allocs[i])) return true;
  return length === 0;
}

function outlook(
  kind: PoolKind,
  held: Readonly<Record<PoolKind, number>>,
  takers: readonly Taker[] | undefined,
  stores: readonly Store[],
  last: Snapshot,
): PoolOutlook {
  const limit = stores.find((store) => store.against === `${kind}-limit`);
  const known = {
    kind,
    bytes: held[kind],
    ...(limit === undefined ? {} : { limitBytes: limit.limitBytes, limitBasis: limit.limitBasis }),
  };
  if (takers === undefined) return known;
  const own = takers.filter((taker) => taker.kind === kind);
  const rate = own.reduce((sum, taker) => sum + taker.rate, 0);
  const error = Math.hypot(...own.map((taker) => taker.error));
  const exhaustion =
    own.length === 0
      ? undefined
      : firstToRunOut(
          stores.filter((store) => store.feeds(kind)),
          takers,
          last.time,
        );
  return {
    ...known,
    bytesPerHour: { value: rate, low: rate - 2 * error, high: rate + 2 * error },
    ...(exhaustion === undefined ? {} : { exhaustion }),
  };
}
