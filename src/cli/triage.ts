// Triage of one or two snapshots at the command line: the numbers, with who is behind them as far as lists and index know.

import { attributeTriage } from "../attribution/triage.ts";
import { triageOf } from "../detect/triage/triage.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import type { DriverMatch } from "../model/attribution.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import type { Triage } from "../model/triage.ts";
import { attributionSources, tagsOfTriage } from "./attribution-sources.ts";

export interface TriageLists {
  readonly knowledge: Knowledge;
  readonly mappedDrivers: ReadonlyMap<Tag, string>;
  /** Drivers that use these tags; asked only where there is a suspect. */
  readonly driversOf: (tags: readonly Tag[]) => Promise<(tag: Tag) => readonly DriverMatch[]>;
}

/** What snapshots in time order say without a model of growth; undefined without any. */
export async function triaged(snapshots: readonly Snapshot[], lists: TriageLists): Promise<Triage | undefined> {
  const triage = triageOf(snapshots, lists.knowledge);
  const last = snapshots[snapshots.length - 1];
  if (triage === undefined || last === undefined) return undefined;
  const tags = tagsOfTriage(triage);
  const driversOf = tags.length === 0 ? () => [] : await lists.driversOf(tags);
  return attributeTriage(triage, attributionSources({ ...lists, driversOf }), new Set(last.columns.tag));
}
