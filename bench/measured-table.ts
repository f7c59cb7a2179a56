// The table of docs/detection.md out of bench/measured.json: what the scorer counted on each family of recordings.

/** One family of recordings with what a scorer counted. Counts are `[part, whole]`. */
export interface Measured {
  readonly family: string;
  /** How many recordings, and whether they were tuned on. */
  readonly told: string;
  readonly found: readonly [number, number];
  readonly falseTags: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly strictF1: number;
  readonly alarmed: string;
  readonly groupsWhole: string;
  readonly firstIsLeak: string;
  /** Share, not percent. */
  readonly rateError: number;
  readonly intervals: string;
  readonly stopRight: string;
}

/** The parts of a scorer's answer that the table shows. */
export interface Score {
  readonly strict: { readonly f1: number };
  readonly fair: {
    readonly tp: number;
    readonly fp: number;
    readonly fn: number;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
  };
  readonly recordings_without_leak_with_false_alarm: string;
  readonly top1_is_leak: string;
  readonly median_abs_slope_error: number;
  readonly interval_holds_truth: string;
  readonly stop_state_correct: string;
  /** Groups of which any, all, out of how many: `4/3/4`. */
  readonly paired_groups_any_all: string;
}

/** A scorer's answer as a column. */
export function measuredFrom(family: string, told: string, score: Score): Measured {
  const { fair, strict } = score;
  const [, all = "0", of = "0"] = score.paired_groups_any_all.split("/");
  return {
    family,
    told,
    found: [fair.tp, fair.tp + fair.fn],
    falseTags: fair.fp,
    precision: fair.precision,
    recall: fair.recall,
    f1: fair.f1,
    strictF1: strict.f1,
    alarmed: score.recordings_without_leak_with_false_alarm,
    groupsWhole: `${all}/${of}`,
    firstIsLeak: score.top1_is_leak,
    rateError: score.median_abs_slope_error,
    intervals: score.interval_holds_truth,
    stopRight: score.stop_state_correct,
  };
}

const two = (share: number): string => share.toFixed(2).replace(/^0/, "");
const of = (text: string): string => text.replace("/", " of ");

/** The table as Markdown, a column for each family. */
export function renderMeasured(measured: readonly Measured[]): string {
  const row = (title: string, cell: (each: Measured) => string): string =>
    `| ${title} | ${measured.map(cell).join(" | ")} |`;
  return [
    row("", ({ family, told }) => `${family} (${told})`),
    `|${" --- |".repeat(measured.length + 1)}`,
    row("leaks found, fair", ({ found }) => of(found.join("/"))),
    row("false tags", ({ falseTags }) => String(falseTags)),
    row("precision, recall", ({ precision, recall }) => `${two(precision)}, ${two(recall)}`),
    row("F1 fair (strict)", ({ f1, strictF1 }) => `${two(f1)} (${two(strictF1)})`),
    row("clean recordings that raise an alarm", ({ alarmed }) => of(alarmed)),
    row("groups whole", ({ groupsWhole }) => of(groupsWhole)),
    row("the first finding is a leak", ({ firstIsLeak }) => of(firstIsLeak)),
    row("median error of the rate", ({ rateError }) => `${(rateError * 100).toFixed(1).replace(/^0/, "")} %`),
    row("intervals that hold the true rate", ({ intervals }) => of(intervals)),
    row("going on or stopped, right", ({ stopRight }) => of(stopRight)),
  ].join("\n");
}

/** The table inside a page, from its first heading to the first blank line after it: `[before, table, after]`. */
export function splitPage(page: string): readonly [string, string, string] {
  const start = page.indexOf("\n|", page.indexOf("Fair count, one look")) + 1;
  const end = page.indexOf("\n\n", start);
  if (start <= 0 || end < 0) throw new Error("docs/detection.md: no table after `Fair count, one look`");
  return [page.slice(0, start), page.slice(start, end), page.slice(end)];
}
