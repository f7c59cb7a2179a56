// What a check of a machine says: each published leak rated, and the settings that hide leaks or make them worse.

import type { KnownCase } from "./known-case.ts";
import type { Milliseconds } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

/** `none`: looked at, and ruled out. `not-judged`: what was measured cannot tell. */
export const CASE_RATINGS = ["likely", "unlikely", "none", "not-judged"] as const;
export type CaseRating = (typeof CASE_RATINGS)[number];

/** What a rating rests on. */
export type RatingBasis =
  | "own-tags-grow"
  | "sign-holds"
  | "own-tags-level"
  | "own-tags-not-watched"
  | "own-tags-absent"
  | "shared-tags-absent"
  | "sign-fails"
  | "shared-tags-grow"
  | "shared-tags-level"
  | "driver-absent"
  | "other-windows"
  | "partial-listing"
  | "nothing-to-measure";

export interface RatedCase {
  readonly case: KnownCase;
  readonly rating: CaseRating;
  readonly basis: RatingBasis;
  /** Tags the basis speaks of. */
  readonly tags: readonly Tag[];
  /** Drivers of the case that are loaded, with the version where it is known. */
  readonly loaded: readonly string[];
}

/** What Windows or a recording tells of settings; absent: not told. */
export interface MachineSettings {
  /** Time since the kernel started. */
  readonly uptime?: Milliseconds;
  readonly windowsBuild?: number;
  readonly fastStartup?: boolean;
  /** Drivers that Driver Verifier watches, `*` for all; empty: none. */
  readonly verifiedDrivers?: string;
  /** Bytes that registry values PagedPoolSize and NonPagedPoolSize fix; 0: Windows decides. */
  readonly pagedPoolSize?: number;
  readonly nonPagedPoolSize?: number;
  /** Instances of file system filters are not counted, filters are. */
  readonly filters?: number;
  readonly traceSessions?: number;
  /** Why something was not told, by what it is. */
  readonly refused: Readonly<Partial<Record<SettingName, string>>>;
}

export const SETTING_NAMES = [
  "uptime",
  "fast-startup",
  "verifier",
  "pool-sizes",
  "pool-tagging",
  "filters",
  "trace-sessions",
] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

export type SettingRating = "look" | "fine" | "not-judged";

export interface RatedSetting {
  readonly name: SettingName;
  readonly rating: SettingRating;
}
