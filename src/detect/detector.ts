// Snapshots in, diagnosis out: the one detector that `leaks`, `check`, `record` and the live view share.

import { kindCode, rowKey, sumBytes, type Gap, type Milliseconds, type Snapshot } from "../model/snapshot.ts";
import type { PoolLimits } from "../model/limits.ts";
import type { Diagnosis, TagRef, Verdict } from "../model/verdict.ts";
import { isNewBoot } from "./boots.ts";
import { groupTags } from "./groups.ts";
import { History, type Series } from "./history.ts";
import { CLOSE, judgeTag, OPEN, type TagJudgement } from "./judge.ts";
import { verdictOf } from "./verdicts.ts";
import { makeWindow } from "./window.ts";

export interface DetectorOptions {
  /** Points of history kept per series; memory is about 24 bytes a point and series. */
  readonly maxPoints?: number;
  /** The limits in force for the machine of a snapshot; without it only what the snapshot's totals tell is used. */
  readonly limitsOf?: (snapshot: Snapshot) => PoolLimits;
  /** The first snapshot was taken right after a boot; where the source tells the boot time this is seen by itself. */
  readonly startsAtBoot?: boolean;
}

/** Watches one machine. Snapshots arrive in time order; a diagnosis may be asked for at any time. */
export class Detector {
  readonly #options: DetectorOptions;
  readonly #boots: Milliseconds[] = [];
  readonly #gaps: Gap[] = [];
  /** Series whose verdict was open at the last look. */
  readonly #open = new Set<number>();
  #history: History;
  #bootAtStart = false;
  #first: Snapshot | undefined;
  #last: Snapshot | undefined;
  #snapshots = 0;

  constructor(options: DetectorOptions = {}) {
    this.#options = options;
    this.#history = new History(options.maxPoints);
  }

  /** Takes the next snapshot. One that is not later than the previous is refused as a Gap, not an error. */
  push(snapshot: Snapshot): void {
    const last = this.#last;
    if (last !== undefined && !(snapshot.time > last.time)) {
      this.#gaps.push({
        where: snapshot.origin.file ?? snapshot.origin.source,
        problem: "a snapshot is not later than the one before it and was left out",
        from: snapshot.time,
        to: last.time,
      });
      return;
    }
    if (last !== undefined && isNewBoot(last, snapshot)) {
      this.#boots.push(snapshot.time);
      this.#history = new History(this.#options.maxPoints);
      this.#bootAtStart = true;
    }
    this.#gaps.push(...snapshot.gaps);
    this.#first ??= snapshot;
    this.#last = snapshot;
    this.#snapshots += 1;
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

  /** What can be said now. Throws nothing; with too little data the diagnosis says so in `abstentions`. */
  diagnose(): Diagnosis | undefined {
    const first = this.#first;
    const last = this.#last;
    if (first === undefined || last === undefined) return undefined;
    const window = makeWindow(this.#history, this.#bootAtStart || (this.#options.startsAtBoot ?? startsAtBoot(first)));
    const judged: TagJudgement[] = [];
    if (window !== undefined) {
      for (const key of this.#history.keys()) {
        const judgement = judgeTag(window, this.#history, key);
        if (judgement !== undefined) judged.push(judgement);
      }
    }
    const open = judged.filter((j) => j.odds >= (this.#open.has(j.key) ? CLOSE : OPEN));
    this.#open.clear();
    for (const j of open) this.#open.add(j.key);
    const verdicts: Verdict[] = groupTags(open).flatMap((group) => verdictOf(group, last));
    verdicts.sort((a, b) => b.bytesPerHour.value - a.bytesPerHour.value);
    return {
      origin: last.origin,
      span: {
        from: first.time,
        to: last.time,
        snapshots: this.#snapshots,
        series: this.#history.seriesCount,
        boots: this.#boots,
      },
      totals: last.totals,
      pools: (["nonpaged", "paged"] as const).map((kind) => ({
        kind,
        bytes:
          (kind === "paged" ? last.totals.pagedBytes : last.totals.nonpagedBytes) ??
          sumBytes(last.columns, kindCode(kind)),
        bytesPerHour: { value: 0, low: 0, high: 0 },
      })),
      verdicts,
      steadyCount: this.#history.seriesCount - verdicts.length,
      abstentions: this.#snapshots < 3 ? ["Fewer than three snapshots: nothing can be said about growth."] : [],
      gaps: this.#gaps,
    };
  }
}

const SOON_AFTER_BOOT = 15 * 60_000;

function startsAtBoot(first: Snapshot): boolean {
  const { bootTime } = first.origin;
  return bootTime !== undefined && first.time - bootTime < SOON_AFTER_BOOT;
}
