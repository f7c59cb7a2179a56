// Sentences about a bug check that speaks of pool, and about Driver Verifier.

import { formatTag, type Tag } from "../model/tag.ts";
import { formatBytes, formatCount, plural } from "../model/units.ts";

/** A bug check as far as it speaks of pool; the reader's facts in structure. */
export type PoolBugcheckFacts =
  | {
      readonly kind: "unloaded-with-allocations";
      readonly driver: string | undefined;
      readonly fromUnloaded: boolean;
      readonly allocations: number;
    }
  | {
      readonly kind: "session-leak";
      readonly session: number;
      readonly pagedBytes: number;
      readonly nonpagedBytes: number;
      readonly pagedAllocations: number;
      readonly nonpagedAllocations: number;
    }
  | { readonly kind: "verifier-misuse"; readonly code: number; readonly bytes: number | undefined }
  | { readonly kind: "damaged-pool"; readonly code: number; readonly sub: number; readonly tag: Tag | undefined }
  | {
      readonly kind: "locked-pages";
      readonly code: number;
      readonly pages: number;
      readonly driver: string | undefined;
    };

const MISUSE_WORDS: Readonly<Record<number, string>> = {
  0x00: "asked for an allocation of no bytes",
  0x01: "asked for paged pool at a level where it may not",
  0x02: "asked for nonpaged pool at a level where it may not",
};

/** What the bug check says of pool. */
export function bugcheckPoolText(facts: PoolBugcheckFacts): string {
  if (facts.kind === "unloaded-with-allocations") {
    const who = facts.driver ?? "a driver whose name is not in the dump";
    const from = facts.fromUnloaded ? " (the driver unloaded last; the name itself is not in the dump)" : "";
    return `${who}${from} was unloaded with ${plural(facts.allocations, "pool allocation")} not freed: it leaks pool`;
  }
  if (facts.kind === "session-leak") {
    const parts = [
      [facts.pagedBytes, facts.pagedAllocations, "paged"] as const,
      [facts.nonpagedBytes, facts.nonpagedAllocations, "nonpaged"] as const,
    ]
      .filter(([bytes, count]) => bytes > 0 || count > 0)
      .map(([bytes, count, pool]) => `${formatBytes(bytes)} in ${plural(count, `${pool} allocation`)}`);
    return `session ${facts.session} ended with ${parts.join(" and ") || "pool"} never freed: win32k, a printer or a display driver`;
  }
  if (facts.kind === "verifier-misuse") {
    const what = MISUSE_WORDS[facts.code] ?? "wrote outside its allocation, or freed what was damaged";
    const size = facts.bytes === undefined || facts.code === 0 ? "" : ` (${formatBytes(facts.bytes)})`;
    return `Driver Verifier stopped a driver that ${what}${size}; this is a wrong use of pool, not a leak`;
  }
  if (facts.kind === "damaged-pool") {
    const tag = facts.tag === undefined ? "" : `, tag ${formatTag(facts.tag)}`;
    return `the pool itself was found damaged or was called wrongly (sub-code 0x${facts.sub.toString(16)}${tag}); this is no leak`;
  }
  const who = facts.driver === undefined ? "a driver" : facts.driver;
  return `${who} left ${plural(facts.pages, "locked page")} behind; these are pages, not pool`;
}

const VERIFIER_OPTIONS: readonly (readonly [number, string])[] = [
  [0x1, "special pool"],
  [0x2, "forced IRQL checks"],
  [0x4, "low resources"],
  [0x8, "pool tracking"],
  [0x10, "I/O verification"],
  [0x20, "deadlock detection"],
  [0x80, "DMA checks"],
  [0x100, "security checks"],
  [0x800, "DDI compliance"],
];

/** Whether Driver Verifier was on, with which options, and what its drivers hold. */
export function verifierText(facts: {
  readonly level: number;
  readonly counts:
    | {
        readonly pagedAllocations: number;
        readonly nonpagedAllocations: number;
        readonly pagedBytes: number;
        readonly nonpagedBytes: number;
      }
    | undefined;
}): string {
  if (facts.level === 0) return "Driver Verifier was off";
  const options = VERIFIER_OPTIONS.filter(([bit]) => (facts.level & bit) !== 0).map(([, name]) => name);
  const on = `Driver Verifier was on (level 0x${facts.level.toString(16)}${options.length > 0 ? `: ${options.join(", ")}` : ""})`;
  const { counts } = facts;
  if (counts === undefined) return on;
  return (
    `${on}; its drivers hold ${plural(counts.nonpagedAllocations, "nonpaged allocation")} of ${formatBytes(counts.nonpagedBytes)} and ` +
    `${plural(counts.pagedAllocations, "paged allocation")} of ${formatBytes(counts.pagedBytes)}`
  );
}

/** What Verifier's record of allocations came to, and how far its own counts and the blocks' tags agree. */
export function trackedText(facts: {
  readonly allocations: number;
  readonly pages: number;
  readonly tagsAgree: number;
  readonly withHeader: number;
  /** Verifier's own count of allocations outstanding. */
  readonly counted: number | undefined;
}): string {
  if (facts.allocations === 0)
    return "no record of its drivers' allocations was found: Verifier did not track pool, or it is not in the dump";
  const own = facts.counted === undefined ? "" : ` of ${formatCount(facts.counted)} that Verifier counts`;
  return (
    `${plural(facts.allocations, "allocation")}${own}, in ${plural(facts.pages, "page")} of its record; ` +
    `${formatCount(facts.tagsAgree)} of ${plural(facts.withHeader, "block")} with a header have the tag of their entry`
  );
}
