// What the recorder itself says of its recording, now and then and at its end, in the form in which the recording keeps it.

import { BesideRecord } from "../../attribution/beside/record.ts";
import { fileKey } from "../../attribution/beside/drivers.ts";
import { Detector } from "../../detect/detector.ts";
import { isNewBoot } from "../../detect/series/boots.ts";
import type { Milliseconds, Snapshot } from "../../model/snapshot.ts";
import { needsLook, type Diagnosis, type Verdict } from "../../model/verdict.ts";
import type { Judgement, KeptDriver, KeptVerdict } from "../../store/judgements.ts";
import { attributed, type ListSources } from "../attribution-sources.ts";
import { limitsOfSnapshot } from "../limits.ts";

/** A recorder must stay small on a machine that is short of memory: about 32 bytes a point and series. */
const POINTS = 96;

/** Judging 3,000 rows takes about a second; twice an hour that is .06 % of a core. */
export const JUDGE_EVERY: Milliseconds = 30 * 60_000;

/** Where somebody waits for an event: .3 % of a core. */
export const WATCH_EVERY: Milliseconds = 5 * 60_000;

/** More verdicts than anybody reads of one machine. */
const MOST_VERDICTS = 50;

export class SelfJudge {
  readonly #detector = new Detector({ maxPoints: POINTS, limitsOf: limitsOfSnapshot });
  readonly #beside = new BesideRecord(isNewBoot);
  readonly #lists: ListSources;
  readonly #every: Milliseconds;
  #judged: Milliseconds | undefined;
  #last: Snapshot | undefined;
  #diagnosis: Diagnosis | undefined;

  constructor(lists: ListSources, every: Milliseconds = JUDGE_EVERY) {
    this.#lists = lists;
    this.#every = every;
  }

  /** Takes in a snapshot; a judgement where one is due. */
  push(snapshot: Snapshot): Judgement | undefined {
    this.#detector.push(snapshot);
    this.#beside.push(snapshot);
    this.#last = snapshot;
    this.#judged ??= snapshot.time;
    return snapshot.time - this.#judged < this.#every ? undefined : this.judge();
  }

  /** The newest diagnosis in full, of which a judgement keeps the verdicts. */
  get diagnosis(): Diagnosis | undefined {
    return this.#diagnosis;
  }

  /** What is to be said now; undefined before the second snapshot. */
  judge(): Judgement | undefined {
    const last = this.#last;
    const found = this.#detector.diagnose();
    if (last === undefined || found === undefined || found.span.snapshots < 2) return undefined;
    this.#judged = last.time;
    this.#diagnosis = attributed(found, this.#lists, last, this.#beside);
    const { span, verdicts } = this.#diagnosis;
    return {
      time: last.time,
      from: span.from,
      snapshots: span.snapshots,
      verdicts: verdicts
        .filter(({ state }) => needsLook(state))
        .slice(0, MOST_VERDICTS)
        .map((verdict) => keptVerdict(verdict, last)),
    };
  }
}

/** A verdict as it is kept: the suspect with the version that is loaded on this machine. */
function keptVerdict(verdict: Verdict, { surroundings }: Snapshot): KeptVerdict {
  const { tag, kind, state, total, confidence, since, exhaustion, attribution } = verdict;
  const suspect = attribution?.suspect;
  const loaded = new Map((surroundings?.drivers ?? []).map((driver) => [driver.file.toLowerCase(), driver]));
  const files = [
    ...(suspect?.names ?? []),
    ...(attribution?.members ?? []).flatMap((member) => member.drivers.map(({ file }) => fileKey(file))),
  ];
  return {
    tag,
    kind,
    state,
    bytesPerHour: total.bytesPerHour,
    heldBytes: total.heldBytes,
    confidence,
    ...(since !== undefined && { since }),
    ...(exhaustion !== undefined && { exhaustionHours: exhaustion.hours }),
    ...(suspect !== undefined && { suspect: { name: suspect.names.join(", "), certainty: suspect.certainty } }),
    drivers: [...new Set(files)].map((file): KeptDriver => {
      const version = loaded.get(file.toLowerCase())?.version;
      return { file, ...(version !== undefined && { version }) };
    }),
  };
}
