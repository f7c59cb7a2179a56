// Everything known of tags, for people and programs.

import type { Milliseconds, TagUse } from "../model/snapshot.ts";
import { formatTag, type Tag } from "../model/tag.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatBytes, formatCount, plural } from "../model/units.ts";
import type { DriverMatch, KnownLeak, Owner } from "../model/attribution.ts";
import type { KnownCase } from "../model/known-case.ts";
import type { TagBlocks } from "../model/tag-blocks.ts";
import { tagBlockWords } from "../words/tag-blocks.ts";
import { TIER_WORDS } from "../words/tiers.ts";
import { ownerText } from "./snapshot-report.ts";
import { labelled, visible, type Paint } from "./terminal-text.ts";

export interface TagReport {
  readonly tag: Tag;
  /** The tag as hexadecimal number. */
  readonly raw: string;
  readonly owner?: Owner;
  /** What a widely copied table says of this tag, and what is true. */
  readonly tutorial?: { readonly claim: string; readonly truth: string };
  /** A static library that brings this tag into many vendors' drivers. */
  readonly library?: string;
  /** Published leaks that have this tag as their own. */
  readonly knownLeaks: readonly KnownLeak[];
  /** Published leaks that this tag takes part in, with others that use it too: no proof of any of them. */
  readonly sharedCases: readonly KnownCase[];
  readonly drivers: readonly DriverMatch[];
  /** Whether the user's pooltag.txt has it; absent where there is no such list. */
  readonly listed?: boolean;
  /** Time of the snapshot that `uses` are from. */
  readonly time?: Milliseconds;
  readonly uses: readonly TagUse[];
  /** Where its blocks are on this machine; absent where it was not asked. */
  readonly blocks?: TagBlocks;
}

export interface TagReportOptions {
  readonly width: number;
  readonly paint: Paint;
}

export function renderTagText(reports: readonly TagReport[], options: TagReportOptions): string {
  return reports.map((report) => `${tagLines(report, options).join("\n")}\n`).join("\n");
}

function tagLines(report: TagReport, { width, paint }: TagReportOptions): string[] {
  const line = (label: string, text: string): string => labelled(label, visible(text), width);
  const owner = report.owner;
  const known =
    owner === undefined
      ? "unknown: neither pooltag.txt nor the notes here list this tag"
      : `${ownerText(owner)} (${owner.from})`;
  return [
    `${paint.bold(formatTag(report.tag))}  ${report.raw}`,
    line("Owner", known),
    ...(owner?.caution === undefined ? [] : [line("Careful", owner.caution)]),
    ...(report.listed === false
      ? [line("List", "not in your pooltag.txt: probably a third-party driver's own tag")]
      : []),
    ...(report.library === undefined
      ? []
      : [line("Library", `comes with the static library ${report.library}, so many vendors' drivers use it`)]),
    ...(report.tutorial === undefined
      ? []
      : [line("Tutorials", `say: ${report.tutorial.claim}`), line("In truth", report.tutorial.truth)]),
    ...report.knownLeaks.flatMap((leak) => [
      line("Known", `${leak.culprit}: ${leak.cause}`),
      line("", `${leak.remedy} (${leak.source})`),
    ]),
    ...report.sharedCases.map((each, index) =>
      line(index === 0 ? "Seen with" : "", `${each.culprit} (${each.source}); others use this tag too`),
    ),
    ...report.uses.map((use, index) => line(index === 0 ? "Holds" : "", holdsText(use, report.time))),
    ...(report.time !== undefined && report.uses.length === 0 ? [line("Holds", "nothing in this source")] : []),
    ...(report.blocks === undefined ? [] : blockLines(report.blocks, line)),
    ...driverLines(report, line),
  ];
}

function blockLines(blocks: TagBlocks, line: (label: string, text: string) => string): string[] {
  const { idle, big } = tagBlockWords(blocks);
  return [
    ...idle.map((text, index) => line(index === 0 ? "Idle" : "", text)),
    ...big.map((text, index) => line(index === 0 ? "Large" : "", text)),
    ...blocks.gaps.map(({ problem }) => line("Not read", problem)),
  ];
}

function holdsText(use: TagUse, time: Milliseconds | undefined): string {
  const counters =
    use.allocs === undefined
      ? ""
      : `, ${formatCount(use.allocs)} allocs and ${formatCount(use.frees ?? 0)} frees since boot`;
  const when = time === undefined ? "" : ` at ${formatTime(time)}`;
  return `${formatBytes(use.bytes)} ${use.kind} in ${plural(use.outstanding, "block")}${when}${counters}`;
}

function driverLines(report: TagReport, line: (label: string, text: string) => string): string[] {
  if (report.drivers.length === 0) {
    return [
      line(
        "Drivers",
        "no driver index knows this tag: run `poolscope drivers` on the machine itself to search its drivers, or `poolscope drivers PATH` for a folder, then ask again",
      ),
    ];
  }
  return report.drivers.flatMap((match, index) => {
    const about = [
      match.company,
      match.product,
      match.version,
      match.signer === undefined ? undefined : `signed by ${match.signer}`,
    ];
    const facts = about.filter((part) => part !== undefined && part !== "");
    const date = match.fileTime === undefined ? "" : `, file of ${formatTime(match.fileTime).slice(0, 10)}`;
    return [
      line(index === 0 ? "Drivers" : "", `${match.file}${facts.length > 0 ? `  ${facts.join(", ")}` : ""}${date}`),
      line(
        "",
        `${TIER_WORDS[match.tier].short}: ${TIER_WORDS[match.tier].long}` +
          (match.library === undefined ? "" : `; static library ${match.library}`),
      ),
      ...match.uses
        .slice(0, 6)
        .map((use) =>
          line(
            "",
            `${use.api} at +0x${use.rva.toString(16)} in the function at +0x${use.function.toString(16)}${use.pool === null ? "" : `, ${use.pool}`}`,
          ),
        ),
      ...(match.uses.length > 6 ? [line("", `and ${plural(match.uses.length - 6, "more call site")}`)] : []),
    ];
  });
}

export function renderTagJson(reports: readonly TagReport[]): string {
  const tags = reports.map(({ tag, time, uses, ...rest }) => ({
    tag: formatTag(tag),
    ...rest,
    ...(time === undefined ? {} : { time: formatIso(time) }),
    uses: uses.map(({ kind, allocs, frees, outstanding, bytes }) => ({
      pool: kind,
      allocs,
      frees,
      outstanding,
      bytes,
    })),
    drivers: rest.drivers.map((match) => ({
      ...match,
      ...(match.fileTime === undefined ? {} : { fileTime: formatIso(match.fileTime) }),
      uses: match.uses.map((use) => ({
        ...use,
        rva: `0x${use.rva.toString(16)}`,
        function: `0x${use.function.toString(16)}`,
      })),
    })),
  }));
  return `${JSON.stringify({ tags }, null, 1)}\n`;
}
