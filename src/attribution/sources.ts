// What attribution asks of the lists and of the drivers; the command line hands it in.

import type { DriverMatch, Nature, Owner, StackFacts } from "../model/attribution.ts";
import type { CaseMatch, CaseRow, KnownCase } from "../model/known-case.ts";
import type { PoolKind } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";

export interface AttributionSources {
  readonly ownerOf: (tag: Tag) => Owner | undefined;
  /** What a component or driver file is; `company` from its version resource where there is one. */
  readonly natureOf: (component: string, company?: string) => Nature;
  /** Drivers that use a tag, best proof first, each with the scope of its proof; empty without an index. */
  readonly driversOf: (tag: Tag) => readonly DriverMatch[];
  /** What a pool trace shows of a tag that grows by so much an hour; absent without a trace. */
  readonly stacksOf?: (tag: Tag, kind: PoolKind, bytesPerHour: number) => StackFacts | undefined;
  /** Published cases of which an own tag is among the rows, best first. */
  readonly casesOf: (rows: readonly CaseRow[]) => readonly CaseMatch[];
  /** Published patterns without a tag of their own whose measured sign holds; they never name a suspect. */
  readonly patternsOf: (rows: readonly CaseRow[]) => readonly CaseMatch[];
  /** Cases that share one of the tags and of which no own tag is in the whole listing. */
  readonly ruledOut: (tags: readonly Tag[], listed: ReadonlySet<Tag>) => readonly KnownCase[];
}
