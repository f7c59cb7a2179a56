// One machine as samples of the metric table: totals, the largest and the watched tags, open findings with their driver
// build, loaded builds, object counts. Every way out (page, textfile, push) sends the same samples.

import type { DriverMatch, Nature, Owner } from "../../model/attribution.ts";
import { baseName } from "../../model/file-path.ts";
import { kindCode, kindCodeOfKey, kindOf, rowKey, sumBytes, tagOfKey, type Snapshot } from "../../model/snapshot.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";
import { formatTag, type Tag } from "../../model/tag.ts";
import { needsAction, needsLook, type Diagnosis, type Verdict } from "../../model/verdict.ts";
import { mayHead } from "../../words/suspects.ts";
import { MetricMembers, type MemberOptions } from "./metric-members.ts";
import type { MetricId } from "./metric-table.ts";

/** One value of one series, without a time: it is that of the newest snapshot. */
export interface Sample {
  readonly id: MetricId;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MachineMetricsOptions extends MemberOptions {
  readonly version: string;
  readonly ownerOf: (tag: Tag) => Owner | undefined;
  readonly natureOf: (component: string, company?: string) => Nature;
  /** Drivers that are proven to use a tag; none where there is no index. */
  readonly driversOf?: (tag: Tag) => readonly DriverMatch[];
}

/** How the source fares, which only the one who reads it knows. */
export interface SourceHealth {
  readonly up: boolean;
  readonly snapshots: number;
  readonly readSeconds?: number;
}

/** Object types that leaks show in; the other sixty of a Windows would be 120 series that nobody looks at. */
const OBJECT_TYPES = [
  "Directory",
  "Event",
  "File",
  "IoCompletion",
  "Job",
  "Key",
  "Mutant",
  "Process",
  "Section",
  "Semaphore",
  "Thread",
  "Token",
];

/** More builds than a machine has third-party drivers; a forged list must not make a million series. */
const MOST_DRIVERS = 256;

/** A sample at most for so many findings: no machine has more that somebody reads. */
const MOST_FINDINGS = 50;

export class MachineMetrics {
  readonly #options: MachineMetricsOptions;
  readonly #members: MetricMembers;
  #last: Snapshot | undefined;
  #diagnosis: Diagnosis | undefined;
  #leaking: ReadonlySet<number> = new Set();

  constructor(options: MachineMetricsOptions) {
    this.#options = options;
    this.#members = new MetricMembers(options);
  }

  /** Takes every snapshot, or a wrap of a counter between two looks would be lost. */
  push(snapshot: Snapshot): void {
    this.#members.push(snapshot, this.#leaking);
    this.#last = snapshot;
  }

  /** Takes the newest diagnosis; its tags are exported from the next snapshot on. */
  judged(diagnosis: Diagnosis): void {
    this.#diagnosis = diagnosis;
    this.#leaking = new Set(open(diagnosis).map(({ tag, kind }) => rowKey(tag, kindCode(kind))));
  }

