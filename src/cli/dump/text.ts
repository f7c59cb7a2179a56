// What `poolscope dump` prints for people: what the dump is, and its answers with method, score and coverage.

import type { ModuleAnswer } from "../../formats/crash-dump/answers.ts";
import type { BigAllocation, BigPages } from "../../formats/crash-dump/big-pages.ts";
import { bugcheckName } from "../../formats/crash-dump/bugcheck.ts";
import { hex } from "../../formats/crash-dump/bytes.ts";
import type { ContainerKind } from "../../formats/crash-dump/container.ts";
import type { Dump } from "../../formats/crash-dump/dump.ts";
import type { PoolLimits } from "../../formats/crash-dump/pool-ranges.ts";
import type { TagUses } from "../../formats/crash-dump/read-tag-table.ts";
import { certaintyOf } from "../../formats/crash-dump/table-checks.ts";
import { NONPAGED, PAGED, sumBytes } from "../../model/snapshot.ts";
import { formatTag, type Tag } from "../../model/tag.ts";
import { formatTime } from "../../model/time.ts";
import { formatBytes, formatCount, formatDuration, plural } from "../../model/units.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { renderTable, type TableColumn } from "../../reports/text-table.ts";
import { noticeOf } from "../../sources/crash-dump.ts";
import { certaintyText, limitsText, percentText } from "../../words/dump.ts";
import type { DumpDriver, DumpDrivers } from "./drivers.ts";
import type { TagRow } from "./rows.ts";

const KIND_WORDS: Readonly<Record<ContainerKind, string>> = {
  full: "full kernel dump",
  bitmap: "kernel dump with a page bitmap",
  summary: "kernel dump of the older kind with a page bitmap",
  ranges: "kernel dump with page ranges",
  triage: "small (triage) dump",
  "header-only": "header of a kernel dump",
  "elf-core": "ELF core of a machine's memory",
  lime: "LiME memory image",
  avml: "AVML memory image, packed",
  hibernation: "hibernation file",
  vmware: "memory of a VMware machine, laid out as the file beside it tells",
  raw: "raw memory image",
};

const line = (label: string, text: string, width: number): string => labelled(label, visible(text), width, 0, 11);

/** What the dump is and how its kernel was found. */
export function dumpLines(dump: Dump, path: string, width: number): string[] {
  const { container, system, memory } = dump;
  const header = container.header;
  const type = header?.dumpType === undefined ? "" : ` (type ${header.dumpType})`;
  const machine = [
    dump.architecture ?? (header === undefined ? undefined : `machine ${hex(header.machine)}`),
    system.build === undefined ? undefined : `build ${system.build}`,
    system.cpus === undefined ? undefined : plural(system.cpus, "processor"),
    system.physicalBytes === undefined ? undefined : `${formatBytes(system.physicalBytes)} of RAM`,
  ].filter((part) => part !== undefined);
  const notice = noticeOf(dump);
  const lines = [
    visible(path),
    ...(notice === undefined ? [] : [notice]),
    line("Dump", `${KIND_WORDS[container.kind]}${type}`, width),
    line("Machine", machine.join(", ") || "not told", width),
    line("Taken", takenText(dump), width),
  ];
  const lab = dump.triage?.buildLab ?? system.buildLab;
  if (lab !== "") lines.push(line("Build", lab, width));
  if (header?.bugcheck !== undefined) lines.push(line("Bug check", bugcheckText(header.bugcheck), width));
  if (header !== undefined && header.comment !== "") lines.push(line("Comment", header.comment, width));
  if (container.map !== undefined) {
    const { pages } = container.map;
    lines.push(line("Memory", `${formatBytes(pages * 4096)} in the file (${plural(pages, "page")})`, width));
  }
  if (memory !== undefined) {
    const { space, kernel, rootMethod, debuggerData } = memory;
    lines.push(
      line("Tables", `${space.paging.id} page tables at ${hex(space.root)}: ${rootMethod}`, width),
      line("Kernel", `at ${hex(kernel.base)}: ${kernel.method}${kernelGap(dump)}`, width),
      line(
        "Debugger",
        debuggerData === undefined
          ? "no readable debugger data block; everything is found without it"
          : `data block at ${hex(debuggerData.address)}: ${debuggerData.method}`,
        width,
      ),
    );
  }
  return lines;
}

