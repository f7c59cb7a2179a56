// The tags of drivers with their proof, for people.

import type { PublishedDriver, RecordedTag } from "../model/driver.ts";
import { plural } from "../model/units.ts";
import { labelled, visible, wrapText, type Paint } from "./terminal-text.ts";

export interface DriverReport extends Omit<PublishedDriver, "sha256" | "tags"> {
  readonly tags: readonly (RecordedTag & { readonly library?: string })[];
}

export interface DriversReportOptions {
  readonly width: number;
  readonly paint: Paint;
  /** Show every call site and the weak tiers in full. */
  readonly all: boolean;
}

/** One block per driver; drivers without a proven or predicted tag take one line together, unless everything is asked for. */
export function renderDriversText(reports: readonly DriverReport[], options: DriversReportOptions): string {
  const shown = reports.filter((report) => options.all || reports.length === 1 || isTelling(report));
  const silent = reports.filter((report) => !shown.includes(report));
  const blocks = shown.map((report) => driverLines(report, options).join("\n"));
  const unread = silent.filter((report) => report.status !== "ok");
  const quiet = silent.length - unread.length;
  if (quiet > 0) blocks.push(`${plural(quiet, "more driver")} without a proven tag (--all shows them)`);
  if (unread.length > 0) {
    blocks.push(unread.map((report) => `${visible(report.file)}: ${visible(report.status)}`).join("\n"));
  }
  return blocks.length === 0 ? "no drivers found\n" : `${blocks.join("\n\n")}\n`;
}

function isTelling(report: DriverReport): boolean {
  return report.tags.some((tag) => isStrong(tag));
}

/** Who signed what the file still is. The certificates themselves are not checked. */
function signatureText({ signatures, signed, signer }: DriverReport): string {
  if (signatures.length === 0) return "none in the file; whether a catalogue signs it was not looked up";
  const names = [...new Set(signatures.map((each) => each.signer).filter((name) => name !== ""))].join(", ");
  if (!signed) return `broken: the file was changed after ${names === "" ? "somebody" : names} signed it`;
  const others = signatures.length === 1 ? "" : `; ${plural(signatures.length, "signature")}: ${names}`;
  return `signed by ${signer ?? "an unnamed signer"}${others} (content checked, certificates not)`;
}

function isStrong({ tier }: RecordedTag): boolean {
  return tier === "proven" || tier === "pattern" || tier === "predicted";
}

function driverLines(report: DriverReport, { width, paint, all }: DriversReportOptions): string[] {
  const { company, product, fileVersion, description } = report.version;
  const about = [company, product, fileVersion].filter((part) => part !== null).join(", ");
  const signer = signatureText(report);
  const line = (label: string, text: string): string => labelled(label, visible(text), width, 3, 12);
  const lines = [`${paint.bold(visible(report.file))}  ${report.machine}`];
  if (about !== "") lines.push(line("Made by", about));
  if (description !== null) lines.push(line("Says", description));
  lines.push(line("Signature", signer));
  if (report.pdb !== null) lines.push(line("Built as", report.pdb));
  if (report.status !== "ok") lines.push(line("Careful", report.status));
  const strong = report.tags.filter((tag) => isStrong(tag));
  // What a static library brings along says nothing of this driver: last.
  strong.sort((a, b) => Number(a.library !== undefined) - Number(b.library !== undefined));
  const wide = Math.max(4, ...report.tags.map((tag) => tag.tag.length));
  for (const tag of strong) {
    const library = tag.library === undefined ? "" : `, from the static library ${tag.library}`;
    const lead = `   ${paint.bold(tag.tag.padEnd(wide))}  `;
    if (tag.tier === "predicted") {
      lines.push(
        `${lead}predicted: KMDF derives it from the service's name (here from the ${tag.from ?? "file name"}) where the driver sets none`,
      );
      continue;
    }
    const indent = " ".repeat(wide + 5);
    const how = tag.tier === "pattern" ? "proven in part, the other bytes are computed" : "proven";
    const [first = "", ...rest] = wrapText(`${how}, ${callsText(tag.uses)}${library}`, Math.max(30, width - wide - 5));
    lines.push(`${lead}${first}`, ...rest.map((each) => indent + each));
    for (const use of all ? tag.uses : []) {
      const pool = use.pool === null ? "" : `, ${use.pool}`;
      lines.push(`${indent}${visible(use.api)} at +${use.rva} in the function at +${use.function}${pool}`);
    }
  }
  for (const tier of ["code", "text"] as const) {
    const tags = report.tags.filter((tag) => tag.tier === tier);
    if (tags.length === 0) continue;
    const what =
      tier === "code" ? "constants in code, no call resolved" : "four characters in data, which proves nothing";
    const names = all ? `: ${tags.map((tag) => `'${tag.tag}'`).join(" ")}` : "";
    lines.push(labelled(tier === "code" ? "In code" : "As text", `${tags.length} ${what}${names}`, width, 3, 12));
  }
  return lines;
}

/** `ExAllocatePoolWithTag (3 nonpaged, 1 paged), ExFreePoolWithTag (2)`. */
function callsText(uses: DriverReport["tags"][number]["uses"]): string {
  const byApi = new Map<string, Map<string, number>>();
  for (const use of uses) {
    const pools = byApi.get(use.api) ?? new Map<string, number>();
    byApi.set(use.api, pools);
    pools.set(use.pool ?? "", (pools.get(use.pool ?? "") ?? 0) + 1);
  }
  return [...byApi]
    .map(([api, pools]) => {
      const counts = [...pools].map(([pool, count]) => (pool === "" ? String(count) : `${count} ${pool}`));
      return `${visible(api)} (${counts.join(", ")})`;
    })
    .join(", ");
}
