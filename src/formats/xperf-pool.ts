// The text of `xperf -a pool -pooltags -images`: image, tag and what is outstanding, in one section per pool. Small enough to mail.
// Form: rows `Image, Tag, Alloc #, Alloc KB, Out Alloc#, Out Alloc KB` as published parsers of it show; no report of a real
// machine was at hand.

import { FormatError } from "../model/errors.ts";
import type { PoolKind } from "../model/snapshot.ts";
import { parseTag, type Tag } from "../model/tag.ts";

/** One row: what an image allocated under a tag. */
export interface XperfPoolRow {
  readonly image: string;
  readonly tag: Tag;
  readonly kind: PoolKind;
  readonly allocs: number;
  readonly allocBytes: number;
  readonly outstanding: number;
  readonly bytes: number;
}

const NUMBERS = 4;
const KB = 1024;
/** A report of every image and tag of a machine has some thousand rows. */
const MOST_ROWS = 1_000_000;

/** Whether a text holds such a report: its heading row. */
export function isXperfPoolReport(head: string): boolean {
  return head.split("\n", 200).some((line) => isHeading(line));
}

function isHeading(line: string): boolean {
  const words = line.split(",").map((word) => word.trim().toLowerCase());
  return (
    words[0] === "image" &&
    words[1] === "tag" &&
    words.length >= 2 + NUMBERS &&
    words.some((word) => word.startsWith("out"))
  );
}

/** All rows of a report. Throws FormatError where it holds none. */
export function parseXperfPoolReport(text: string): readonly XperfPoolRow[] {
  const rows: XperfPoolRow[] = [];
  let kind: PoolKind = "nonpaged";
  for (const line of text.split("\n")) {
    const row = rowOf(line, kind);
    if (row !== undefined && rows.length < MOST_ROWS) rows.push(row);
    // Sections: `NonPaged Pool`, `NX NonPaged`, `EX NonPaged`, `Paged Pool`.
    else if (!line.includes(",") && /paged/i.test(line)) kind = /non-?paged/i.test(line) ? "nonpaged" : "paged";
  }
  if (rows.length === 0)
    throw new FormatError("xperf-pool", "no row of an image and a tag in the report", {
      found: `${text.length} characters`,
    });
  return rows;
}

/** A tag may hold commas and blanks: numbers are taken from the right, the image from the left. */
function rowOf(line: string, kind: PoolKind): XperfPoolRow | undefined {
  const parts = line.replace("\r", "").split(",");
  if (parts.length < 2 + NUMBERS) return undefined;
  const numbers = parts.slice(-NUMBERS).map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [image = "", ...rest] = parts.slice(0, -NUMBERS);
  const [allocs = 0, allocKb = 0, outstanding = 0, outKb = 0] = numbers;
  if (image.trim() === "" || numbers.some((number) => !(number >= 0))) return undefined;
  // One blank after the comma is layout; what is left is the tag, its trailing blanks included where they are written.
  const written = rest.join(",");
  const tag = parseTag((written.startsWith(" ") ? written.slice(1) : written).slice(0, 16).trimEnd());
  if (tag === undefined) return undefined;
  return {
    image: image.trim().toLowerCase(),
    tag,
    kind,
    allocs,
    allocBytes: allocKb * KB,
    outstanding,
    bytes: outKb * KB,
  };
}