function kernelGap({ memory }: Dump): string {
  if (memory === undefined) return "";
  const { data } = memory.kernel;
  return data.missing === 0 ? "" : `; ${percentText(1 - data.missing / data.total)} of its data are in the dump`;
}

function takenText({ system }: Dump): string {
  if (system.time === undefined) return "the dump tells no time";
  const up = system.bootTime === undefined ? "" : `, ${formatDuration(system.time - system.bootTime)} after start`;
  return `${formatTime(system.time)}${up}`;
}

function bugcheckText({ code, parameters }: { code: number; parameters: readonly bigint[] }): string {
  const name = bugcheckName(code);
  return `${hex(code)}${name === undefined ? "" : ` ${name}`}, parameters ${parameters.map((each) => hex(each)).join(" ")}`;
}

/** Sums of both pools. */
export function poolLine({ columns, tags }: TagUses, width: number): string {
  const blocks = (code: number): number => {
    let sum = 0;
    for (let row = 0; row < columns.length; row++) if (columns.kind[row] === code) sum += columns.outstanding[row] ?? 0;
    return sum;
  };
  const pool = (name: string, code: number): string =>
    `${name} ${formatBytes(sumBytes(columns, code))} in ${plural(blocks(code), "block")}`;
  const text = `${pool("nonpaged", NONPAGED)}; ${pool("paged", PAGED)}; ${plural(tags, "tag")}`;
  return line("Pool", text, width);
}

/** How far both pools may grow; nothing where the kernel does not tell. */
export function limitLines(limits: PoolLimits, { columns }: TagUses, width: number): string[] {
  const text = limitsText(limits, { nonpaged: sumBytes(columns, NONPAGED), paged: sumBytes(columns, PAGED) });
  return text === undefined ? [] : [line("Limits", text, width)];
}

/** What the figures rest on. */
export function tableLines(uses: TagUses, width: number): string[] {
  const { table } = uses;
  return [
    line(
      "Tag table",
      `at ${hex(table.address)}, ${table.slots} slots, layout ${table.layout.id} (${table.layout.builds}): ${table.method}`,
      width,
    ),
    line(
      "Certainty",
      certaintyText({ ...uses, certainty: certaintyOf(uses.checks), types: uses.witness?.agreement }),
      width,
    ),
  ];
}

const TAG_COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Np allocs", align: "right", priority: 5 },
  { title: "Np frees", align: "right", priority: 6 },
  { title: "Np diff", align: "right", priority: 2 },
  { title: "Np used", align: "right", priority: 0 },
  { title: "P allocs", align: "right", priority: 5 },
  { title: "P frees", align: "right", priority: 6 },
  { title: "P diff", align: "right", priority: 2 },
  { title: "P used", align: "right", priority: 0 },
  { title: "Driver or owner", align: "left", priority: 3, cutTo: 28 },
];

/** Rows as the debugger's `!poolused` shows them: one a tag, both pools side by side, bytes in full. */
export function tagTable(rows: readonly TagRow[], about: (row: TagRow) => string, width: number): string {
  const cells = rows.map((row) => [
    formatTag(row.tag),
    formatCount(row.nonpaged.allocs),
    formatCount(row.nonpaged.frees),
    formatCount(row.nonpaged.outstanding),
    formatCount(row.nonpaged.bytes),
    formatCount(row.paged.allocs),
    formatCount(row.paged.frees),
    formatCount(row.paged.outstanding),
    formatCount(row.paged.bytes),
    visible(about(row)),
  ]);
  return renderTable(TAG_COLUMNS, cells, width);
}

/** The proof for each driver: the first call sites, and how much of its code the dump holds. */
export function driverLines(
  rows: readonly { readonly tag: Tag }[],
  drivers: DumpDrivers | undefined,
  width: number,
): string[] {
  const lines = rows.flatMap(({ tag }) =>
    (drivers?.of(tag) ?? []).map((driver) => line(formatTag(tag), driverText(driver), width)),
  );
  return lines.length === 0 ? [] : ["", "Drivers in the dump that use these tags", ...lines];
}

