// Triage: which tags of one or a few snapshots deserve a look first, and by which signs. Numbers only.

import { kindCode, sumBytes, type PoolKind, type Snapshot } from "../../model/snapshot.ts";
import type { EqualTag, Triage, TriageFinding, TriageLimit, TriageShares, TriageSigns } from "../../model/triage.ts";
import { isNewBoot } from "../series/boots.ts";
import { equalTo, GAIN_TOLERANCE, LEVEL_TOLERANCE } from "./equal-counts.ts";
import { isPartial, isSameListing, limitsOf } from "./limits.ts";
import { nextByGain, nextByUptime } from "./next-snapshot.ts";
import { triageRows, type TriageRow } from "./rows.ts";
import { deservesFinding, MIN_GAINED_BLOCKS, signsOf, triageStateOf, weightOf, type TriageKnowledge } from "./signs.ts";

/** Findings told at most; what comes after them is in `rest`. */
export const MAX_FINDINGS = 10;

/** Triage of snapshots in time order. Undefined without any. Only those since the last boot are looked at. */
export function triageOf(all: readonly Snapshot[], knowledge: TriageKnowledge = {}): Triage | undefined {
  const since = lastBootIn(all);
  const snapshots = all.slice(since);
  const first = snapshots[0];
  const last = snapshots[snapshots.length - 1];
  if (first === undefined || last === undefined) return undefined;
  const timed = snapshots.every((snapshot) => snapshot.origin.timeBasis !== "none");
  const identical = snapshots.length > 1 && snapshots.every((snapshot) => isSameListing(first, snapshot));
  const partial = snapshots.some(isPartial);
  const rows = triageRows(identical ? [last] : snapshots, timed, partial);
  const boot = last.origin.bootTime;
  const uptime = boot === undefined || boot > last.time ? undefined : last.time - boot;
  const untimed = !timed && snapshots.length > 1;
  const limits = limitsOf(rows, { partial, restarted: since > 0, identical, untimed, uptime });
  const span = timed && last.time > first.time ? last.time - first.time : undefined;
  const findings = findingsOf({ rows, last, span, uptime, limits, knowledge });
  const said = findings.reduce((sum, finding) => sum + 1 + finding.equal.length, 0);
  return {
    snapshots: snapshots.length,
    from: first.time,
    to: last.time,
    ...(uptime === undefined ? {} : { uptime }),
    limits,
    findings,
    rest: Math.max(0, rows.length - said),
  };
}

function lastBootIn(all: readonly Snapshot[]): number {
  for (let i = all.length - 1; i > 0; i--) {
    const [before, after] = [all[i - 1], all[i]];
    if (before !== undefined && after !== undefined && isNewBoot(before, after)) return i;
  }
  return 0;
}

interface Scene {
  readonly rows: readonly TriageRow[];
  readonly last: Snapshot;
  /** From the first snapshot to the last; undefined where the times are unknown. */
  readonly span: number | undefined;
  readonly uptime: number | undefined;
  readonly limits: readonly TriageLimit[];
  readonly knowledge: TriageKnowledge;
}

interface Candidate {
  readonly row: TriageRow;
  readonly shares: TriageShares;
  readonly signs: TriageSigns;
}

function findingsOf(scene: Scene): readonly TriageFinding[] {
  const pools = poolsOf(scene.last, scene.limits.includes("partial-listing"));
  const candidates = scene.rows
    .map((row): Candidate => {
      const shares = sharesOf(row, scene.last, pools);
      return { row, shares, signs: signsOf(row, shares, scene.limits, scene.knowledge) };
    })
    .filter(({ row, signs }) => deservesFinding(row, signs))
    .sort((a, b) => weightOfRow(b) - weightOfRow(a));
  const equals = equalFinder(scene.rows);
  const taken = new Set<number>();
  const findings: { readonly finding: TriageFinding; readonly weight: number }[] = [];
  for (const candidate of candidates) {
    if (taken.has(candidate.row.key)) continue;
    const equal = equals(candidate.row).filter((row) => !taken.has(row.key));
    for (const { key } of [candidate.row, ...equal]) taken.add(key);
    findings.push({ finding: findingOf(candidate, equal, scene), weight: weightOfGroup(candidate, equal) });
  }
  return findings
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_FINDINGS)
    .map(({ finding }) => finding);
}

