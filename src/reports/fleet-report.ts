// A fleet as tables and JSON: machines and what dies next, the comparison of builds, one machine, one tag.

import type { BuildRow, FleetCounts, FleetHost, HostFinding } from "../model/fleet.ts";
import type { Gap, Milliseconds } from "../model/snapshot.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatCount, formatDuration, formatRate, plural } from "../model/units.ts";
import { accusationWords, BUILD_JUDGEMENT_WORDS, notSaidWords } from "../words/fleet.ts";
import { visible, type Paint } from "./terminal-text.ts";
import { renderTable, type TableColumn } from "./text-table.ts";

/** Everything that one look at a fleet found. */
export interface FleetView {
  /** The address or the recordings, in the user's words. */
  readonly source: string;
  readonly time: Milliseconds;
  readonly hosts: readonly FleetHost[];
  readonly counts: FleetCounts;
  readonly builds: readonly BuildRow[];
  readonly gaps: readonly Gap[];
}

export interface FleetRenderOptions {
  readonly width: number;
  readonly top: number;
  readonly paint: Paint;
}

const left = (title: string, priority: number, cutTo?: number): TableColumn => ({
  title,
  align: "left",
  priority,
  ...(cutTo !== undefined && { cutTo }),
});
const right = (title: string, priority: number): TableColumn => ({ title, align: "right", priority });

const HOST_COLUMNS = [
  left("MACHINE", 0, 16),
  left("TAG", 0),
  left("POOL", 4),
  left("STATE", 1),
  right("RATE", 2),
  right("RUNS OUT IN", 1),
  left("DRIVER", 0, 24),
  left("JUDGED", 3),
];

interface Line {
  readonly host: FleetHost;
  readonly finding: HostFinding;
}

/** What ends first comes first, then what grows fastest. */
function ranked(hosts: readonly FleetHost[]): Line[] {
  return hosts
    .flatMap((host) => host.findings.map((finding) => ({ host, finding })))
    .sort(
      (a, b) =>
        (a.finding.exhaustionSeconds ?? Infinity) - (b.finding.exhaustionSeconds ?? Infinity) ||
        (b.finding.bytesPerHour ?? 0) - (a.finding.bytesPerHour ?? 0) ||
        a.host.name.localeCompare(b.host.name),
    );
}

function cells({ host, finding }: Line): string[] {
  const { tag, kind, state, bytesPerHour, exhaustionSeconds, drivers } = finding;
  return [
    visible(host.name),
    visible(tag),
    kind,
    state,
    bytesPerHour === undefined ? "" : formatRate(bytesPerHour),
    exhaustionSeconds === undefined ? "" : formatDuration(exhaustionSeconds * 1000),
    drivers.map(({ driver, version }) => visible(`${driver} ${version}`.trim())).join(", "),
    host.judged === undefined ? "not judged" : formatTime(host.judged),
  ];
}

function findingsTable(lines: readonly Line[], { width, top, paint }: FleetRenderOptions): string {
  if (lines.length === 0) return "No open finding.\n";
  const rest = lines.length > top ? `... and ${formatCount(lines.length - top)} more; --top shows them\n` : "";
  return renderTable(HOST_COLUMNS, lines.slice(0, top).map(cells), width, paint.bold) + rest;
}

function headline({ source, counts }: FleetView): string {
  const { hosts, judged, leaking } = counts;
  return (
    `${visible(source)}: ${plural(hosts, "machine")}, ${formatCount(judged)} judged, ${formatCount(leaking)} with a leak\n` +
    withEnd(notSaidWords(counts))
  );
}

function withEnd(text: string): string {
  return text === "" ? "" : `${text}\n`;
}

/** Machines that leak, what runs out first at the top. */
export function renderFleet(view: FleetView, options: FleetRenderOptions): string {
  const accused = view.builds.map(accusationWords).filter((text) => text !== undefined);
  return `${headline(view)}\n${findingsTable(ranked(view.hosts), options)}${accused.map((text) => `\n${options.paint.caution(visible(text))}\n`).join("")}`;
}

const BUILD_COLUMNS = [
  left("TAG", 0),
  left("DRIVER", 0, 16),
  left("VERSION", 0, 16),
  right("LEAK", 0),
  right("OF", 0),
  right("SHARE", 1),
  left("(95 %)", 3),
  right("OTHER BUILDS", 1),
  left("(95 %)", 4),
  left("JUDGEMENT", 0, 12),
  left("SINCE", 2),
];

