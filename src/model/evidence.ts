// Reasons in figures: what was measured, without a word. src/words/evidence.ts makes the sentences.

import type { Milliseconds } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

/** Which kind of object leads a group of tags in lockstep. */
export type RootObject = "process" | "thread" | "socket" | "file" | "token";

/** One reason for a statement, by kind, with the figures that it rests on. Shares are 0 to 1, odds natural logarithms. */
export type Evidence =
  /** What grew in `overMs`; `quietMs` without growth since, where it stopped; `nowBytesPerHour` where it speeds up. */
  | {
      readonly kind: "growth";
      readonly factor: "count" | "size" | "both" | "nothing";
      readonly blocks: number;
      readonly bytes: number;
      readonly overMs: Milliseconds;
      readonly quietMs?: Milliseconds;
      readonly nowBytesPerHour?: number;
    }
  /** The same growth was there before a restart, which cleared it. */
  | { readonly kind: "returned" }
  /** Allocations made in the window and the share of them never freed. */
  | { readonly kind: "frees"; readonly made: number; readonly keptShare: number }
  /** A sawtooth whose floor rises. */
  | { readonly kind: "rising-floor"; readonly trims: number }
  /** The growth is that of the least held in each stretch of the record, under blocks that come and go. */
  | { readonly kind: "by-floor" }
  /** How much better growth explains the record than everything harmless that was tried. */
  | {
      readonly kind: "shape";
      readonly like: "steady" | "after-quiet-start" | "then-level";
      readonly onRhythm: boolean;
      readonly logOdds: number;
      readonly loadTried: boolean;
    }
  /** Growth follows the machine's work; bytes that stay behind per allocation where counters tell. */
  | { readonly kind: "work"; readonly bytesPerAllocation?: number }
  /** Other tags grow in a fixed ratio. */
  | { readonly kind: "lockstep"; readonly tags: readonly Tag[]; readonly root?: RootObject }
  /** Time in which the counters stood still across holes in the record, and the rate by the rest. */
  | {
      readonly kind: "asleep";
      readonly asleepMs: Milliseconds;
      readonly overMs: Milliseconds;
      readonly bytesPerAwakeHour: number;
    }
  | { readonly kind: "short-record"; readonly spanMs: Milliseconds }
  | { readonly kind: "few-periods"; readonly periods: number }
  /** Growth too young to be told from a burst. */
  | { readonly kind: "maybe-burst"; readonly bytesPerHour: number; readonly forMs: Milliseconds }
  /** Growth that cannot be told from drift in this record. */
  | {
      readonly kind: "within-noise";
      readonly bytesPerHour: number;
      readonly spanMs: Milliseconds;
      readonly fewSnapshots: boolean;
    }
  | { readonly kind: "fell-back"; readonly roseBytes: number; readonly fellBytes: number }
  | { readonly kind: "stepped"; readonly bytes: number; readonly steps: number }
  | { readonly kind: "short-rise"; readonly bytes: number }
  | { readonly kind: "saturating"; readonly bytes: number }
  /** A leak, going on or stopped, and something harmless explain the growth about as well; log odds of the leak. */
  | {
      readonly kind: "contenders";
      readonly goesOn: boolean;
      readonly harmless: "cache" | "step" | "load-driven" | "steady";
      readonly logOdds: number;
      readonly bytes: number;
    }
  /** Two harmless explanations within the margin. */
  | {
      readonly kind: "either-way";
      readonly first: "cache" | "step" | "load-driven";
      readonly second: "cache" | "step" | "load-driven";
      readonly bytes: number;
    }
  /** All growth came in so many lumps, none of which was freed. */
  | { readonly kind: "lumps"; readonly lumps: number; readonly bytesEach: number }
  /** Given back at once and grown again at the same rate, at times that no trim explains. */
  | { readonly kind: "cleared"; readonly times: number }
  /** The same once: a trim or a driver loaded anew. */
  | { readonly kind: "cleared-once"; readonly bytesPerHour: number }
  /** It fell at one time with most of what moves, and came back with it. */
  | { readonly kind: "fell-with-all" }
  /** Growth from a boot on that ended `untilMs` after it. */
  | { readonly kind: "start-up"; readonly bytes: number; readonly untilMs: Milliseconds }
  /** Since the growth stopped, this share of the allocations that made it goes on and is freed again. */
  | { readonly kind: "reused"; readonly bytes: number; readonly goesOn: number }
  /** Another tag of the same pool gave back as much at the same time. */
  | { readonly kind: "moved-from"; readonly tag: Tag; readonly bytes: number }
  /** Several tags began to rise at the same time, each in its own way, and rise yet. */
  | {
      readonly kind: "burst-going-on";
      readonly from: Milliseconds;
      readonly tags: number;
      readonly bytes: number;
    }
  /** Several tags rose between the same two times, each in its own way. */
  | {
      readonly kind: "burst-of-work";
      readonly from: Milliseconds;
      readonly until: Milliseconds;
      readonly tags: number;
      readonly bytes: number;
    }
  /** Share of the variance that the machine's load explains. */
  | { readonly kind: "follows-load"; readonly share: number };

/** What a record cannot answer, in figures. src/words/abstentions.ts makes the sentences. */
export type Abstention =
  | { readonly kind: "one-snapshot" }
  | {
      readonly kind: "few-snapshots";
      readonly usable: number;
      readonly needed: number;
      readonly lastBoot?: Milliseconds;
    }
  | { readonly kind: "restarts"; readonly boots: number; readonly lastBoot: Milliseconds }
  | { readonly kind: "settling"; readonly ms: Milliseconds }
  | { readonly kind: "under-a-day"; readonly ms: Milliseconds }
  | { readonly kind: "hole"; readonly from: Milliseconds; readonly to: Milliseconds }
  | { readonly kind: "no-counters" }
  | { readonly kind: "too-many-rows"; readonly rows: number };
