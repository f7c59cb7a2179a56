// What to do next, from who is suspected: the proof that is missing first, then what can end the growth.

import type { MemberFacts, Step, Suspect } from "../model/attribution.ts";
import type { KnownCase } from "../model/known-case.ts";
import { isPrintableTag } from "../model/tag.ts";
import { needsAction, type TagRef, type Verdict } from "../model/verdict.ts";
import { isFileTag, isHandleTag, isNetworkOwner } from "./objects.ts";
import { isOwnScope } from "./scope.ts";

/** Published remedies shown with a finding. */
const MOST_REMEDIES = 2;

/** What steps ask of a finding: its lead, its state, its other tags. */
export type StepSubject = Pick<Verdict, "tag" | "kind" | "state" | "lookAgainAfterMs"> & {
  readonly group: readonly TagRef[];
};

/** Steps for one finding; for growth that is not proven only when to look again. */
export function stepsFor(
  verdict: StepSubject,
  members: readonly MemberFacts[],
  suspect: Suspect | undefined,
  cases: readonly KnownCase[],
): readonly Step[] {
  if (!needsAction(verdict.state)) {
    const afterMs = verdict.lookAgainAfterMs;
    return afterMs === undefined ? [] : [{ kind: "look-again", afterMs }];
  }
  const remedies: Step[] = cases
    .slice(0, MOST_REMEDIES)
    .map(({ culprit, remedy }) => ({ kind: "case-remedy", culprit, remedy }));
  return [
    ...remedies,
    ...(suspect === undefined ? withoutSuspect(verdict, members) : forSuspect(suspect)),
    ...closeLook(verdict, suspect),
  ];
}

function forSuspect(suspect: Suspect): Step[] {
  const look: Step[] =
    suspect.basis === "stack" || (suspect.basis === "call-site" && isOwnScope(suspect.scope))
      ? []
      : [{ kind: "look-up-tag", tag: suspect.tag }];
  if (suspect.nature === "inbox-filter") {
    const component = suspect.names.join(" or ");
    return [...look, { kind: "feature-of-filter", component }, { kind: "list-filters" }];
  }
  return [...look, { kind: "update-driver", names: suspect.names }, { kind: "verifier", names: suspect.names }];
}

/** Nobody can be named: who holds the objects, who calls the allocator. */
function withoutSuspect({ state }: StepSubject, members: readonly MemberFacts[]): Step[] {
  const [lead] = members;
  if (lead === undefined) return [];
  const steps: Step[] = [];
  const handles = members.find(({ tag }) => isHandleTag(tag));
  if (handles !== undefined) steps.push({ kind: "count-handles", tag: handles.tag, stopped: state === "stopped-held" });
  const unknown = members.find(({ nature }) => nature === "unknown");
  if (unknown !== undefined) steps.push({ kind: "look-up-tag", tag: unknown.tag });
  if (members.some(({ tag }) => isFileTag(tag))) steps.push({ kind: "list-filters" });
  if (members.some(({ owner }) => owner !== undefined && isNetworkOwner(owner.component))) {
    steps.push({ kind: "list-callouts" });
  }
  const inbox = members.find(({ nature }) => nature === "inbox");
  if (inbox?.owner !== undefined) steps.push({ kind: "windows-update", component: inbox.owner.component });
  return steps;
}

/** How to see the allocations themselves. */
function closeLook({ tag, kind, state, group }: StepSubject, suspect: Suspect | undefined): Step[] {
  const own = suspect?.tag ?? tag;
  const pool = group.find((member) => member.tag === own)?.kind ?? kind;
  if (state === "stopped-held") return [{ kind: "dump-blocks", tag: own }];
  return [
    ...(isPrintableTag(own) && suspect?.basis !== "stack" ? [{ kind: "trace-stacks", tag: own } as const] : []),
    { kind: "debugger-table", tag: own, pool },
  ];
}
