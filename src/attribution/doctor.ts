// Rates each published leak, and the settings of a machine, from what was measured there. Sentences are in src/words/doctor.ts.

import type {
  CaseRating,
  MachineSettings,
  RatedCase,
  RatedSetting,
  RatingBasis,
  SettingRating,
} from "../model/doctor.ts";
import type { KnownCase } from "../model/known-case.ts";
import type { LoadedDriver } from "../model/surroundings.ts";
import { parseTag, type Tag } from "../model/tag.ts";

/** What of a machine the cases are held against. */
export interface ExaminedMachine {
  /** Tags with blocks in the newest listing. */
  readonly present: ReadonlySet<Tag>;
  /** Whether that listing is whole, so that a tag which is missing is not there. */
  readonly isWhole: boolean;
  /** Tags of findings that call for action, or that triage holds for kept and never freed. */
  readonly growing: ReadonlySet<Tag>;
  /** Whether a model of growth looked at the tag. */
  readonly wasJudged: (tag: Tag) => boolean;
  /** Patterns whose measured sign holds, by id. */
  readonly signs: ReadonlySet<string>;
  /** Whether cumulative counters are known, which shares of frees need. */
  readonly hasCounters: boolean;
  /** Undefined where no list of drivers was measured. */
  readonly drivers: readonly LoadedDriver[] | undefined;
  readonly windowsBuild: number | undefined;
}

/** One case against one machine. Its own tags weigh more than a list of drivers: blocks outlive the driver that took them. */
export function rateCase(known: KnownCase, machine: ExaminedMachine): RatedCase {
  const loaded = loadedOf(known, machine.drivers);
  const answer = (rating: CaseRating, basis: RatingBasis, tags: readonly Tag[] = []): RatedCase => ({
    case: known,
    rating,
    basis,
    tags,
    loaded,
  });
  const [first = 0, last = Infinity] = known.builds ?? [];
  const { windowsBuild } = machine;
  if (windowsBuild !== undefined && (windowsBuild < first || windowsBuild > last))
    return answer("none", "other-windows");
  const isDriverAbsent = machine.drivers !== undefined && known.drivers !== undefined && loaded.length === 0;
  const own = tagsOf(known.ownTags, machine.present);
  if (own.length > 0) {
    const growing = own.filter((tag) => machine.growing.has(tag));
    if (growing.length > 0) return answer("likely", "own-tags-grow", growing);
    return own.every(machine.wasJudged)
      ? answer("unlikely", "own-tags-level", own)
      : answer("not-judged", "own-tags-not-watched", own);
  }
  if (isDriverAbsent) return answer("none", "driver-absent");
  if (known.class === "case") {
    return machine.isWhole ? answer("none", "own-tags-absent") : answer("not-judged", "partial-listing");
  }
  return ratePattern(known, machine, answer);
}

function ratePattern(
  known: KnownCase,
  machine: ExaminedMachine,
  answer: (rating: CaseRating, basis: RatingBasis, tags?: readonly Tag[]) => RatedCase,
): RatedCase {
  const shared = tagsOf(known.sharedTags, machine.present);
  if (machine.signs.has(known.id)) return answer("likely", "sign-holds", shared);
  if (known.sharedTags.length === 0) return answer("not-judged", "nothing-to-measure");
  if (shared.length === 0) {
    return machine.isWhole ? answer("none", "shared-tags-absent") : answer("not-judged", "partial-listing");
  }
  const { measures } = known;
  const isMeasured = measures !== undefined && (measures.maxFreedShare === undefined || machine.hasCounters);
  if (isMeasured && machine.isWhole) return answer("unlikely", "sign-fails", shared);
  const growing = shared.filter((tag) => machine.growing.has(tag));
  // Others use these tags too, so their growth alone accuses nobody.
  if (growing.length > 0) return answer("not-judged", "shared-tags-grow", growing);
  return shared.every(machine.wasJudged)
    ? answer("unlikely", "shared-tags-level", shared)
    : answer("not-judged", "nothing-to-measure", shared);
}

function tagsOf(texts: readonly string[], present: ReadonlySet<Tag>): readonly Tag[] {
  return texts.flatMap((text) => parseTag(text) ?? []).filter((tag) => present.has(tag));
}

function loadedOf({ drivers = [] }: KnownCase, list: readonly LoadedDriver[] | undefined): readonly string[] {
  return (list ?? [])
    .filter(({ file }) => drivers.includes(file.toLowerCase()))
    .map(({ file, version }) => (version === undefined ? file : `${file} ${version}`));
}

/** A kernel that has run this long has kept every leak of so many days: shutting down with Fast Startup does not end it. */
export const LONG_UPTIME = 7 * 86_400_000;

/** Windows 11 comes with some fifteen file system filters; more than this are those of other makers. Our own judgement. */
export const USUAL_FILTERS = 20;

/** Windows has room for 64 event trace sessions (learn.microsoft.com, "Event Tracing Sessions"); three quarters are many. */
export const USUAL_TRACE_SESSIONS = 48;

/** From this build (Server 2003) on pool tagging is always on (learn.microsoft.com, "PoolMon"). */
export const ALWAYS_TAGGED_BUILD = 3790;

/** Every setting in the order of SETTING_NAMES. */
export function rateSettings(settings: MachineSettings): readonly RatedSetting[] {
  const { uptime, fastStartup, verifiedDrivers, pagedPoolSize, nonPagedPoolSize, windowsBuild } = settings;
  const rate = (value: boolean | undefined): SettingRating =>
    value === undefined ? "not-judged" : value ? "look" : "fine";
  const above = (value: number | undefined, most: number): boolean | undefined =>
    value === undefined ? undefined : value > most;
  const fixed = pagedPoolSize === undefined && nonPagedPoolSize === undefined;
  return [
    { name: "uptime", rating: rate(above(uptime, LONG_UPTIME)) },
    { name: "fast-startup", rating: rate(fastStartup) },
    { name: "verifier", rating: rate(verifiedDrivers === undefined ? undefined : verifiedDrivers !== "") },
    { name: "pool-sizes", rating: rate(fixed ? undefined : (pagedPoolSize ?? 0) + (nonPagedPoolSize ?? 0) > 0) },
    { name: "pool-tagging", rating: rate(windowsBuild === undefined ? undefined : windowsBuild < ALWAYS_TAGGED_BUILD) },
    { name: "filters", rating: rate(above(settings.filters, USUAL_FILTERS)) },
    { name: "trace-sessions", rating: rate(above(settings.traceSessions, USUAL_TRACE_SESSIONS)) },
  ];
}
