// Pool traces that are joined with the counters of a time line, and what of them cannot be used.

import type { Gap } from "../model/snapshot.ts";
import type { PoolTrace } from "../model/stacks.ts";
import type { Diagnosis } from "../model/verdict.ts";
import { needsAction } from "../model/verdict.ts";
import { bookedTag, formatTag } from "../model/tag.ts";
import { lossSentence } from "../words/stacks.ts";
import type { Io } from "./io.ts";
import { readTraceFile } from "./stacks.ts";

export interface TraceEvidence {
  readonly traces: readonly PoolTrace[];
  readonly gaps: readonly Gap[];
}

/** Reads traces for a diagnosis. A trace of another Windows is left out and said to be. */
export async function readTraces(paths: readonly string[], diagnosis: Diagnosis, io: Io): Promise<TraceEvidence> {
  const traces: PoolTrace[] = [];
  const gaps: Gap[] = [];
  const build = diagnosis.origin.windowsBuild;
  for (const path of paths) {
    const trace = await readTraceFile(path, io);
    if (build !== undefined && trace.windowsBuild !== undefined && trace.windowsBuild !== build) {
      const problem = `of Windows build ${trace.windowsBuild}, the record of ${build}: another machine or another time, so not joined`;
      gaps.push({ where: path, problem });
      continue;
    }
    const loss = lossSentence(trace.loss);
    if (loss !== undefined) gaps.push({ where: path, problem: loss });
    for (const problem of silentTags(trace, diagnosis)) gaps.push({ where: path, problem });
    traces.push(trace);
  }
  return { traces, gaps };
}

/** Findings of which the trace holds nothing: recorded with a filter for other tags, or at a time without growth. */
function silentTags(trace: PoolTrace, { verdicts }: Diagnosis): string[] {
  const held = new Set(trace.tags.filter((tag) => tag.bytes > 0).map((tag) => `${tag.tag} ${tag.kind}`));
  return verdicts
    .filter(({ state, tag, kind }) => needsAction(state) && !held.has(`${bookedTag(tag)} ${kind}`))
    .map(({ tag, kind }) => `nothing of ${formatTag(tag)} (${kind}) was allocated and kept in this trace`);
}
