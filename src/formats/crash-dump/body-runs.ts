// Dump bodies in runs of pages: full dumps (type 1), and the range dumps newer debuggers write (types 8, 9 and A).

import { FormatError } from "../../model/errors.ts";
import { hasText, hex, u32, u64 } from "./bytes.ts";
import type { DumpHeader } from "./header.ts";
import { PAGE, RunMap } from "./physical.ts";
import type { ByteSource, PageRun } from "./source.ts";

export interface RunsBody {
  readonly map: RunMap;
  readonly firstPageOffset: number;
  readonly problems: readonly string[];
}

const MOST_PAGE = 2 ** 40;

/** Lays runs one after the other from `offset` and cuts what the file does not hold. */
export function layOutRuns(
  runs: Iterable<{ readonly firstPage: number; readonly pages: number }>,
  offset: number,
  size: number,
): { readonly map: RunMap; readonly problems: string[] } {
  const placed: PageRun[] = [];
  const problems: string[] = [];
  let at = offset;
  let lost = 0;
  for (const { firstPage, pages } of runs) {
    if (!(firstPage + pages <= MOST_PAGE)) {
      problems.push(
        `a run of ${pages} pages from page ${hex(firstPage)} is beyond any machine; it and what follows are left out`,
      );
      break;
    }
    const held = Math.max(0, Math.min(pages, Math.floor((size - at) / PAGE)));
    if (held > 0) placed.push({ firstPage, pages: held, fileOffset: at });
    lost += pages - held;
    at += pages * PAGE;
  }
  if (lost > 0) problems.push(`the file ends early: ${lost} of the pages it lists are not in it`);
  return { map: new RunMap(placed), problems };
}

/** The body of a full dump: the header's runs back to back. */
export function parseFullBody(source: ByteSource, header: DumpHeader): RunsBody {
  if (header.runs === undefined) {
    throw new FormatError("crash-dump", "a full dump whose header lists no runs of memory", {
      offset: header.bits === 64 ? 0x88 : 0x64,
    });
  }
  const { map, problems } = layOutRuns(header.runs, header.bodyOffset, source.size);
  return { map, firstPageOffset: header.bodyOffset, problems };
}

/** Whether a range block stands at `at`. */
export function hasRangesBody(source: ByteSource, at: number): boolean {
  const start = source.read(at, 12);
  return hasText(start, 4, "RDMP") && hasText(start, 8, "DUMP");
}

/*
 | offset | block of a range dump                                                |
 | ------ | -------------------------------------------------------------------- |
 | 10     | u64 MetadataSize                                                     |
 | 18     | u64 FirstPageOffset; both count so that MetadataSize - 20 = it - 2040 |
 | 20, 28 | type A only: u32 number of ranges, u64 pages in all                  |
 | 30     | ranges {u64 first page, u64 pages}; 8 and 9 end with a page of 0     |
*/

function* ranges(source: ByteSource, start: number, end: number): Generator<{ firstPage: number; pages: number }> {
  const chunk = 16 * 4096;
  for (let at = start; at + 16 <= end; at += chunk) {
    const bytes = source.read(at, Math.min(chunk, end - at));
    for (let i = 0; i + 16 <= bytes.length; i += 16) yield { firstPage: u64(bytes, i), pages: u64(bytes, i + 8) };
  }
}

/** The body of types 8, 9 and A. */
export function parseRangesBody(source: ByteSource, header: DumpHeader): RunsBody {
  const at = header.bodyOffset;
  const block = source.read(at, 0x30);
  const metadata = u64(block, 0x10);
  const first = u64(block, 0x18);
  const start = at + 0x30;
  if (first < start || first > source.size) {
    throw new FormatError("crash-dump", "the first page of a range dump lies outside the file", {
      offset: at + 0x18,
      expected: `${hex(start)} to ${hex(source.size)}`,
      found: hex(first),
    });
  }
  const problems: string[] = [];
  if (metadata !== first - at - 0x20) problems.push("the size of the range list and the first page do not agree");
  const total = header.dumpType === 0xa ? u64(block, 0x28) : undefined;
  const count = header.dumpType === 0xa ? u32(block, 0x20) : Number.POSITIVE_INFINITY;
  const listed: { firstPage: number; pages: number }[] = [];
  let pages = 0;
  for (const range of ranges(source, start, first)) {
    if (listed.length >= count || (total === undefined ? range.firstPage === 0 : pages >= total)) break;
    if (listed.length >= 2 ** 20) {
      problems.push("more than a million ranges; the rest is left out");
      break;
    }
    listed.push(range);
    pages += range.pages;
  }
  if (total !== undefined && pages !== total) problems.push(`the ranges hold ${pages} pages, the header says ${total}`);
  const laid = layOutRuns(listed, first, source.size);
  return { map: laid.map, firstPageOffset: first, problems: [...problems, ...laid.problems] };
}
