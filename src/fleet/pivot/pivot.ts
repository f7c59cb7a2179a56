// The question nobody answers: on which driver build does a tag leak on more machines than on the builds beside it?
// Silent machines and those that no model looked at are neither leaking nor healthy: they are counted apart.

import type { BuildJudgement, BuildRow, DriverBuild, FleetCounts, FleetHost, HostFinding } from "../../model/fleet.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import { fisherGreater, holm, shareOf } from "./statistics.ts";

/** Fewer leaking machines than this accuse nobody: two may share an image, a user or a false verdict. */
export const FEWEST_LEAKING = 3;

/** Fewer machines with another build than this are no control: 0 of 9 is still compatible with a share of 30 %. */
export const FEWEST_OTHERS = 10;

/** Corrected chance below which a difference counts. One accusation in a hundred looks at a fleet may be wrong. */
export const CHANCE = 0.01;

/**
 * How many times the share of the others the low end of a build's share must be. With ten thousand machines 6 % against
 * 5 % is beyond chance, and nobody rolls a driver back for it.
 */
export const FACTOR = 2;

/** A machine without a snapshot for longer is silent. Laptops are off at night; alerts have a shorter bound of their own. */
export const SILENT_AFTER: Milliseconds = 24 * 3_600_000;

const ACCUSING: ReadonlySet<string> = new Set(["leaking", "stopped-held"]);

/** Whether a finding counts as a leak of its machine: one that is judged, not one that is undecided or too early. */
export function isLeak({ state }: HostFinding): boolean {
  return ACCUSING.has(state);
}

export function isSilent({ seen }: FleetHost, now: Milliseconds): boolean {
  return seen === undefined || now - seen > SILENT_AFTER;
}

export function countHosts(hosts: readonly FleetHost[], now: Milliseconds): FleetCounts {
  const speaking = hosts.filter((host) => !isSilent(host, now));
  const judged = speaking.filter((host) => host.judged !== undefined);
  return {
    hosts: hosts.length,
    leaking: judged.filter(({ findings }) => findings.some(isLeak)).length,
    judged: judged.length,
    notJudged: speaking.length - judged.length,
    silent: hosts.length - speaking.length,
    withoutDriverList: judged.filter(({ builds }) => builds === undefined).length,
  };
}

/** What the comparison needs, whether it was counted here or by an engine. */
export interface BuildCounts {
  readonly leaks: readonly BuildLeak[];
  /** Driver to version to the number of judged machines that have it. */
  readonly having: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** One tag on one build, with the judged machines whose leak points there. */
export interface BuildLeak extends DriverBuild {
  readonly tag: string;
  readonly hosts: ReadonlySet<string>;
  readonly firstSeen?: Milliseconds;
}

/** Counts the machines of a list; names must be those of one machine each. */
export function countBuilds(hosts: readonly FleetHost[], now: Milliseconds): BuildCounts {
  const judged = hosts.filter((host) => host.judged !== undefined && !isSilent(host, now));
  const having = new Map<string, Map<string, number>>();
  const leaks = new Map<string, BuildLeak & { readonly hosts: Set<string> }>();
  for (const { name, builds = [], findings } of judged) {
    for (const { driver, version } of builds) {
      const versions = having.get(driver) ?? new Map<string, number>();
      having.set(driver, versions.set(version, (versions.get(version) ?? 0) + 1));
    }
    for (const { tag, drivers, since } of findings.filter(isLeak))
      for (const { driver, version } of drivers) {
        if (driver === "") continue;
        const key = JSON.stringify([tag, driver, version]);
        const before = leaks.get(key);
        const firstSeen = earlier(before?.firstSeen, since);
        leaks.set(key, {
          tag,
          driver,
          version,
          hosts: (before?.hosts ?? new Set<string>()).add(name),
          ...(firstSeen !== undefined && { firstSeen }),
        });
      }
  }
  return { leaks: [...leaks.values()], having };
}

function earlier(a: Milliseconds | undefined, b: Milliseconds | undefined): Milliseconds | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** All (tag, build) that a leak points to, the accused first, then by how many machines leak. */
export function pivotBuilds(counts: BuildCounts): BuildRow[] {
  const rows = counts.leaks.map((leak) => rowOf(leak, counts));
  return judgedRows(rows).sort(
    (a, b) =>
      Number(b.judgement === "worse") - Number(a.judgement === "worse") ||
      b.leaking - a.leaking ||
      `${a.driver} ${a.version} ${a.tag}`.localeCompare(`${b.driver} ${b.version} ${b.tag}`),
  );
}

function rowOf({ tag, driver, version, hosts, firstSeen }: BuildLeak, { leaks, having }: BuildCounts): BuildRow {
  const versions = having.get(driver) ?? new Map<string, number>();
  // A build without a version may be any of them, also this one.
  const isOther = (other: string): boolean => other !== version && other !== "" && version !== "";
  const others = [...versions].filter(([other]) => isOther(other));
  const size = others.reduce((sum, [, count]) => sum + count, 0);
  const otherLeaking = new Set(
    leaks
      .filter(
        (leak) => leak.tag === tag && leak.driver === driver && isOther(leak.version) && versions.has(leak.version),
      )
      .flatMap((leak) => [...leak.hosts]),
  ).size;
  const own = versions.get(version) ?? 0;
  const share = shareOf(Math.min(hosts.size, own), own);
  const otherShare = shareOf(Math.min(otherLeaking, size), size);
  return {
    tag,
    driver,
    version,
    leaking: hosts.size,
    having: own,
    ...(share !== undefined && { share }),
    others: {
      leaking: Math.min(otherLeaking, size),
      having: size,
      builds: others.length,
      ...(otherShare !== undefined && { share: otherShare }),
    },
    judgement: "not-counted",
    ...(firstSeen !== undefined && { firstSeen }),
    hosts: [...hosts].sort(),
  };
}

/** What keeps a row from being compared; undefined where it can be. */
function obstacle({ leaking, having, others }: BuildRow): BuildJudgement | undefined {
  if (leaking < FEWEST_LEAKING) return "too-few-leaking";
  if (having === 0 || having < leaking) return "not-counted";
  if (others.builds === 0) return "no-other-build";
  return others.having < FEWEST_OTHERS ? "too-few-others" : undefined;
}

/** Judges all rows at once: the more builds are compared, the less a single difference counts. */
function judgedRows(rows: readonly BuildRow[]): BuildRow[] {
  const compared = rows.filter((row) => obstacle(row) === undefined);
  const chances = holm(
    compared.map(({ leaking, having, others }) => fisherGreater(leaking, having, others.leaking, others.having)),
  );
  const chanceOf = new Map(compared.map((row, i) => [row, chances[i] ?? 1]));
  return rows.map((row): BuildRow => {
    const chance = chanceOf.get(row);
    if (chance === undefined) return { ...row, judgement: obstacle(row) ?? "not-worse" };
    const isLarge = (row.share?.low ?? 0) > FACTOR * (row.others.share?.value ?? 0);
    return { ...row, chance, judgement: chance < CHANCE && isLarge ? "worse" : "not-worse" };
  });
}
