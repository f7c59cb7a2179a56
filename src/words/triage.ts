// What triage found, in words: held and not freed, grown, or merely large; by which signs; what the next snapshot decides.

import { formatTime } from "../model/time.ts";
import type { Triage, TriageFinding, TriageLimit, TriageSignName } from "../model/triage.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";
import { listWords, percentWords } from "./evidence.ts";
import { mayHead, suspectNames, tagWord } from "./suspects.ts";

/** `WCsc`, `amda with IoWI`, `WCsc with 9 more tags of the same number`. */
function subjectOf({ tag, equal }: TriageFinding): string {
  const [only] = equal;
  if (only === undefined) return tagWord(tag);
  return equal.length === 1
    ? `${tagWord(tag)} with ${tagWord(only.tag)}`
    : `${tagWord(tag)} with ${plural(equal.length, "more tag")}`;
}

function heldBytes({ bytes, equal }: TriageFinding): number {
  return equal.reduce((sum, each) => sum + each.bytes, bytes);
}

/** What the tags of a finding hold together. */
export function triageFigure(finding: TriageFinding): string {
  return formatBytes(heldBytes(finding));
}

/** Whether the finding is told by what it gained: where it was watched growing. */
function wasSeenGrowing({ gain, signs }: TriageFinding): boolean {
  return gain !== undefined && gain.blocks > 0 && (signs.kept === true || signs.grew === true);
}

/** Who and what a finding is about: `wcifs.sys: WCsc with 9 more tags in paged pool`. */
export function triageSubject(finding: TriageFinding): string {
  const suspect = finding.attribution?.suspect;
  const who = mayHead(suspect) ? `${suspectNames(suspect)}: ` : "";
  return `${who}${subjectOf(finding)} in ${finding.kind} pool`;
}

/** What was gained between the snapshots, where growing was seen. */
export function gainWords(finding: TriageFinding): string | undefined {
  const { gain } = finding;
  if (gain === undefined || !wasSeenGrowing(finding)) return undefined;
  return `${plural(gain.blocks, "more block")}, ${growthOf(finding)}${freedBetween(finding)}`;
}

/** The finding in one clause: `Toke: held, not freed: 3,700,000 allocations, 0 frees`. */
export function triageTitle(finding: TriageFinding): string {
  const { state, allocs = 0, frees = 0, blocks } = finding;
  const subject = triageSubject(finding);
  const gained = gainWords(finding);
  if (gained !== undefined) return `${subject}: grew${state === "held-not-freed" ? ", not freed" : ""}: ${gained}`;
  if (state === "held-not-freed") {
    return `${subject}: held, not freed: ${plural(allocs, "allocation")}, ${plural(frees, "free")}, ${formatBytes(heldBytes(finding))}`;
  }
  return `${subject}: holds ${formatBytes(heldBytes(finding))} in ${plural(blocks, "block")}`;
}

function growthOf({ gain, equal }: TriageFinding): string {
  if (gain === undefined) return "";
  const bytes = equal.reduce((sum, each) => sum + (each.gainedBytes ?? 0), gain.bytes);
  const rate = gain.bytesPerHour?.value;
  // The others gained as many blocks in the same time.
  const all = rate === undefined || gain.bytes === 0 ? undefined : (rate * bytes) / gain.bytes;
  return `+${formatBytes(bytes)}${all === undefined ? "" : ` (${formatRate(all)})`}`;
}

function freedBetween({ gain }: TriageFinding): string {
  if (gain?.allocs === undefined || gain.frees === undefined || gain.allocs === 0) return "";
  return `; of ${plural(gain.allocs, "allocation")} in between ${percentWords(gain.frees / gain.allocs)} freed`;
}

/** What is held now, with its shares of the pool, of RAM and of commit. */
export function holdsWords(finding: TriageFinding): string {
  const { blocks, bytes, shares, kind } = finding;
  const size = blocks > 0 ? ` of ${formatCount(bytes / blocks)} B` : "";
  const parts = [
    shares.pool === undefined ? undefined : `${percentWords(shares.pool)} of ${kind} pool`,
    shares.ram === undefined ? undefined : `${percentWords(shares.ram)} of RAM`,
    shares.commit === undefined ? undefined : `${percentWords(shares.commit)} of commit`,
  ].filter((part) => part !== undefined);
  const share = parts.length === 0 ? "" : `: ${listWords(parts)}`;
  return `${plural(blocks, "block")}${size}, ${formatBytes(bytes)}${share}`;
}

/** What the counters since the boot say. */
export function countersWords({ counters, allocs, frees }: TriageFinding): string {
  switch (counters) {
    case "known":
      return `${plural(allocs ?? 0, "allocation")} and ${plural(frees ?? 0, "free")} since the boot: ${percentWords(allocs === undefined || allocs === 0 ? 0 : (frees ?? 0) / allocs)} freed`;
    case "wrapped":
      return "the 32-bit counters went round; how much was freed is not known";
    case "unknown":
      return "the source counts no allocations and frees; whether blocks are freed is not known";
  }
}