function buildCells(row: BuildRow): string[] {
  const { tag, driver, version, leaking, having, share, others, judgement, firstSeen } = row;
  return [
    visible(tag),
    visible(driver),
    version === "" ? "not known" : visible(version),
    formatCount(leaking),
    having === 0 ? "?" : formatCount(having),
    percent(share?.value),
    interval(share),
    others.having === 0 ? "none" : `${percent(others.share?.value)} of ${formatCount(others.having)}`,
    interval(others.share),
    BUILD_JUDGEMENT_WORDS[judgement].short,
    firstSeen === undefined ? "" : formatTime(firstSeen),
  ];
}

function percent(share: number | undefined): string {
  return share === undefined ? "" : `${(share * 100).toFixed(1)} %`;
}

function interval(share: BuildRow["share"]): string {
  return share === undefined ? "" : `${(share.low * 100).toFixed(1)} to ${(share.high * 100).toFixed(1)}`;
}

/** The comparison of driver builds. */
export function renderFleetBuilds(view: FleetView, { width, top, paint }: FleetRenderOptions): string {
  const { builds } = view;
  if (builds.length === 0) return `${headline(view)}\nNo leak points to a driver.\n`;
  const rest = builds.length > top ? `... and ${formatCount(builds.length - top)} more; --top shows them\n` : "";
  const said = builds.map(accusationWords).filter((text) => text !== undefined);
  const used = [...new Set(builds.slice(0, top).map(({ judgement }) => judgement))];
  const legend = used.map(
    (judgement) => `${BUILD_JUDGEMENT_WORDS[judgement].short}: ${BUILD_JUDGEMENT_WORDS[judgement].long}`,
  );
  return (
    `${headline(view)}\n${renderTable(BUILD_COLUMNS, builds.slice(0, top).map(buildCells), width, paint.bold)}${rest}\n` +
    `${legend.map((text) => `${text}\n`).join("")}${said.map((text) => `\n${paint.caution(visible(text))}\n`).join("")}`
  );
}

/** One machine: when it was seen and judged, its findings, objects and builds. */
export function renderFleetHost(view: FleetView, host: FleetHost, options: FleetRenderOptions): string {
  const { seen, judged, objects = [] } = host;
  const head =
    `${visible(host.name)}: last seen ${seen === undefined ? "never" : formatTime(seen)}, ` +
    `${judged === undefined ? "not judged yet" : `judged at ${formatTime(judged)}`}\n\n`;
  const counted = objects
    .toSorted((a, b) => b.objects - a.objects)
    .slice(0, options.top)
    .map(({ type, objects: count, handles }) => [visible(type), formatCount(count), formatCount(handles)]);
  const objectTable =
    counted.length === 0
      ? ""
      : `\n${renderTable([left("OBJECT TYPE", 0), right("OBJECTS", 0), right("HANDLES", 0)], counted, options.width, options.paint.bold)}`;
  return head + findingsTable(ranked([host]), options) + objectTable + withEnd(gapText(view.gaps));
}

function gapText(gaps: readonly Gap[]): string {
  return gaps.map(({ where, problem }) => `\n${visible(where)}: ${visible(problem)}`).join("");
}

/** One tag on all machines, and on which builds. */
export function renderFleetTag(view: FleetView, tag: string, options: FleetRenderOptions): string {
  const only = view.hosts.map((host) => ({
    ...host,
    findings: host.findings.filter((finding) => finding.tag === tag),
  }));
  return (
    `${renderFleetBuilds({ ...view, builds: view.builds.filter((row) => row.tag === tag) }, options)}\n` +
    findingsTable(ranked(only), options)
  );
}

/** For programs: everything, times as ISO text. */
export function renderFleetJson(view: FleetView): string {
  const iso = (time: Milliseconds | undefined): string | null => (time === undefined ? null : formatIso(time));
  const value = {
    source: view.source,
    time: formatIso(view.time),
    counts: view.counts,
    hosts: view.hosts.map(({ name, from, seen, judged, findings, objects }) => ({
      name,
      from,
      seen: iso(seen),
      judged: iso(judged),
      findings: findings.map(({ since, ...finding }) => ({ ...finding, since: iso(since) })),
      objects: objects ?? null,
    })),
    builds: view.builds.map(({ firstSeen, chance, ...row }) => ({
      ...row,
      chance: chance ?? null,
      firstSeen: iso(firstSeen),
    })),
    gaps: view.gaps,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
