// One driver for its developers: its tags with every call, pools and sizes, then what may be worth changing.

import type { DriverFinding, DriverSite, PublishedDriver, RecordedTag, RecordedUse } from "../model/driver.ts";
import { formatBytes, plural } from "../model/units.ts";
import { DRIVER_RULE_WORDS, driverFindingText } from "../words/driver-rules.ts";
import { TIER_WORDS } from "../words/tiers.ts";
import { labelled, visible, wrapText, type Paint } from "./terminal-text.ts";

/** A use with the name of its function, where a PDB tells it. */
export type NamedUse = RecordedUse & { readonly symbol?: string };
export type NamedTag = Omit<RecordedTag, "uses"> & { readonly uses: readonly NamedUse[] };

export interface DriverPage {
  readonly driver: Omit<PublishedDriver, "tags"> & { readonly tags: readonly NamedTag[] };
  /** Where names of functions are from, or why there are none. */
  readonly names: string;
  readonly findings: readonly DriverFinding[];
  readonly anonymousFrees: number;
}

export interface DriverPageOptions {
  readonly width: number;
  readonly paint: Paint;
}

const MAX_SITES = 5;

/** The page as text. */
export function renderDriverPage(page: DriverPage, { width, paint }: DriverPageOptions): string {
  const { driver, findings } = page;
  const line = (label: string, text: string): string => labelled(label, visible(text), width, 3, 12);
  const lines = [`${paint.bold(visible(driver.file))}  ${driver.machine}`, line("Names", page.names)];
  if (driver.status !== "ok") lines.push(line("Careful", driver.status));
  for (const tier of ["proven", "pattern", "predicted", "code"] as const) {
    const tags = driver.tags.filter((tag) => tag.tier === tier);
    if (tags.length === 0) continue;
    lines.push("", paint.bold(`${plural(tags.length, "tag")} ${TIER_WORDS[tier].short}: ${TIER_WORDS[tier].long}`));
    for (const tag of tags) lines.push(...tagLines(tag, width, paint));
  }
  lines.push("", paint.bold(findings.length === 0 ? "Nothing to change was found" : "Worth a look"));
  for (const finding of findings) lines.push(...findingLines(finding, width, paint));
  if (page.anonymousFrees > 0) {
    const text = `Not judged: whether each tag is freed. ${plural(page.anonymousFrees, "call")} or import frees without telling a tag.`;
    lines.push(...wrapText(text, width - 3).map((each) => `   ${each}`));
  }
  return `${lines.join("\n")}\n`;
}

function tagLines(tag: NamedTag, width: number, paint: Paint): string[] {
  const lines = [`   ${paint.bold(`'${visible(tag.tag)}'`)}`];
  for (const use of tag.uses) {
    const facts = [use.pool ?? "", use.bytes === undefined ? "" : formatBytes(use.bytes)].filter((part) => part !== "");
    const text = `${use.api} at ${placeText(use)}${facts.length === 0 ? "" : `: ${facts.join(", ")}`}`;
    lines.push(...wrapText(visible(text), width - 6).map((each) => `      ${each}`));
  }
  return lines;
}

function findingLines(finding: DriverFinding, width: number, paint: Paint): string[] {
  const words = DRIVER_RULE_WORDS[finding.rule];
  const mark = words.level === "warning" ? paint.caution("warning") : "note";
  const shown = finding.sites.slice(0, MAX_SITES).map((site) => siteText(site));
  const more = finding.sites.length > MAX_SITES ? ` and ${plural(finding.sites.length - MAX_SITES, "other")}` : "";
  const indented = (text: string): string[] => wrapText(visible(text), width - 6).map((each) => `      ${each}`);
  return [
    `   ${mark} ${visible(driverFindingText(finding))}`,
    ...indented(`${shown.join(", ")}${more}`),
    ...indented(words.help),
  ];
}

function placeText(use: NamedUse): string {
  return use.symbol === undefined ? `+${use.rva} in the function at +${use.function}` : `${use.symbol} (+${use.rva})`;
}

function siteText({ rva, symbol }: DriverSite): string {
  const at = `+0x${rva.toString(16)}`;
  return symbol === undefined ? at : `${symbol} (${at})`;
}