/** How the rate varied, where there are more than two snapshots. */
export function spreadWords({ gain }: TriageFinding): string | undefined {
  if (gain === undefined || gain.steps < 2) return undefined;
  const { bytesPerHour, steps, stepsUp } = gain;
  const rose = `it rose in ${stepsUp} of ${plural(steps, "step")}`;
  if (bytesPerHour === undefined) return rose;
  const { value, low, high } = bytesPerHour;
  return `${formatRate(value)} on average, ${formatRate(low)} to ${formatRate(high)} from step to step; ${rose}`;
}

/** Tags with the same number of blocks. */
export function equalWords({ equal, equalBy, tag }: TriageFinding): string | undefined {
  if (equal.length === 0) return undefined;
  const names = listWords(
    equal.map((each) => {
      const count = equalBy === "gain" ? each.gainedBlocks : each.blocks;
      return `${tagWord(each.tag)} (${count === undefined ? "" : `${equalBy === "gain" ? "+" : ""}${formatCount(count)}`})`;
    }),
  );
  const what = equalBy === "gain" ? "gained as many blocks as" : "as many blocks as";
  return `${names}: ${what} ${tagWord(tag)}, more alike than chance makes them; made and lost together`;
}

const SIGN_WORDS: Readonly<Record<TriageSignName, string>> = {
  "never-freed": "practically never freed since the boot",
  kept: "practically nothing freed between the snapshots",
  grew: "grew in every step",
  "equal-counts": "other tags with the same number",
  large: "large",
  "above-usual": "above its usual range",
  "known-case": "a published case has this tag",
};

const SIGN_NAMES: readonly TriageSignName[] = [
  "never-freed",
  "kept",
  "grew",
  "equal-counts",
  "large",
  "above-usual",
  "known-case",
];

/** The certainty of a triage finding: which signs hold, of how many that could be looked for. */
export function signsWords({ signs }: TriageFinding): string {
  const looked = SIGN_NAMES.filter((name) => signs[name] !== undefined);
  const held = looked.filter((name) => signs[name] === true);
  return `${held.length} of ${plural(looked.length, "sign")} that could be looked for: ${listWords(held.map((name) => SIGN_WORDS[name]))}`;
}

/** What the next snapshot decides, as a sentence with a number. */
export function nextSnapshotWords({ next, tag, state, gain }: TriageFinding): string {
  const name = tagWord(tag);
  if (next === undefined) {
    return gain === undefined
      ? `Take a second snapshot an hour from now or later: poolscope diff compares the two.`
      : `${name} did not grow between the snapshots: what holds it now decides, not the next one.`;
  }
  const verdict = state === "held-not-freed" ? "it leaks" : "it goes on as it did";
  const when =
    next.at === undefined
      ? "after as long a time again"
      : `at ${formatTime(next.at)}${next.after === undefined ? "" : ` (${formatDuration(next.after)} after the last)`}`;
  const basis = gain === undefined ? ", at the mean rate since the boot" : "";
  return `Take the next snapshot ${when}: if ${name} is above ${formatCount(next.blocks)} blocks then, ${verdict}${basis}; if it is below, it levels off or is given back.`;
}

/** Up for longer than this, a shutdown in between is likely, and whether it ended the boot is worth saying. */
const LONG_BOOT = 3 * 86_400_000;

/** What limits the whole triage, and how old the boot is. */
export function triageLimitWords(triage: Triage): readonly string[] {
  const { uptime, limits } = triage;
  return [
    ...limits.map((limit) => LIMIT_SENTENCES[limit]),
    ...(uptime === undefined || uptime < LONG_BOOT
      ? []
      : [
          `Up for ${formatDuration(uptime)}: counters are since then. A shutdown with Fast Startup does not end a boot; only a restart gives back what the kernel holds.`,
        ]),
  ];
}

const LIMIT_SENTENCES: Readonly<Record<TriageLimit, string>> = {
  "partial-listing":
    "The listing is partial: sums are at least what is shown, and shares of a pool are told only where the pool's own total is.",
  "young-boot": "The machine was started minutes ago: that nothing was freed yet says nothing.",
  restarted: "The machine restarted in between: only the snapshots of the last boot were compared.",
  identical: "The snapshots hold the same numbers: the same listing twice shows no growth.",
  "wrapped-counters": "Some 32-bit counters went round since the boot: how much was freed is not known for those tags.",
  "no-counters": "The source counts no allocations and frees: what is held is shown, not whether it is freed.",
  "no-times": "The snapshots tell no times: what was gained is shown, no rate.",
};

/** `300 other rows were not judged.` */
export function triageRestWords({ rest }: Triage): string | undefined {
  return rest === 0
    ? undefined
    : `${plural(rest, "other row")} not judged: nothing in one or a few snapshots speaks for or against them.`;
}

/** A published pattern, as what it is. */
export function patternWords({
  culprit,
  cause,
  remedy,
  source,
}: {
  readonly culprit: string;
  readonly cause: string;
  readonly remedy: string;
  readonly source: string;
}): string {
  return `a pattern seen with ${culprit}: ${cause} ${remedy} (${source})`;
}
