// Who: what is known of every tag of a finding, the one suspect, and the chain of reasons. src/attribution/ makes it,
// src/words/ words it.

import type { BesideFinding } from "./beside.ts";
import type { KnownCase } from "./known-case.ts";
import type { Milliseconds, PoolKind } from "./snapshot.ts";
import type { AllocationPlace, ChainFrame, OutsideBasis } from "./stacks.ts";
import type { Tag } from "./tag.ts";

/** Who allocates under a tag, as far as lists and our own notes know. */
export interface Owner {
  /** Driver or component, e.g. `afd.sys`; empty where unknown. */
  readonly component: string;
  readonly description: string;
  /** Where this is from: `pooltag.txt`, `poolscope notes`. */
  readonly from: string;
  /** Object tags and shared tags name the allocator, not the culprit; then this says what to look for instead. */
  readonly caution?: string;
}

/** Proof that a driver uses a tag, strongest first. */
export const TIERS = ["proven", "pattern", "code", "predicted", "text"] as const;

export type Tier = (typeof TIERS)[number];

/** Place of a tier in the order of strength, 0 the strongest. */
export function tierRank(tier: Tier): number {
  return TIERS.indexOf(tier);
}

/** Which machine a proof is of, seen from the machine of the record. */
export type Scope = "this-machine" | "same-host-name" | "same-file-version" | "other-machine" | "unknown";

/** Which machine a driver index is of, as far as it tells. */
export interface MachineName {
  readonly host: string;
  readonly windowsBuild: number | null;
}

/** A driver of an index (or of a dump) that uses a tag, with the strongest tier of proof found. */
export interface DriverMatch {
  readonly file: string;
  readonly tier: Tier;
  /** The form of the tag where only a part of it is known: `Htb?`. */
  readonly pattern?: string;
  readonly company?: string;
  readonly product?: string;
  readonly version?: string;
  readonly signer?: string;
  readonly fileTime?: Milliseconds;
  /** Whether the file lies where the machine of the index loads its drivers from; absent where that is not known. */
  readonly installed?: boolean;
  /** The tag comes from a static library found in many vendors' drivers. */
  readonly library?: string;
  /** Absent where nobody asked yet: then it counts as `unknown`. */
  readonly scope?: Scope;
  readonly uses: readonly {
    readonly api: string;
    readonly rva: number;
    readonly function: number;
    readonly pool: PoolKind | null;
  }[];
}

/** A published leak of this tag. */
export interface KnownLeak {
  readonly id: string;
  readonly tags: readonly string[];
  readonly culprit: string;
  readonly cause: string;
  /** Fixed version, workaround or status. */
  readonly remedy: string;
  readonly source: string;
}

/**
 * What a component is. A third-party driver or an inbox filter can be the culprit; inbox drivers and the kernel allocate for
 * others; `shared` is code that many drivers link or a tag that many use.
 */
export type Nature = "third-party" | "inbox-filter" | "inbox" | "kernel" | "shared" | "unknown";

/** One tag of a finding with everything known of it. */
export interface MemberFacts {
  readonly tag: Tag;
  readonly kind: PoolKind;
  readonly nature: Nature;
  /** Share of its allocations that were never freed, 0 to 1; absent where counters do not tell. */
  readonly keptShare?: number;
  readonly bytesPerHour: number;
  readonly owner?: Owner;
  readonly drivers: readonly DriverMatch[];
}

/** How sure it is that the suspect allocates what grows. Not a probability: the kind of its proof. */
export type SuspectCertainty = "proven" | "likely" | "possible";

/** Whom the evidence points to. */
export interface Suspect {
  /** File name of the driver, e.g. `wcifs.sys`; where several are equally likely, all of them. */
  readonly names: readonly string[];
  /** The tag through which it is known. */
  readonly tag: Tag;
  readonly certainty: SuspectCertainty;
  readonly nature: Nature;
  /** How it is known. */
  readonly basis: "stack" | "call-site" | "code" | "list" | "case" | "form" | "derived-tag" | "bytes";
  readonly scope: Scope;
  /** Where `basis` is `list`: which list. */
  readonly from?: string;
  readonly company?: string;
  readonly product?: string;
  readonly version?: string;
}

