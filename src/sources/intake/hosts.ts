// Which machines an input is of: by the names in the data, by names of files that the counters bear out, by the counters
// alone. Two machines in one time line look like twenty restarts; nothing is said of a mixture.

import type { IntakeHost } from "../../model/intake.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { compareCounters } from "./counters.ts";
import { hostLabels } from "./file-names.ts";

/** A snapshot as the decision sees it. */
export interface Sighting {
  readonly file: string;
  readonly snapshot: Snapshot;
}

export interface HostDecision {
  readonly known: IntakeHost["known"];
  /** Name of the machine of each sighting. */
  readonly names: readonly string[];
}

/** A share of fallen counters up to this is noise of 32-bit wraps; a restart makes nearly all fall. */
const STRAY = 0.1;
const RESTART = 0.9;
/** Windows reports a little less RAM after a firmware update. */
const RAM_TOLERANCE = 0.05;
/** Counters that come back to where they were so often are of machines that take turns. */
const MIN_RETURNS = 2;
/** Levels this far apart (ln) are not a step of one machine. */
const FAR = Math.log(1.2);
/** More machines than these in one input are not told apart by counters. */
const MOST_CHAINS = 32;

/** The machines of sightings in time order; undefined where they are all of one that has no name. */
export function decideHosts(sightings: readonly Sighting[]): HostDecision | undefined {
  const named = new Set(
    sightings.flatMap(({ snapshot }) =>
      snapshot.origin.host === undefined ? [] : [snapshot.origin.host.toLowerCase()],
    ),
  );
  if (named.size > 0) return byName(sightings, named);
  const labels = hostLabels(sightings.map(({ file }) => file));
  const separate = labels !== undefined && labelsHold(sightings, labels.names, labels.likeHosts);
  const chains = chainsOf(sightings);
  if (separate && labels !== undefined) return { known: "file-name", names: labels.names };
  const machines = chains.returns >= MIN_RETURNS ? chains.machines : machinesByRam(sightings);
  if (machines === undefined) return undefined;
  return { known: "counters", names: machines.map((machine) => `machine ${machine + 1}`) };
}

function byName(sightings: readonly Sighting[], named: ReadonlySet<string>): HostDecision {
  const spelled = new Map<string, string>();
  for (const { snapshot } of sightings) {
    const { host } = snapshot.origin;
    if (host !== undefined && !spelled.has(host.toLowerCase())) spelled.set(host.toLowerCase(), host);
  }
  const [only] = spelled.values();
  // A table that stands before the first name in its text is of somebody else; a debugger may tell the name late.
  const naming = new Set(
    sightings.flatMap(({ file, snapshot: { origin } }) =>
      origin.host !== undefined && origin.source !== "poolused" ? [file] : [],
    ),
  );
  const names = sightings.map(({ file, snapshot }) => {
    const own = snapshot.origin.host?.toLowerCase();
    if (own !== undefined) return spelled.get(own) ?? own;
    if (naming.has(file)) return "unnamed";
    if (named.size === 1) return only ?? "";
    const inName = [...spelled].find(([name]) => file.toLowerCase().includes(name));
    return inName?.[1] ?? "unnamed";
  });
  return { known: "named", names };
}

/**
 * Whether labels from file names part the input into machines: within a label the counters go on, and between labels
 * either they jump back and forth, or RAM or Windows differ. One visit each is believed only of names such as SRV01, SRV02.
 */
function labelsHold(sightings: readonly Sighting[], names: readonly string[], likeHosts: boolean): boolean {
  const last = new Map<string, Snapshot>();
  let within = 0;
  let across = 0;
  let mixed = 0;
  let differs = false;
  let previous: { name: string; snapshot: Snapshot } | undefined;
  for (const [i, { snapshot }] of sightings.entries()) {
    const name = names[i] ?? "";
    const own = last.get(name);
    if (own !== undefined && compareCounters(own, snapshot).fallen > STRAY) within += 1;
    if (previous !== undefined && previous.name !== name) {
      const { fallen, common } = compareCounters(previous.snapshot, snapshot);
      if (fallen > STRAY) across += 1;
      if (fallen > STRAY && fallen < RESTART && common > 1) mixed += 1;
      differs ||= isOtherMachine(previous.snapshot, snapshot);
    }
    last.set(name, snapshot);
    previous = { name, snapshot };
  }
  if (across >= MIN_RETURNS && within * 2 <= across) return likeHosts || across >= MIN_RETURNS + within;
  return (differs || (likeHosts && mixed > 0)) && within <= across;
}

function isOtherMachine(a: Snapshot, b: Snapshot): boolean {
  const [ram, other] = [a.totals.physicalBytes, b.totals.physicalBytes];
  if (ram !== undefined && other !== undefined && Math.abs(ram - other) > RAM_TOLERANCE * ram) return true;
  const [build, another] = [a.origin.windowsBuild, b.origin.windowsBuild];
  return build !== undefined && another !== undefined && build !== another;
}

interface Chain {
  last: Snapshot;
  readonly first: number;
  end: number;
}

/** Threads of counters that go on from each other; `returns` counts how often one that was left goes on. */
function chainsOf(sightings: readonly Sighting[]): { readonly returns: number; readonly machines: readonly number[] } {
  const chains: Chain[] = [];
  const of: number[] = [];
  let returns = 0;
  for (const [i, { snapshot }] of sightings.entries()) {
    let best = -1;
    let nearest = Number.POSITIVE_INFINITY;
    for (const [c, chain] of chains.entries()) {
      if (isOtherMachine(chain.last, snapshot)) continue;
      const { fallen, distance, common } = compareCounters(chain.last, snapshot);
      const isCurrent = c === of.at(-1);
      // Without a row in common nothing speaks against the thread that runs.
      if (common === 0 ? !isCurrent : fallen > STRAY) continue;
      if (distance < nearest || (distance === nearest && isCurrent)) [best, nearest] = [c, distance];
    }
    if (chains.length < MOST_CHAINS && (best < 0 || nearest > FAR)) {
      best = chains.push({ last: snapshot, first: i, end: i }) - 1;
    } else if (best < 0) {
      best = of.at(-1) ?? 0;
    } else if (best !== of.at(-1)) {
      returns += 1;
    }
    const chain = chains[best];
    if (chain !== undefined) [chain.last, chain.end] = [snapshot, i];
    of.push(best);
  }
  // Threads that overlap are of different machines; one that begins after another ended may be the same after a restart.
  const ends: { end: number; last: Snapshot }[] = [];
  const machineOf = chains.map((chain) => {
    const free = ends.findIndex(({ end, last }) => end < chain.first && !isOtherMachine(last, chain.last));
    const machine = free >= 0 ? free : ends.length;
    ends[machine] = { end: chain.end, last: chain.last };
    return machine;
  });
  return { returns, machines: of.map((chain) => machineOf[chain] ?? 0) };
}

function machinesByRam(sightings: readonly Sighting[]): readonly number[] | undefined {
  const seen: Snapshot[] = [];
  const machines = sightings.map(({ snapshot }) => {
    const known = seen.findIndex((other) => !isOtherMachine(other, snapshot));
    return known >= 0 ? known : seen.push(snapshot) - 1;
  });
  return seen.length > 1 ? machines : undefined;
}
