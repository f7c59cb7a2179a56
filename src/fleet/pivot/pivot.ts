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

interface Tally {
  readonly tag: string;
  readonly build: DriverBuild;
  readonly hosts: Set<FleetHost>;
}

/** All (tag, build) that a leak points to, the accused first, then by how many machines leak. */
export function pivotBuilds(
  hosts: readonly FleetHost[],
  now: Milliseconds,
  firstSeen: (build: DriverBuild) => Milliseconds | undefined = () => undefined,
): BuildRow[] {
  const judged = hosts.filter((host) => host.judged !== undefined && !isSilent(host, now));
  const having = hostsByBuild(judged);
  const tallies = new Map<string, Tally>();
  for (const host of judged)
    for (const finding of host.findings.filter(isLeak))
      for (const build of finding.drivers) {
        if (build.driver === "") continue;
        const key = JSON.stringify([finding.tag, build.driver, build.version]);
        const tally = tallies.get(key) ?? { tag: finding.tag, build, hosts: new Set() };
        tally.hosts.add(host);
        tallies.set(key, tally);
      }
  const rows = [...tallies.values()].map((tally) => rowOf(tally, tallies, having, firstSeen(tally.build)));
  return judgedRows(rows).sort(
    (a, b) =>
      Number(b.judgement === "worse") - Number(a.judgement === "worse") ||
      b.leaking - a.leaking ||
      `${a.driver} ${a.version} ${a.tag}`.localeCompare(`${b.driver} ${b.version} ${b.tag}`),
  );
}

type ByBuild = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<FleetHost>>>;

/** Driver to version to the machines that have it. */
function hostsByBuild(hosts: readonly FleetHost[]): ByBuild {
  const drivers = new Map<string, Map<string, Set<FleetHost>>>();
  for (const host of hosts)
    for (const { driver, version } of host.builds ?? []) {
      const versions = drivers.get(driver) ?? new Map<string, Set<FleetHost>>();
      drivers.set(driver, versions);
      versions.set(version, (versions.get(version) ?? new Set<FleetHost>()).add(host));
    }
  return drivers;
}

function rowOf(
  { tag, build, hosts }: Tally,
  tallies: ReadonlyMap<string, Tally>,
  having: ByBuild,
  firstSeen: Milliseconds | undefined,
): BuildRow {
  const versions = having.get(build.driver) ?? new Map<string, ReadonlySet<FleetHost>>();
  const own = versions.get(build.version) ?? new Set<FleetHost>();
  const others = new Set<FleetHost>();
  const otherLeaking = new Set<FleetHost>();
  let builds = 0;
  for (const [version, machines] of versions) {
    // A build without a version may be any of them, also this one.
    if (version === build.version || version === "" || build.version === "") continue;
    builds += 1;
    for (const host of machines) others.add(host);
    for (const host of tallies.get(JSON.stringify([tag, build.driver, version]))?.hosts ?? []) otherLeaking.add(host);
  }
  const counted = new Set([...otherLeaking].filter((host) => others.has(host)));
  const leakingAndHaving = [...hosts].filter((host) => own.has(host)).length;
  const share = shareOf(leakingAndHaving, own.size);
  const otherShare = shareOf(counted.size, others.size);
  return {
    tag,
    ...build,
    leaking: hosts.size,
    having: own.size,
    ...(share !== undefined && { share }),
    others: {
      leaking: counted.size,
      having: others.size,
      builds,
      ...(otherShare !== undefined && { share: otherShare }),
    },
    judgement: "not-counted",
    ...(firstSeen !== undefined && { firstSeen }),
    hosts: [...hosts].map(({ name }) => name).sort(),
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