/** What a pool trace shows of one tag, joined with what the counters show of it. */
export interface StackFacts {
  readonly tag: Tag;
  readonly kind: PoolKind;
  /** The frame that most of what is held came through, and what it is; see `AllocationPlace`. */
  readonly frame: ChainFrame;
  readonly role: AllocationPlace["role"];
  readonly makerBasis?: OutsideBasis;
  /** Part of what the tag holds in the trace that came through the frame, 0 to 1. */
  readonly share: number;
  /** Growth in the trace through the frame: from what its first half left over, so that blocks in use at the end do not count. */
  readonly bytesPerHour: number;
  /** The same over all places of the tag, stacks or none. */
  readonly tagBytesPerHour: number;
  /** Growth by the counters, and the part of it that the frame explains (above 1 where the trace shows more). */
  readonly counterBytesPerHour: number;
  readonly explained: number;
  readonly traceMilliseconds: number;
  /** Something of the trace is missing: held is an upper bound. */
  readonly lossy: boolean;
  /** Blocks from before the trace were freed as fast as new ones were kept. */
  readonly turnover: boolean;
}

/** One link of the chain from growth to driver, each with what would refute it (by kind, in src/words/chain.ts). */
export type Link =
  | {
      readonly kind: "growth";
      readonly tag: Tag;
      readonly pool: PoolKind;
      readonly bytesPerHour: number;
      readonly confidence: number;
      readonly perStep?: true;
    }
  | { readonly kind: "group"; readonly tags: readonly Tag[]; readonly bytesPerHour: number; readonly perStep?: true }
  | { readonly kind: "rarest"; readonly tag: Tag; readonly keptShare?: number }
  | { readonly kind: "owner"; readonly tag: Tag; readonly owner: Owner; readonly nature: Nature }
  | { readonly kind: "driver"; readonly tag: Tag; readonly match: DriverMatch }
  | {
      readonly kind: "call-site";
      readonly tag: Tag;
      readonly file: string;
      readonly api: string;
      readonly rva: number;
      readonly function: number;
    }
  | { readonly kind: "stack"; readonly tag: Tag; readonly facts: StackFacts }
  | { readonly kind: "case"; readonly leak: KnownCase; readonly tags: readonly Tag[] }
  | { readonly kind: "nobody"; readonly tag: Tag; readonly nature: Nature };

/** What to do or to type next, by kind; src/words/steps.ts has the command and the reason. */
export type Step =
  | { readonly kind: "look-up-tag"; readonly tag: Tag }
  | { readonly kind: "case-remedy"; readonly culprit: string; readonly remedy: string }
  | { readonly kind: "update-driver"; readonly names: readonly string[] }
  | { readonly kind: "windows-update"; readonly component: string }
  | { readonly kind: "feature-of-filter"; readonly component: string }
  | { readonly kind: "count-handles"; readonly tag: Tag; readonly stopped: boolean }
  | { readonly kind: "list-filters" }
  | { readonly kind: "list-callouts" }
  | { readonly kind: "trace-stacks"; readonly tag: Tag }
  | { readonly kind: "debugger-table"; readonly tag: Tag; readonly pool: PoolKind }
  | { readonly kind: "verifier"; readonly names: readonly string[] }
  | { readonly kind: "dump-blocks"; readonly tag: Tag }
  | { readonly kind: "look-again"; readonly afterMs: Milliseconds };

/** Who is behind a finding, over all its tags. */
export interface Attribution {
  /** The lead first. */
  readonly members: readonly MemberFacts[];
  /** Absent where nobody can be named. */
  readonly suspect?: Suspect;
  readonly chain: readonly Link[];
  /** Published cases whose own tag is in the finding. */
  readonly cases: readonly KnownCase[];
  /** Published patterns whose measured sign holds; a hint, never a culprit. */
  readonly patterns: readonly KnownCase[];
  /** Published cases that share a tag with the finding, but whose own tag is not in the record. */
  readonly ruledOut: readonly KnownCase[];
  readonly steps: readonly Step[];
  /** What handles, drivers and programs say of it; absent where nothing beside the counters was measured. */
  readonly beside?: readonly BesideFinding[];
}
