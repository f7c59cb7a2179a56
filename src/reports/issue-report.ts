// A diagnosis as Markdown for a vendor's tracker or a forum: what was measured, what follows from it and how surely, what was
// ruled out, how to repeat it.

import { formatTag } from "../model/tag.ts";
import { formatTime } from "../model/time.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";
import { needsAction, type Diagnosis, type Verdict } from "../model/verdict.ts";
import { abstentionWords, notJudgedWords } from "../words/abstentions.ts";
import { linkWords } from "../words/chain.ts";
import { evidenceWords } from "../words/evidence.ts";
import { exhaustionLong } from "../words/exhaustion.ts";
import {
  headlineOf,
  poolRates,
  rateInterval,
  rateWords,
  ratioWords,
  sinceWords,
  sureWords,
  tagsWords,
} from "../words/findings.ts";
import { intakeLines } from "../words/intake.ts";
import { stepGroups, withStop } from "../words/steps.ts";
import { driverWords, findingTitle, tagWord, whoSentence } from "../words/suspects.ts";

export interface IssueReportOptions {
  /** The program with its version, as it stands in the report. */
  readonly program: string;
  /** The command line that makes this diagnosis again. */
  readonly command: string;
}

/** Findings written out; more would be no report but a dump. */
const MOST_FINDINGS = 3;

/** Markdown; text from the data stands in code spans, so that nothing in it is markup. */
export function renderIssue(diagnosis: Diagnosis, options: IssueReportOptions): string {
  const { title, detail } = headlineOf(diagnosis);
  const findings = diagnosis.verdicts.filter(({ state }) => needsAction(state));
  return `${[
    `## ${plain(title)}`,
    "",
    plain(withStop(detail)),
    "",
    "### What was measured",
    "",
    ...measured(diagnosis).map((line) => `- ${plain(line)}`),
    ...findings.slice(0, MOST_FINDINGS).flatMap((verdict) => findingLines(verdict, diagnosis)),
    ...(findings.length > MOST_FINDINGS
      ? ["", plain(`${plural(findings.length - MOST_FINDINGS, "more finding")} left out here.`)]
      : []),
    ...stepLines(findings.slice(0, MOST_FINDINGS)),
    "",
    "### What this cannot tell",
    "",
    ...limitsOf(diagnosis).map((line) => `- ${plain(line)}`),
    "",
    "### How to repeat it",
    "",
    "```",
    options.command.replaceAll("`", "'"),
    "```",
    "",
    plain(`Made by ${options.program}. Nothing was sent anywhere by it.`),
  ].join("\n")}\n`;
}

function measured({ origin, span, intake, totals }: Diagnosis): string[] {
  const machine = [
    origin.host,
    origin.windowsBuild === undefined ? undefined : `Windows build ${origin.windowsBuild}`,
    origin.architecture,
    totals.physicalBytes === undefined ? undefined : `RAM ${formatBytes(totals.physicalBytes)}`,
  ].filter((part) => part !== undefined);
  const restarts = span.boots.length === 0 ? "no restart seen" : plural(span.boots.length, "restart");
  return [
    ...(intake === undefined ? [] : intakeLines(intake)),
    `Machine: ${machine.length === 0 ? "not named in the data" : machine.join(", ")}`,
    `${formatTime(span.from)} to ${formatTime(span.to)} (${formatDuration(span.to - span.from)}), ${plural(span.snapshots, "snapshot")}, ${plural(span.series, "row")} of tag and pool, ${restarts}`,
    ...(origin.notice === undefined ? [] : [origin.notice]),
  ];
}

function findingLines(verdict: Verdict, { span }: Diagnosis): string[] {
  const { attribution, group } = verdict;
  const interval = rateInterval(verdict.total.bytesPerHour);
  const since = sinceWords(verdict, span.to);
  const sure = sureWords(verdict);
  const rates = poolRates(verdict);
  const bullets = [
    `Tags: ${tagsWords(verdict)}; rate of all together ${rateWords(verdict)}${interval === undefined ? "" : ` (${interval})`}${rates === undefined ? "" : `; ${rates}`}`,
    ...(since === undefined ? [] : [`Since ${since}`]),
    `Holds ${formatBytes(verdict.total.heldBytes)} in ${formatCount(verdict.total.outstanding)} blocks`,
    `Runs out ${exhaustionLong(verdict)}`,
    ...(sure === undefined ? [] : [`That it leaks: ${sure}`]),
    `Who: ${whoSentence(attribution)}`,
    ...verdict.evidence.map(evidenceWords),
    ...(attribution?.members ?? []).flatMap((member) =>
      member.drivers.map((match) => `${tagWord(member.tag)}: ${driverWords(match)}`),
    ),
    ...(attribution?.ruledOut ?? []).map(
      (known) => `Ruled out: ${known.culprit} (shares a tag; its own tag is not in this record)`,
    ),
  ];
  const rows = [{ ...verdict, ratio: 1, bytesPerHour: verdict.bytesPerHour.value }, ...group].map(
    (member) =>
      `| ${code(formatTag(member.tag))} | ${member.kind} | ${ratioWords(member, 3)} | ${formatRate(member.bytesPerHour)} | ${formatBytes(member.heldBytes)} | ${formatCount(member.outstanding)} |`,
  );
  const chain = (attribution?.chain ?? []).map((link, index) => {
    const { label, sentence, refutedBy } = linkWords(link);
    return `${index + 1}. ${plain(`${label}: ${sentence} Refuted by: ${refutedBy}.`)}`;
  });
  return [
    "",
    `### ${plain(findingTitle(verdict))}`,
    "",
    ...bullets.map((line) => `- ${plain(line)}`),
    "",
    "| tag | pool | ratio | rate | held | blocks |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    ...(chain.length === 0 ? [] : ["", "From growth to driver:", "", ...chain]),
  ];
}

/** The steps of all findings, once: each purpose, and its commands in a code block that can be copied. */
function stepLines(findings: readonly Verdict[]): string[] {
  const groups = stepGroups(findings.flatMap(({ attribution }) => attribution?.steps ?? []));
  if (groups.length === 0) return [];
  return [
    "",
    "### Next steps",
    "",
    ...groups.flatMap(({ commands, why }) => [
      `- ${plain(why)}`,
      ...(commands.length === 0
        ? []
        : ["", "  ```", ...commands.map((command) => `  ${command.replaceAll("`", "'")}`), "  ```", ""]),
    ]),
  ];
}

function limitsOf({ abstentions, notJudged, gaps }: Diagnosis): string[] {
  const rows = notJudgedWords(notJudged);
  return [
    ...abstentions.map(abstentionWords),
    ...(rows === undefined ? [] : [withStop(rows)]),
    ...gaps.slice(0, MOST_GAPS).map(({ where, problem }) => `Not read: ${where}: ${problem}`),
    ...(gaps.length > MOST_GAPS ? [`${plural(gaps.length - MOST_GAPS, "more place")} not read.`] : []),
    "A tag names who allocates, not who forgets to free; the counters do not hold call stacks.",
  ];
}

const MOST_GAPS = 5;

/** Text in which nothing is markup: what Markdown and HTML would act on is escaped. */
function plain(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|#&]/g, (sign) =>
      sign === "<" ? "&lt;" : sign === ">" ? "&gt;" : sign === "&" ? "&amp;" : `\\${sign}`,
    )
    .replaceAll("@", "@\u2060");
}

/** A code span that no back quote or bar in the text ends. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}
