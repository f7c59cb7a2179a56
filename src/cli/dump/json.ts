// The JSON of `poolscope dump`; docs/sources/crash-dump.md describes it. Addresses are hexadecimal text.

import type { BigAllocation, BigPages } from "../../formats/crash-dump/big-pages.ts";
import { bugcheckName } from "../../formats/crash-dump/bugcheck.ts";
import { hex } from "../../formats/crash-dump/bytes.ts";
import type { Dump } from "../../formats/crash-dump/dump.ts";
import type { TagUses } from "../../formats/crash-dump/read-tag-table.ts";
import { certaintyOf } from "../../formats/crash-dump/table-checks.ts";
import { formatTag, formatTagHex, type Tag } from "../../model/tag.ts";
import type { KnownLeak, Owner } from "../../model/attribution.ts";
import { formatIso } from "../../model/time.ts";
import { noticeOf } from "../../sources/crash-dump.ts";
import type { DumpDriver } from "./drivers.ts";
import type { TagRow } from "./rows.ts";

export function dumpJson(dump: Dump, file: string): Record<string, unknown> {
  const { container, system, memory } = dump;
  const { header } = container;
  const notice = noticeOf(dump);
  return {
    file,
    kind: container.kind,
    ...(header?.dumpType === undefined ? {} : { dumpType: header.dumpType }),
    ...(notice === undefined ? {} : { notice }),
    architecture: dump.architecture ?? null,
    windowsBuild: system.build ?? null,
    processors: system.cpus ?? null,
    physicalBytes: system.physicalBytes ?? null,
    time: system.time === undefined ? null : formatIso(system.time),
    bootTime: system.bootTime === undefined ? null : formatIso(system.bootTime),
    ...(header?.bugcheck === undefined
      ? {}
      : {
          bugcheck: {
            code: hex(header.bugcheck.code),
            name: bugcheckName(header.bugcheck.code) ?? null,
            parameters: header.bugcheck.parameters.map((each) => hex(each)),
          },
        }),
    pagesInFile: container.map?.pages ?? 0,
    ...(memory === undefined
      ? {}
      : {
          kernel: {
            base: hex(memory.kernel.base),
            method: memory.kernel.method,
            paging: memory.space.paging.id,
            pageTables: hex(memory.space.root),
            pageTablesMethod: memory.rootMethod,
            debuggerData: memory.debuggerData === undefined ? null : hex(memory.debuggerData.address),
          },
        }),
  };
}

/** What is known of a row besides its figures. */
export interface RowNotes {
  readonly owner: Owner | undefined;
  readonly knownLeaks: readonly KnownLeak[];
  /** Undefined where drivers were not looked for. */
  readonly drivers: readonly DumpDriver[] | undefined;
}

export function tagUsesJson(
  uses: TagUses,
  rows: readonly TagRow[],
  notesOf: (tag: Tag) => RowNotes,
): Record<string, unknown> {
  const { table } = uses;
  return {
    tags: uses.tags,
    counterBits: uses.counterBits,
    table: {
      address: hex(table.address),
      layout: table.layout.id,
      slots: table.slots,
      method: table.method,
      score: table.score,
      sizeConfirmed: table.sizeConfirmed ?? null,
      slotsSaid: table.slotsSaid ?? null,
    },
    certainty: certaintyOf(uses.checks),
    checks: uses.checks,
    setAside: uses.setAside,
    ...(uses.recount === undefined
      ? {}
      : {
          recount: {
            ...uses.recount,
            differing: uses.recount.differing.map((each) => ({ ...each, tag: formatTag(each.tag) })),
            unfound: uses.recount.unfound.map((tag) => formatTag(tag)),
          },
        }),
    objectTypes:
      uses.witness === undefined
        ? null
        : {
            layout: uses.witness.layout,
            agreeing: uses.witness.agreement.agreeing,
            compared: uses.witness.agreement.compared,
            types: uses.witness.types.map(({ tag, ...type }) => ({
              ...type,
              tag: tag === undefined ? null : formatTag(tag),
            })),
          },
    cpusSummed: uses.cpusSummed,
    cpus: uses.cpus ?? null,
    coverage: uses.coverage,
    rows: rows.map((row) => ({
      tag: formatTag(row.tag),
      raw: formatTagHex(row.tag),
      nonpaged: row.nonpaged,
      paged: row.paged,
      ...notesJson(notesOf(row.tag)),
    })),
  };
}

function notesJson({ owner, knownLeaks, drivers }: RowNotes): Record<string, unknown> {
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(knownLeaks.length === 0 ? {} : { knownLeaks }),
    ...(drivers === undefined ? {} : { drivers: drivers.map(driverJson) }),
  };
}

export function driverJson(driver: DumpDriver): Record<string, unknown> {
  const { base, uses, ...rest } = driver;
  return {
    ...rest,
    base: hex(base),
    uses: uses.map((use) => ({ ...use, rva: hex(use.rva), function: hex(use.function) })),
  };
}

export function bigJson(big: BigPages, shown: readonly BigAllocation[]): Record<string, unknown> {
  return {
    address: hex(big.address),
    layout: big.layout.id,
    rows: big.rows,
    sizeConfirmedBy: big.sizeConfirmedBy,
    hash: big.hash,
    score: big.score,
    coverage: big.coverage,
    used: big.allocations.length,
    freed: big.freed,
    allocations: shown.map((each) => ({
      address: hex(each.address),
      tag: formatTag(each.tag),
      pool: each.kind ?? null,
      bytes: each.bytes,
    })),
  };
}
