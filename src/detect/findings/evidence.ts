// The reasons of a verdict, each one plain sentence: what grew, what it looks like, what was ruled out, what is in doubt.

import { formatTag } from "../../model/tag.ts";
import { kindCodeOfKey, kindOf, tagOfKey } from "../../model/snapshot.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../../model/units.ts";
import type { Evidence } from "../../model/verdict.ts";
import { HINGES, WORK } from "../series/basis.ts";
import { exclusiveness, rootWords, type Group } from "./groups.ts";
import type { TagJudgement } from "./judge.ts";

/** All reasons for a finding; the first is the one a table shows. */
export function evidenceFor(group: Group, end: number): Evidence[] {
  const j = group.lead;
  const again: Evidence[] =
    j.returned === true
      ? [{ kind: "growth", text: "The same growth was there before the restart, which cleared it; it came back." }]
      : [];
  return [growth(j, end), ...again, ...frees(j), shape(j), ...work(j), ...lockstep(group), ...doubts(j)];
}

function growth(j: TagJudgement, end: number): Evidence {
  const { from, until } = growthTimes(j);
  const rise = j.bytes.value * ((until - from) / 3_600_000);
  const blocks = j.blocks.value * ((until - from) / 3_600_000);
  const what =
    j.factor === "count"
      ? `${formatCount(blocks)} more blocks (${formatBytes(rise)})`
      : `${formatBytes(rise)} more in about as many blocks: each block grows, so look for a structure that is extended, not for a block that is never freed`;
  const time = `within ${formatDuration(until - from)}`;
  const tail =
    j.kind === "stopped"
      ? `; nothing more since ${formatDuration(end - until)}, and nothing given back`
      : j.bytes.now > 1.2 * j.bytes.value
        ? `, speeding up: ${formatRate(j.bytes.now)} at the end`
        : "";
  return { kind: "growth", text: `${what} ${time}${tail}.` };
}

/** When growth began and ended, in milliseconds. */
export function growthTimes(j: TagJudgement): { from: number; until: number } {
  const first = j.times[0] ?? 0;
  const span = (j.times[j.times.length - 1] ?? 0) - first;
  const candidate = j.explanation?.candidate;
  return {
    from: first + ((candidate?.from ?? 0) / HINGES) * span,
    until: first + ((j.kind === "stopped" ? (candidate?.until ?? HINGES) : HINGES) / HINGES) * span,
  };
}

function frees(j: TagJudgement): Evidence[] {
  if (j.factor !== "count") return [];
  const made = (j.allocs[j.allocs.length - 1] ?? Number.NaN) - (j.allocs[0] ?? Number.NaN);
  if (!(made > 0)) return [];
  const kept = exclusiveness(j);
  if (kept > 0.999)
    return [{ kind: "frees", text: `Not one of ${formatCount(made)} blocks made in this time was freed.` }];
  if (kept < 0.001) return [];
  const share = kept * 100;
  return [
    {
      kind: "frees",
      text: `Of ${formatCount(made)} blocks made in this time ${share < 10 ? share.toPrecision(2) : share.toFixed(0)} % were not freed.`,
    },
  ];
}

function shape(j: TagJudgement): Evidence {
  if (j.teeth > 0) {
    return {
      kind: "shape",
      text: `It was trimmed ${j.teeth} times, and each time fell back to a higher floor: what the trims leave behind keeps growing.`,
    };
  }
  const candidate = j.explanation?.candidate;
  const like =
    j.kind === "stopped"
      ? "A straight rise that ends in a level"
      : candidate !== undefined && candidate.from > 0
        ? "A straight rise after a quiet start"
        : "Steady growth";
  const beside = j.explanation?.season === undefined ? "" : " on top of a rhythm";
  const odds = Math.max(1, (j.logOdds > 0 ? j.logOdds : 0) / Math.LN10);
  const size = odds > 15 ? "more than 10^15" : `about 10^${odds.toFixed(0)}`;
  const load = j.signal?.basis.loadVaries === true ? "the machine's load, " : "";
  return {
    kind: "shape",
    text:
      `${like}${beside} fits ${size} times better than anything harmless: ` +
      `${load}a cache that fills, a single step, a rhythm and aimless drift were tried.`,
  };
}

function work(j: TagJudgement): Evidence[] {
  if (j.explanation?.candidate.fit.columns.includes(WORK) !== true) return [];
  const made = (j.allocs[j.allocs.length - 1] ?? Number.NaN) - (j.allocs[0] ?? Number.NaN);
  const rise = (j.held[j.held.length - 1] ?? 0) - (j.held[0] ?? 0);
  const perAllocation = made > 0 ? rise / made : 0;
  const each =
    perAllocation >= 1
      ? `: ${formatBytes(perAllocation)} stay behind per allocation`
      : perAllocation > 0
        ? `: ${formatBytes(perAllocation * 1e6)} stay behind per million allocations`
        : "";
  return [{ kind: "load", text: `It grows with the work the machine does, faster when it is busy${each}.` }];
}

function lockstep({ lead, members }: Group): Evidence[] {
  if (members.length === 0) return [];
  const words = rootWords(tagOfKey(lead.key));
  const names = members.map((m) => formatTag(tagOfKey(m.judgement.key)).trim());
  const rare = rarest({ lead, members });
  const hint =
    rare === lead || exclusiveness(rare) < 0.5
      ? ""
      : ` ${formatTag(tagOfKey(rare.key)).trim()} is hardly used by anything else, so its driver is the first to suspect.`;
  return [
    {
      kind: "lockstep",
      text:
        `Grows in lockstep with ${names.join(", ")}: one leak${words === undefined ? "" : ` of ${words}`}, not ${plural(members.length + 1, "leak")}. ` +
        `A tag names who allocates, not who forgets to free.${hint}`,
    },
  ];
}

/** The tag of a group that serves hardly anything but what leaks. */
export function rarest({ lead, members }: Group): TagJudgement {
  let best = lead;
  for (const { judgement } of members) if (exclusiveness(judgement) > exclusiveness(best) + 0.05) best = judgement;
  return best;
}

function doubts(j: TagJudgement): Evidence[] {
  const texts: string[] = [];
  const span = (j.times[j.times.length - 1] ?? 0) - (j.times[0] ?? 0);
  if (span < 30 * 60_000) {
    texts.push(`The record covers ${formatDuration(span)} only: look again later before acting on the rate.`);
  }
  if (j.explanation?.season !== undefined && j.explanation.season.period > 0.4) {
    texts.push(`Only ${(1 / j.explanation.season.period).toFixed(1)} periods of the rhythm are in the record.`);
  }
  return texts.map((text) => ({ kind: "doubt", text }));
}

export function refOf(j: TagJudgement) {
  return { tag: tagOfKey(j.key), kind: kindOf(kindCodeOfKey(j.key)) };
}
