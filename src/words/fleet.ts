// What a fleet says, in words: what the comparison of a build means, and what the counts leave open.

import type { BuildJudgement, BuildRow, FleetCounts } from "../model/fleet.ts";
import { formatCount, plural } from "../model/units.ts";

/** One record a judgement: the words of a table, and what they mean. */
export const BUILD_JUDGEMENT_WORDS: Readonly<
  Record<BuildJudgement, { readonly short: string; readonly long: string }>
> = {
  worse: {
    short: "worse",
    long: "leaks on a larger share of its machines than the other builds of the driver, beyond chance",
  },
  "not-worse": {
    short: "not shown to be worse",
    long: "compared with the other builds; the difference may be chance or is small",
  },
  "no-other-build": {
    short: "no other build to compare",
    long: "all judged machines with this driver have this build",
  },
  "too-few-others": {
    short: "too few with another build",
    long: "fewer than ten judged machines have another build of the driver",
  },
  "too-few-leaking": { short: "too few machines leak", long: "one or two machines accuse nobody" },
  "not-counted": {
    short: "not counted",
    long: "on how many machines this build is loaded is not known, so there is no share",
  },
};

/** The sentence under a table of builds for the first row that is accused; undefined where none is. */
export function accusationWords(row: BuildRow): string | undefined {
  if (row.judgement !== "worse") return undefined;
  const { driver, version, tag, leaking, having, others, chance = 1 } = row;
  return (
    `${driver} ${version}: tag "${tag}" leaks on ${formatCount(leaking)} of ${plural(having, "judged machine")} with this build, ` +
    `and on ${formatCount(others.leaking)} of ${formatCount(others.having)} with its other builds; by chance that comes ` +
    `${chanceWords(chance)}. Builds that came to the same machines at the same time cannot be told apart by counting.`
  );
}

function chanceWords(chance: number): string {
  if (chance < 1e-9) return "less than once in a billion";
  return chance < 0.001
    ? `once in ${formatCount(Math.round(1 / chance))}`
    : `${(chance * 100).toFixed(1)} times in a hundred`;
}

/** Of whom nothing is said, and why; one sentence, empty where everybody was judged. */
export function notSaidWords({ silent, notJudged, withoutDriverList }: FleetCounts): string {
  const parts = [
    silent > 0 ? `${plural(silent, "machine")} silent for a day or more` : "",
    notJudged > 0 ? `${plural(notJudged, "machine")} not judged yet (too few snapshots)` : "",
    withoutDriverList > 0 ? `of ${plural(withoutDriverList, "judged machine")} the loaded drivers are not known` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `Nothing is said of: ${parts.join("; ")}.`;
}
