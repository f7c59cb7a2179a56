// Tags whose outstanding counts grow in lockstep are one finding: a leaked process object brings a token and an image
// name, a filter that pins files brings their contexts. The group is led by the likeliest root.

import type { RootObject } from "../../model/evidence.ts";
import { formatTag, type Tag } from "../../model/tag.ts";
import { tagOfKey } from "../../model/snapshot.ts";
import { followOf, ratioMargin } from "../shapes/companion.ts";
import type { Follows, TagJudgement } from "./judge.ts";

export interface Group {
  readonly lead: TagJudgement;
  readonly members: readonly Member[];
}

export interface Member {
  readonly judgement: TagJudgement;
  /** Growth of its count per block of the lead's growth. */
  readonly ratio: number;
  /** The ratio lies within this of it, at about 95 %; undefined where the record is too short to tell. */
  readonly margin: number | undefined;
}

/**
 * Objects that hold others, outermost first, with what comes along when one is leaked: facts/leaks of the object manager
 * (a process has a primary token, a file object its name and a filter's stream list).
 */
const ROOTS: readonly { readonly root: string; readonly what: RootObject; readonly parts: readonly string[] }[] = [
  { root: "Proc", what: "process", parts: ["Toke", "PsIm", "SeTd", "ObHd", "SeTl", "SeAt", "VadS", "Obtb"] },
  { root: "Thre", what: "thread", parts: ["Even", "Sema", "KSTK", "PsSh"] },
  { root: "AfdE", what: "socket", parts: ["TcpE", "UdpE", "File", "Toke", "AfdC", "AfdX"] },
  { root: "File", what: "file", parts: ["IoNm", "FMsl", "IoFE", "FMfc", "NtFC", "MmCa", "CcSc", "FMfn"] },
  { root: "Toke", what: "token", parts: ["SeTd", "SeTl", "SeAt", "SeSd"] },
];

/** Ratios that objects come in. */
export const RATIOS = [1, 2, 3, 4, 1 / 2, 1 / 3, 1 / 4];
/** A ratio must be met this closely, beyond what the errors of both slopes allow. */
const SLACK = 0.02;
/** A count that repeats another's this closely, in a ratio this near to one of those, comes with it whatever its slope's error. */
const CLOSE = 0.98;
const NEAR = 0.06;
/** Slopes known worse than this tie nothing together. */
const MAX_ERROR = 0.2;

/** Groups judgements that are open; each judgement is in one group, alone where nothing goes with it. */
export function groupTags(open: readonly TagJudgement[]): Group[] {
  const left = new Set(open);
  const groups: Group[] = [];
  // What follows another comes after it, so that the group it belongs to is there.
  const ordered = [...open].sort(
    (a, b) =>
      Number(a.follows !== undefined) - Number(b.follows !== undefined) ||
      rootRank(a) - rootRank(b) ||
      exclusiveness(b) - exclusiveness(a),
  );
  for (const lead of ordered) {
    if (!left.delete(lead)) continue;
    const members: Member[] = [];
    for (const other of ordered) {
      if (!left.has(other)) continue;
      const ratio = other.follows === undefined ? lockstep(lead, other) : ratioTo(lead, members, other.follows);
      if (ratio === undefined) continue;
      left.delete(other);
      members.push({ judgement: other, ratio, margin: ratioMargin(lead.counts, other.counts, ratio) });
    }
    groups.push({ lead, members });
  }
  return groups;
}

/** The ratio of a follower to the lead of a group that what it follows is in. */
function ratioTo(lead: TagJudgement, members: readonly Member[], follows: Follows): number | undefined {
  if (follows.key === lead.key) return follows.ratio;
  const through = members.find((m) => m.judgement.key === follows.key);
  return through === undefined ? undefined : through.ratio * follows.ratio;
}

/** The ratio of count growth of `b` to `a` where they move together, else undefined. */
export function lockstep(a: TagJudgement, b: TagJudgement): number | undefined {
  if (a.factor !== "count" || b.factor !== "count" || a.kind !== b.kind) return undefined;
  const ratio = b.blocks.value / a.blocks.value;
  if (!(ratio > 0)) return undefined;
  const follows = a.counts.length === b.counts.length ? followOf(a.counts, b.counts) : undefined;
  if (follows !== undefined && follows.explained > CLOSE && RATIOS.some((r) => Math.abs(follows.ratio / r - 1) < NEAR))
    return follows.ratio;
  const error = Math.hypot(a.blocks.error / a.blocks.value, b.blocks.error / b.blocks.value);
  const known = areParts(tagOfKey(a.key), tagOfKey(b.key));
  if (error > (a.companion === true || b.companion === true ? 1 : MAX_ERROR)) return undefined;
  const slack = (known ? 4 : 1) * SLACK + 2 * error;
  const near = RATIOS.some((r) => Math.abs(Math.log(ratio / r)) < Math.min(slack, known ? 0.5 : 0.12));
  return near && (known || blocksAgree(a, b, ratio)) ? ratio : undefined;
}

/** Whether the ratio holds in each quarter of the record, so that two unrelated lines of one slope do not pass by luck alone. */
function blocksAgree(a: TagJudgement, b: TagJudgement, ratio: number): boolean {
  const n = Math.min(a.counts.length, b.counts.length);
  const parts = 4;
  let off = 0;
  for (let i = 0; i < parts; i++) {
    const from = Math.floor((i * (n - 1)) / parts);
    const to = Math.floor(((i + 1) * (n - 1)) / parts);
    const rise = (j: TagJudgement) => {
      const offset = j.counts.length - n;
      return (j.counts[offset + to] ?? 0) - (j.counts[offset + from] ?? 0);
    };
    if (Math.abs(rise(b) - ratio * rise(a)) > 0.5 * Math.abs(ratio * rise(a))) off += 1;
  }
  return off <= 1;
}

export function areParts(a: Tag, b: Tag): boolean {
  const x = formatTag(a).trim();
  const y = formatTag(b).trim();
  return ROOTS.some((r) => {
    const all = [r.root, ...r.parts];
    return all.includes(x) && all.includes(y);
  });
}

function rootRank(j: TagJudgement): number {
  const at = ROOTS.findIndex((r) => r.root === formatTag(tagOfKey(j.key)).trim());
  return at < 0 ? ROOTS.length : at;
}

/** Share of the allocations in the window that were kept, 0 to 1; undefined where the source has no counters. */
export function keptShare(j: TagJudgement): number | undefined {
  const made = (j.allocs[j.allocs.length - 1] ?? Number.NaN) - (j.allocs[0] ?? Number.NaN);
  const kept = (j.counts[j.counts.length - 1] ?? 0) - (j.counts[0] ?? 0);
  return made > 0 ? Math.max(0, Math.min(1, kept / made)) : undefined;
}

/** The same for ranking, 0 where nothing is known: near 1 for a tag that serves only what leaks. */
export function exclusiveness(j: TagJudgement): number {
  return keptShare(j) ?? 0;
}

/** What the root of a group is, where it is a known object. */
export function rootOf(tag: Tag): RootObject | undefined {
  return ROOTS.find((r) => r.root === formatTag(tag).trim())?.what;
}
