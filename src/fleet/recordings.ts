// Machines out of recordings that were sent in: what each recorder itself said last, which drivers were loaded, what was
// counted. Where a recording keeps no judgement one is made by whoever can (the command).

import type { ObjectCount } from "../model/surroundings.ts";
import type { FleetHost, HostFinding } from "../model/fleet.ts";
import type { Gap, Milliseconds, Snapshot } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";
import { readLastJudgement, type Judgement, type KeptVerdict } from "../store/judgements.ts";
import { RecordingReader } from "../store/reader.ts";

/** Makes a judgement of a recording that keeps none; undefined where it is too short. */
export type JudgeAnew = (reader: RecordingReader) => Judgement | undefined;

export interface RecordedHost {
  readonly host: FleetHost;
  /** Whether the judgement was kept in the recording; false where it was made now or there is none. */
  readonly isKept: boolean;
  readonly from: Milliseconds;
  readonly gaps: readonly Gap[];
}

export interface ReadHostOptions {
  readonly judgeAnew: JudgeAnew;
  /** Judge anew also where a judgement is kept. */
  readonly always: boolean;
  /** Which loaded drivers may be at fault; see `windows_pool_driver_info`. */
  readonly mayBeAtFault: (file: string, company: string | undefined) => boolean;
}

/** One machine out of its recording; undefined for one without a snapshot. Throws as the reader does. */
export function readHost(file: string, options: ReadHostOptions): RecordedHost | undefined {
  const reader = RecordingReader.open(file);
  try {
    const span = reader.span();
    if (span === undefined) return undefined;
    let last: Snapshot | undefined;
    for (const snapshot of reader.snapshots({ from: span.to })) last = snapshot;
    if (last === undefined) return undefined;
    const kept = reader.version < 2 || options.always ? undefined : readLastJudgement(reader.db);
    const judgement = kept ?? options.judgeAnew(reader);
    const { origin, surroundings } = last;
    const builds = surroundings?.drivers
      ?.filter((driver) => options.mayBeAtFault(driver.file, driver.company))
      .map(({ file: driver, version = "" }) => ({ driver: driver.toLowerCase(), version }));
    return {
      host: {
        name: origin.host ?? file,
        from: file,
        seen: span.to,
        ...(judgement !== undefined && { judged: judgement.time }),
        findings: (judgement?.verdicts ?? []).map(findingOf),
        ...(builds !== undefined && { builds }),
        ...(surroundings?.objects !== undefined && { objects: surroundings.objects.flatMap(countedOf) }),
      },
      isKept: kept !== undefined,
      from: span.from,
      gaps: reader.gaps,
    };
  } finally {
    reader.close();
  }
}

/** A source that counts handles alone has nothing to compare between machines. */
function countedOf({ type, objects, handles }: ObjectCount): { type: string; objects: number; handles: number }[] {
  return objects === undefined ? [] : [{ type, objects, handles }];
}

function findingOf(verdict: KeptVerdict): HostFinding {
  const { tag, kind, state, bytesPerHour, suspect, drivers, since, exhaustionHours } = verdict;
  const versions = new Map(drivers.map(({ file, version = "" }) => [file.toLowerCase(), version]));
  const names = suspect?.name.split(", ").map((name) => name.toLowerCase()) ?? [];
  return {
    tag: formatTag(tag),
    kind,
    state,
    drivers: names.map((driver) => ({ driver, version: versions.get(driver) ?? "" })),
    ...(bytesPerHour !== undefined && state === "leaking" && { bytesPerHour: bytesPerHour.value }),
    ...(exhaustionHours !== undefined && state === "leaking" && { exhaustionSeconds: exhaustionHours.value * 3600 }),
    ...(since !== undefined && { since }),
  };
}

/** Machines as of a time: what was to run out in five hours when it was judged has that much less to go. */
export function asOf(hosts: readonly FleetHost[], time: Milliseconds): FleetHost[] {
  return hosts.map((host) => {
    const elapsedSeconds = Math.max(0, time - (host.judged ?? time)) / 1000;
    const findings = host.findings.map((finding) =>
      finding.exhaustionSeconds === undefined
        ? finding
        : { ...finding, exhaustionSeconds: Math.max(0, finding.exhaustionSeconds - elapsedSeconds) },
    );
    return { ...host, findings };
  });
}

/**
 * One entry a machine: of several recordings of one name the newest counts, unless their times overlap. Then they are two
 * machines of one name, or one that was recorded twice, and nothing tells which: both stay, told apart by their files.
 */
export function mergeHosts(recorded: readonly RecordedHost[]): { readonly hosts: FleetHost[]; readonly gaps: Gap[] } {
  const byName = new Map<string, RecordedHost[]>();
  for (const each of recorded) {
    const name = each.host.name.toLowerCase();
    byName.set(name, [...(byName.get(name) ?? []), each]);
  }
  const hosts: FleetHost[] = [];
  const gaps: Gap[] = [];
  for (const group of byName.values()) {
    const sorted = group.toSorted((a, b) => a.from - b.from);
    const overlap = sorted.some((each, i) => i > 0 && each.from < (sorted[i - 1]?.host.seen ?? 0));
    const newest = sorted.at(-1);
    if (overlap) {
      for (const { host } of sorted) hosts.push({ ...host, name: `${host.name} (${host.from})` });
      gaps.push({
        where: newest?.host.name ?? "",
        problem: `${sorted.length} recordings of this name overlap in time: two machines of one name, or one recorded twice; each counts`,
      });
    } else if (newest !== undefined) hosts.push(newest.host);
  }
  return { hosts, gaps };
}
