// An examination of a machine as text and as JSON.

import type { CaseRating, MachineSettings, RatedCase, RatedSetting } from "../model/doctor.ts";
import type { Milliseconds } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";
import { formatIso } from "../model/time.ts";
import { plural } from "../model/units.ts";
import { ratingReason, settingWords } from "../words/doctor.ts";
import { labelled, visible, type Paint } from "./terminal-text.ts";

export interface Examination {
  readonly host?: string;
  /** Of the newest snapshot. */
  readonly time: Milliseconds;
  readonly cases: readonly RatedCase[];
  readonly settings: MachineSettings;
  readonly ratedSettings: readonly RatedSetting[];
}

export interface DoctorReportOptions {
  readonly width: number;
  readonly paint: Paint;
  /** Also the cases that are ruled out or not judged, each with its reason. */
  readonly all: boolean;
}

const HEADS: Readonly<Record<CaseRating, string>> = {
  likely: "Likely",
  unlikely: "Unlikely",
  none: "Ruled out",
  "not-judged": "Not judged",
};

/** Likely cases in full, unlikely ones with their reason, the rest counted unless all are wanted; then the settings. */
export function renderDoctorText(examination: Examination, { width, paint, all }: DoctorReportOptions): string {
  const { cases, settings, ratedSettings } = examination;
  const of = (rating: CaseRating): readonly RatedCase[] => cases.filter((each) => each.rating === rating);
  const lines: string[] = [paint.bold(`Published leaks (${cases.length})`)];
  for (const rating of ["likely", "unlikely", "not-judged", "none"] as const) {
    const rated = of(rating);
    if (rated.length === 0 && rating !== "likely") continue;
    lines.push("", `${HEADS[rating]}: ${rated.length === 0 ? "none of them" : plural(rated.length, "case")}`);
    if (rating === "likely" || rating === "unlikely" || all)
      for (const each of rated) lines.push(...caseLines(each, width, rating === "likely" || rating === "unlikely"));
    else lines.push("   --all lists them with reasons");
  }
  lines.push("", paint.bold("Settings"));
  for (const rated of ratedSettings) {
    const { title, text, remedy } = settingWords(rated, settings);
    lines.push(labelled(`${rated.rating === "look" ? "! " : "  "}${title}`, visible(text), width, 1, 26));
    if (remedy !== undefined) lines.push(labelled("", remedy, width, 1, 26));
  }
  return `${lines.join("\n")}\n`;
}

function caseLines(rated: RatedCase, width: number, withRemedy: boolean): readonly string[] {
  const { id, culprit, remedy, source } = rated.case;
  return [
    `   ${id}: ${culprit}`,
    labelled("why", visible(ratingReason(rated)), width, 6),
    ...(withRemedy ? [labelled("remedy", remedy, width, 6)] : []),
    ...(rated.rating === "likely" ? [labelled("source", source, width, 6)] : []),
  ];
}

/** One line of JSON; see docs/json-output.md. */
export function renderDoctorJson({ host, time, cases, settings, ratedSettings }: Examination): string {
  return `${JSON.stringify({
    ...(host === undefined ? {} : { host }),
    time: formatIso(time),
    cases: cases.map((rated) => ({
      id: rated.case.id,
      rating: rated.rating,
      basis: rated.basis,
      tags: rated.tags.map(formatTag),
      loadedDrivers: rated.loaded,
      culprit: rated.case.culprit,
      text: ratingReason(rated),
      remedy: rated.case.remedy,
      source: rated.case.source,
    })),
    settings: ratedSettings.map((rated) => ({ ...rated, ...settingWords(rated, settings) })),
  })}\n`;
}
