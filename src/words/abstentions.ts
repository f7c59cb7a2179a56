// What a record cannot answer, as sentences.

import type { Abstention } from "../model/evidence.ts";
import { formatTime } from "../model/time.ts";
import { formatCount, formatDuration, plural } from "../model/units.ts";
import type { NotJudged } from "../model/verdict.ts";

/** One sentence for one thing that the record cannot answer. */
export function abstentionWords(abstention: Abstention): string {
  switch (abstention.kind) {
    case "one-snapshot":
      return "One snapshot shows sizes, not growth: take another one later.";
    case "few-snapshots": {
      const since = abstention.lastBoot === undefined ? "" : ` since the restart at ${formatTime(abstention.lastBoot)}`;
      return `${plural(abstention.usable, "usable snapshot")}${since}: at least ${abstention.needed} are needed to tell growth from ups and downs. \`poolscope diff\` compares two.`;
    }
    case "restarts":
      return `The machine restarted ${abstention.boots === 1 ? "once" : `${abstention.boots} times`}; verdicts rest on the time since ${formatTime(abstention.lastBoot)}.`;
    case "settling":
      return `The first ${formatDuration(abstention.ms)} after the boot were left out: services start and caches fill then.`;
    case "under-a-day":
      return `${formatDuration(abstention.ms)} of record: what rises in the morning and falls at night cannot be told from slow growth; a day and a half can.`;
    case "hole":
      return `No snapshot from ${formatTime(abstention.from)} to ${formatTime(abstention.to)}: what happened in between is not known.`;
    case "no-counters":
      return "The source gives no counts of allocations, so growth could not be set against the machine's load or against reuse.";
    case "too-many-rows":
      return `${formatCount(abstention.rows)} rows that gained least were not judged: more rows move than are judged in one look.`;
  }
}

/** `300 rows not judged: too few snapshots`; undefined where all were looked at. */
export function notJudgedWords({ count, tooFewSnapshots, tooNew, tooMany }: NotJudged): string | undefined {
  if (count === 0) return undefined;
  const parts: readonly (readonly [number, string])[] = [
    [tooFewSnapshots, "too few snapshots"],
    [tooNew, "listed too briefly"],
    [tooMany, "more rows move than are judged in one look"],
  ];
  const reasons = parts.filter(([rows]) => rows > 0);
  const words = reasons.map(([rows, why]) => (reasons.length > 1 ? `${formatCount(rows)} ${why}` : why));
  return `${plural(count, "row")} not judged: ${words.join(", ")}`;
}