  /** All samples of now, each series once. */
  samples(source: SourceHealth): Sample[] {
    const { version } = this.#options;
    const samples: Sample[] = [
      { id: "buildInfo", labels: { version }, value: 1 },
      { id: "sourceUp", labels: {}, value: source.up ? 1 : 0 },
      { id: "snapshots", labels: {}, value: source.snapshots },
    ];
    if (source.readSeconds !== undefined) samples.push({ id: "readSeconds", labels: {}, value: source.readSeconds });
    const last = this.#last;
    if (last !== undefined) samples.push(...machineSamples(last), ...this.#drivers(last));
    if (this.#diagnosis !== undefined) samples.push(...this.#findings(this.#diagnosis, loadedBy(last)));
    samples.push(...this.#tags(loadedBy(last)));
    return once(samples);
  }

  /** Builds that may be at fault, by a rule that does not look at leaks: they are who a leaking host is compared with. */
  #drivers({ surroundings }: Snapshot): Sample[] {
    return (surroundings?.drivers ?? [])
      .filter(({ file, company }) => mayBeAtFault(this.#options.natureOf(file, company)))
      .slice(0, MOST_DRIVERS)
      .map(({ file, version = "" }) => ({
        id: "driverInfo",
        labels: { driver: file.toLowerCase(), version },
        value: 1,
      }));
  }

  *#findings(diagnosis: Diagnosis, loaded: Loaded): Generator<Sample> {
    for (const pool of diagnosis.pools)
      if (pool.limitBytes !== undefined)
        yield { id: "limitBytes", labels: { type: pool.kind }, value: pool.limitBytes };
    const { notJudged, span, steadyCount, verdicts } = diagnosis;
    yield { id: "notJudged", labels: {}, value: notJudged.count };
    if (steadyCount + verdicts.length > 0) yield { id: "judgedTime", labels: {}, value: span.to / 1000 };
    for (const verdict of open(diagnosis)) {
      const { tag, kind, state, total, exhaustion, since } = verdict;
      const labels = { tag: formatTag(tag), type: kind };
      for (const build of buildsOf(verdict, loaded))
        yield { id: "leakInfo", labels: { ...labels, ...build, state }, value: 1 };
      if (needsAction(state) && since !== undefined) yield { id: "leakSince", labels, value: since / 1000 };
      if (state !== "leaking") continue;
      yield { id: "leakRate", labels, value: total.bytesPerHour.value };
      if (exhaustion !== undefined) yield { id: "leakExhaustion", labels, value: exhaustion.hours.value * 3600 };
    }
  }

  *#tags(loaded: Loaded): Generator<Sample> {
    const { ownerOf, driversOf } = this.#options;
    for (const [key, { bytes, blocks, allocs, frees }] of this.#members.all) {
      const tag = formatTag(tagOfKey(key));
      const labels = { tag, type: kindOf(kindCodeOfKey(key)) };
      yield { id: "tagBytes", labels, value: bytes };
      yield { id: "tagBlocks", labels, value: blocks };
      if (allocs !== undefined) yield { id: "tagAllocs", labels, value: allocs };
      if (frees !== undefined) yield { id: "tagFrees", labels, value: frees };
      const component = ownerOf(tagOfKey(key))?.component ?? "";
      if (component !== "") yield { id: "ownerInfo", labels: { tag, component }, value: 1 };
      const proven = driversOf?.(tagOfKey(key)) ?? [];
      const known = new Set<string>();
      for (const { file, tier, version } of proven) {
        const driver = baseName(file).toLowerCase();
        if (known.has(driver)) continue;
        known.add(driver);
        const build = loaded.get(driver)?.version ?? version ?? "";
        yield { id: "tagDriverInfo", labels: { tag, driver, version: build, tier }, value: 1 };
      }
      // A list names a component; that it is loaded here makes it a driver of this machine.
      const listed = loaded.get(component.toLowerCase());
      if (listed !== undefined && !known.has(component.toLowerCase()))
        yield {
          id: "tagDriverInfo",
          labels: { tag, driver: component.toLowerCase(), version: listed.version ?? "", tier: "list" },
          value: 1,
        };
    }
  }
}

type Loaded = ReadonlyMap<string, LoadedDriver>;

function loadedBy(snapshot: Snapshot | undefined): Loaded {
  return new Map((snapshot?.surroundings?.drivers ?? []).map((driver) => [driver.file.toLowerCase(), driver]));
}

/** Whether a driver of this nature is one that leaks for itself; the kernel and most of Windows allocate for others. */
export function mayBeAtFault(nature: Nature): boolean {
  return nature === "third-party" || nature === "inbox-filter";
}

function open({ verdicts }: Diagnosis): readonly Verdict[] {
  return verdicts.filter(({ state }) => needsLook(state)).slice(0, MOST_FINDINGS);
}

/** The builds that a finding points to, one without a name where it points to nobody. */
function buildsOf({ attribution }: Verdict, loaded: Loaded): { readonly driver: string; readonly version: string }[] {
  const suspect = attribution?.suspect;
  if (!mayHead(suspect)) return [{ driver: "", version: "" }];
  return suspect.names.map((name) => {
    const driver = baseName(name).toLowerCase();
    return { driver, version: loaded.get(driver)?.version ?? suspect.version ?? "" };
  });
}

function* machineSamples({ time, origin, totals, columns, surroundings }: Snapshot): Generator<Sample> {
  yield { id: "snapshotTime", labels: {}, value: time / 1000 };
  if (origin.bootTime !== undefined) yield { id: "bootTime", labels: {}, value: origin.bootTime / 1000 };
  yield { id: "poolBytes", labels: { type: "nonpaged" }, value: totals.nonpagedBytes ?? sumBytes(columns, 0) };
  yield { id: "poolBytes", labels: { type: "paged" }, value: totals.pagedBytes ?? sumBytes(columns, 1) };
  const { windowsBuild, windowsRevision, windowsEdition = "", architecture = "" } = origin;
  if (windowsBuild !== undefined) {
    const ubr = windowsRevision === undefined ? "" : String(windowsRevision);
    yield {
      id: "hostInfo",
      labels: { build: String(windowsBuild), ubr, edition: windowsEdition, architecture },
      value: 1,
    };
  }
  for (const { type: object, objects, handles } of surroundings?.objects ?? []) {
    if (!OBJECT_TYPES.includes(object)) continue;
    if (objects !== undefined) yield { id: "objectCount", labels: { object }, value: objects };
    yield { id: "objectHandles", labels: { object }, value: handles };
  }
}

/** A series that stands twice makes a whole file of series void; the first stands. */
function once(samples: readonly Sample[]): Sample[] {
  const seen = new Set<string>();
  return samples.filter(({ id, labels }) => {
    const key = JSON.stringify([id, labels]);
    return seen.size < seen.add(key).size;
  });
}
