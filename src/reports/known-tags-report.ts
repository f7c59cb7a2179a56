// The common leaky tags and every known case: an overview as a table, or each in full where few were asked for.

import type { Owner } from "../model/attribution.ts";
import type { KnownCase } from "../model/known-case.ts";
import { formatTag, formatTagHex, type Tag } from "../model/tag.ts";
import { plural } from "../model/units.ts";
import { labelled, visible, type Paint } from "./terminal-text.ts";
import { renderTable, type TableColumn } from "./text-table.ts";

/** What is known of one tag; without a tag, a case of which none was published. */
export interface KnownTag {
  readonly tag?: Tag;
  readonly owner?: Owner;
  /** What a widely copied table says of it, and what is true. */
  readonly tutorial?: { readonly claim: string; readonly truth: string };
  readonly cases: readonly KnownCase[];
}

export interface KnownTagsOptions {
  readonly width: number;
  readonly paint: Paint;
  /** Each in full instead of a row. */
  readonly full: boolean;
}

const COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Owner", align: "left", priority: 1, cutTo: 16 },
  { title: "Tutorials say", align: "left", priority: 3, cutTo: 16 },
  { title: "Published with", align: "left", priority: 0, cutTo: 24 },
];

/** The list for people. */
export function renderKnownTags(known: readonly KnownTag[], options: KnownTagsOptions): string {
  if (known.length === 0) return "Nothing known matches.\n";
  if (options.full) return known.map((each) => `${fullLines(each, options).join("\n")}\n`).join("\n");
  const rows = known.map((each) => [
    tagText(each),
    visible(each.owner?.component ?? ""),
    visible(each.tutorial?.claim ?? ""),
    visible(each.cases.map(({ culprit }) => culprit).join("; ")),
  ]);
  return `${renderTable(COLUMNS, rows, options.width)}\n\n${plural(known.length, "entry", "entries")}; \`poolscope tag --known PATTERN\` (a tag, or a word such as wcifs) tells cause, remedy and source.\n`;
}

function tagText({ tag }: KnownTag): string {
  return tag === undefined ? "-" : formatTag(tag);
}

function fullLines(known: KnownTag, { width, paint }: KnownTagsOptions): string[] {
  const line = (label: string, text: string): string => labelled(label, visible(text), width);
  const { tag, owner, tutorial, cases } = known;
  return [
    paint.bold(tag === undefined ? "no tag published" : `${formatTag(tag)}  ${formatTagHex(tag)}`),
    ...(owner === undefined
      ? []
      : [
          line(
            "Owner",
            `${[owner.component, owner.description].filter((part) => part !== "").join(": ")} (${owner.from})`,
          ),
        ]),
    ...(owner?.caution === undefined ? [] : [line("Careful", owner.caution)]),
    ...(tutorial === undefined ? [] : [line("Tutorials", `say: ${tutorial.claim}`), line("In truth", tutorial.truth)]),
    ...cases.flatMap((each) => [
      line(
        each.class === "case" ? "Case" : "Pattern",
        `${each.culprit}${each.versions === "" ? "" : `, ${each.versions}`}`,
      ),
      line("Sign", each.sign),
      line("Cause", each.cause),
      line("Remedy", each.remedy),
      line("Source", each.source),
    ]),
  ];
}

/** The list for programs. */
export function renderKnownTagsJson(known: readonly KnownTag[]): string {
  const entries = known.map(({ tag, ...facts }) => ({
    tag: tag === undefined ? null : formatTag(tag),
    raw: tag === undefined ? null : formatTagHex(tag),
    ...facts,
  }));
  return `${JSON.stringify({ known: entries }, null, 1)}\n`;
}