function driverText(driver: DumpDriver): string {
  const about = [driver.company, driver.product, driver.version].filter((part) => part !== undefined && part !== "");
  const sites = driver.uses.slice(0, 3).map((use) => `${use.api} at ${hex(driver.base + BigInt(use.rva))}`);
  const more = driver.uses.length > 3 ? ` and ${plural(driver.uses.length - 3, "more call")}` : "";
  const how = {
    proven: "proven",
    pattern: "proven in part",
    code: "in its code",
    predicted: "predicted from its name",
    text: "text only",
  }[driver.tier];
  const parts = [
    `${driver.file}: ${how}`,
    sites.length > 0 ? `${sites.join(", ")}${more}` : undefined,
    about.length > 0 ? about.join(", ") : undefined,
    `${percentText(driver.codeCoverage)} of its code is in the dump`,
  ];
  return parts.filter((part) => part !== undefined).join("; ");
}

/** What the list of large allocations rests on. */
export function bigLines(big: BigPages, width: number): string[] {
  const by = {
    word: "size confirmed by the kernel's own variables",
    "own-row": "size told by the table's row for itself",
    hash: "size told by the hash alone",
  }[big.sizeConfirmedBy];
  const total = big.allocations.reduce((sum, each) => sum + each.bytes, 0);
  return [
    line(
      "Large",
      `${plural(big.allocations.length, "allocation")} of a page and more, ${formatBytes(total)}; ${plural(big.freed, "row")} of freed ones left out`,
      width,
    ),
    line(
      "Table",
      `at ${hex(big.address)}, ${big.rows} rows, layout ${big.layout.id} (${big.layout.builds}); ${by}`,
      width,
    ),
    line(
      "Certainty",
      `${percentText(big.score)} of its rows are where the hash puts them (${big.hash}; rows stay where they were when a table grows); ${percentText(big.coverage)} of it could be read`,
      width,
    ),
  ];
}

export function bigTable(allocations: readonly BigAllocation[], width: number): string {
  const columns: readonly TableColumn[] = [
    { title: "Address", align: "left", priority: 0 },
    { title: "Tag", align: "left", priority: 0 },
    { title: "Pool", align: "left", priority: 1 },
    { title: "Bytes", align: "right", priority: 0 },
  ];
  const cells = allocations.map((each) => [
    hex(each.address),
    formatTag(each.tag),
    each.kind === undefined ? "?" : each.kind === "paged" ? "Paged" : "Nonp",
    formatCount(each.bytes),
  ]);
  return renderTable(columns, cells, width);
}

export interface ModuleRow {
  readonly base: bigint;
  readonly sizeOfImage: number;
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly company: string;
  readonly stamp: string;
  readonly coverage: string;
}

export function moduleTable(modules: readonly ModuleRow[], width: number): string {
  const columns: readonly TableColumn[] = [
    { title: "Base", align: "left", priority: 0 },
    { title: "Size", align: "right", priority: 2 },
    { title: "Module", align: "left", priority: 0 },
    { title: "Version", align: "left", priority: 1, cutTo: 16 },
    { title: "Company", align: "left", priority: 4, cutTo: 20 },
    { title: "Stamp", align: "left", priority: 3 },
    { title: "In dump", align: "right", priority: 5 },
  ];
  const cells = modules.map((each) => [
    hex(each.base),
    formatBytes(each.sizeOfImage),
    visible(each.name === "" ? each.path : each.name),
    visible(each.version),
    visible(each.company),
    each.stamp,
    each.coverage,
  ]);
  // A live target's modules are listed only: what would be read of each is left out, not shown as empty.
  const filled = columns.map((_, at) => at).filter((at) => cells.some((row) => row[at] !== ""));
  return renderTable(
    columns.filter((_, at) => filled.includes(at)),
    cells.map((row) => row.filter((__, at) => filled.includes(at))),
    width,
  );
}

export function unloadedTable(unloaded: ModuleAnswer["unloaded"], width: number): string {
  const columns: readonly TableColumn[] = [
    { title: "From", align: "left", priority: 0 },
    { title: "To", align: "left", priority: 1 },
    { title: "Unloaded module", align: "left", priority: 0 },
    { title: "Time", align: "left", priority: 2 },
  ];
  const cells = unloaded.map((each) => [
    hex(each.start),
    hex(each.end),
    visible(each.name),
    each.time === undefined ? "" : formatTime(each.time),
  ]);
  return renderTable(columns, cells, width);
}

/** What is incomplete, in lines; nothing where nothing is. */
export function problemLines(problems: readonly string[], width: number): string[] {
  if (problems.length === 0) return [];
  return ["", ...problems.map((problem, i) => line(i === 0 ? "Incomplete" : "", problem, width))];
}
