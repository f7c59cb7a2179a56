// Why a tag points at a driver: the chain of one tag, link by link, for people and programs.

import type { Attribution } from "../model/attribution.ts";
import type { PoolKind } from "../model/snapshot.ts";
import { formatTag, formatTagHex, type Tag } from "../model/tag.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { needsAction, type Span, type Verdict, type VerdictState, type VisibleLeak } from "../model/verdict.ts";
import { besideWords } from "../words/beside.ts";
import { linkWords } from "../words/chain.ts";
import { evidenceWords } from "../words/evidence.ts";
import { STATE_WORDS } from "../words/states.ts";
import { findingTitle, tagWord, whoSentence } from "../words/suspects.ts";
import { visibleWords } from "../words/visible.ts";
import { attributionJson } from "./attribution-json.ts";
import { verdictJson, visibleJson } from "./diagnosis-json.ts";
import { nextStepsLines } from "./next-steps.ts";
import { labelled, visible, type Paint } from "./terminal-text.ts";

/** One pool in which the tag is listed: its verdict, or the state of a row without one. */
export type WhyRow = (
  | { readonly kind: PoolKind; readonly verdict: Verdict; readonly state?: undefined }
  | { readonly kind: PoolKind; readonly verdict?: undefined; readonly state: VerdictState }
) & {
  /** The smallest leak that could have been seen, where none was found and it was looked at. */
  readonly visible?: VisibleLeak;
};

export interface WhyReport {
  readonly tag: Tag;
  readonly span?: Span;
  readonly rows: readonly WhyRow[];
  /** What lists and drivers say, where no verdict was made. */
  readonly known?: Attribution;
}

export function renderWhyText(report: WhyReport, { width, paint }: { width: number; paint: Paint }): string {
  const line = (label: string, text: string): string => labelled(label, visible(text), width);
  const { span } = report;
  const steps = report.rows.flatMap(({ verdict }) => verdict?.attribution?.steps ?? []);
  const record =
    span === undefined
      ? "no record was given, so growth was not looked at"
      : `${formatTime(span.from)} to ${formatTime(span.to)}`;
  return `${[
    `${paint.bold(visible(formatTag(report.tag)))}  ${formatTagHex(report.tag)}  (${record})`,
    ...report.rows.flatMap((row) => ["", ...rowLines(report.tag, row, line)]),
    ...(report.known === undefined ? [] : ["", ...chainLines(report.known, line)]),
    ...(steps.length === 0 ? [] : ["", ...nextStepsLines(steps, { width, paint })]),
  ].join("\n")}\n`;
}

type LineOf = (label: string, text: string) => string;

function rowLines(tag: Tag, row: WhyRow, line: LineOf): string[] {
  const { kind, verdict } = row;
  const seen = row.visible === undefined ? [] : [line("Seen", visibleWords(row.visible))];
  if (verdict === undefined) {
    const { label, clause } = STATE_WORDS[row.state];
    return [line(kind, `${label}: ${clause}.`), ...seen];
  }
  const words = STATE_WORDS[verdict.state];
  const lead = verdict.tag === tag ? "" : ` (said of ${tagWord(verdict.tag)}, which it grows with)`;
  const [reason] = verdict.evidence;
  return [
    line(kind, `${words.label}: ${words.clause}${lead}.`),
    ...(needsAction(verdict.state) ? [line("Finding", `${findingTitle(verdict)}.`)] : []),
    ...(reason === undefined ? [] : [line("Because", evidenceWords(reason))]),
    ...seen,
    ...(verdict.attribution === undefined ? [] : chainLines(verdict.attribution, line)),
    ...(verdict.attribution?.beside ?? []).flatMap((finding) => {
      const { label, sentence, refutedBy } = besideWords(finding);
      return [line(label, sentence), line("", `Refuted by: ${refutedBy}.`)];
    }),
    line("Who", whoSentence(verdict.attribution)),
  ];
}

function chainLines({ chain }: Attribution, line: LineOf): string[] {
  return chain.flatMap((link) => {
    const { label, sentence, refutedBy } = linkWords(link);
    return [line(label, sentence), line("", `Refuted by: ${refutedBy}.`)];
  });
}

export function renderWhyJson({ tag, span, rows, known }: WhyReport): string {
  const value = {
    tag: formatTag(tag),
    raw: formatTagHex(tag),
    ...(span === undefined ? {} : { from: formatIso(span.from), to: formatIso(span.to) }),
    pools: rows.map((row) => ({
      pool: row.kind,
      ...(row.verdict === undefined
        ? { state: row.state }
        : { state: row.verdict.state, verdict: verdictJson(row.verdict) }),
      ...(row.visible === undefined ? {} : { visible: visibleJson(row.visible) }),
    })),
    ...(known === undefined ? {} : { known: attributionJson(known) }),
  };
  return `${JSON.stringify(value, null, 1)}\n`;
}