/** Rows that were watched growing are held against gains, others against levels. */
function equalFinder(rows: readonly TriageRow[]): (row: TriageRow) => readonly TriageRow[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const levels = rows.map((row) => ({ key: row.key, count: row.blocks }));
  const gains = rows.map((row) => ({ key: row.key, count: Math.max(0, row.gain?.blocks ?? 0) }));
  return (row) => {
    const keys = isGrower(row)
      ? equalTo({ key: row.key, count: row.gain?.blocks ?? 0 }, gains, GAIN_TOLERANCE)
      : equalTo({ key: row.key, count: row.blocks }, levels, LEVEL_TOLERANCE);
    return keys.flatMap((key) => byKey.get(key) ?? []);
  };
}

function isGrower(row: TriageRow): boolean {
  return (row.gain?.blocks ?? 0) >= MIN_GAINED_BLOCKS;
}

function weightOfRow({ row, signs }: Candidate): number {
  return weightOf(signs, row.bytes, row.gain?.bytes);
}

function weightOfGroup({ row, signs }: Candidate, equal: readonly TriageRow[]): number {
  const held = equal.reduce((sum, each) => sum + each.bytes, row.bytes);
  const gained =
    row.gain === undefined ? undefined : equal.reduce((sum, each) => sum + (each.gain?.bytes ?? 0), row.gain.bytes);
  return weightOf(signs, held, gained);
}

function findingOf({ row, shares, signs }: Candidate, equal: readonly TriageRow[], scene: Scene): TriageFinding {
  const usual = scene.knowledge.usual?.(row.tag, row.kind);
  const next = nextOf(row, scene);
  const known = row.counters === "known" && row.allocs !== undefined && row.frees !== undefined;
  return {
    tag: row.tag,
    kind: row.kind,
    state: triageStateOf(signs),
    blocks: row.blocks,
    bytes: row.bytes,
    counters: row.counters,
    ...(known ? { allocs: row.allocs, frees: row.frees } : {}),
    shares,
    ...(row.gain === undefined ? {} : { gain: row.gain }),
    equal: equal.map(equalTagOf),
    equalBy: isGrower(row) ? "gain" : "level",
    signs: { ...signs, "equal-counts": equal.length > 0 },
    ...(usual === undefined ? {} : { usual }),
    ...(next === undefined ? {} : { next }),
  };
}

function equalTagOf({ tag, kind, blocks, bytes, gain }: TriageRow): EqualTag {
  const gained = gain === undefined ? {} : { gainedBlocks: gain.blocks, gainedBytes: gain.bytes };
  return { tag, kind, blocks, bytes, ...gained };
}

/** Bytes of each pool: the total that was told, else the sum of a whole listing; of a partial one the whole is unknown. */
function poolsOf({ totals, columns }: Snapshot, partial: boolean): Readonly<Record<PoolKind, number | undefined>> {
  const sum = (kind: PoolKind): number | undefined => (partial ? undefined : sumBytes(columns, kindCode(kind)));
  return {
    nonpaged: totals.nonpagedBytes ?? sum("nonpaged"),
    paged: totals.pagedBytes ?? sum("paged"),
  };
}

function sharesOf(row: TriageRow, { totals }: Snapshot, pools: ReturnType<typeof poolsOf>): TriageShares {
  const part = (whole: number | undefined): number | undefined =>
    whole === undefined || whole <= 0 ? undefined : Math.min(1, row.bytes / whole);
  const [pool, ram, commit] = [part(pools[row.kind]), part(totals.physicalBytes), part(totals.commitBytes)];
  return {
    ...(pool === undefined ? {} : { pool }),
    ...(ram === undefined ? {} : { ram }),
    ...(commit === undefined ? {} : { commit }),
  };
}

function nextOf(row: TriageRow, { last, span, uptime }: Scene): TriageFinding["next"] {
  if (row.gain !== undefined) return nextByGain(row, last.time, span);
  return uptime === undefined ? undefined : nextByUptime(row, last.time, uptime);
}
