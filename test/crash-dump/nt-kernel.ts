// The one real thing: memory of a running NT 5.2-compatible kernel (not Windows), kept beside the checkout, never in it.
// Reads what the kernel itself said about its memory: symbols, modules, and the raw answer taken 1.5 s before the image.

import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { formatTag, parseTag } from "../../src/model/tag.ts";

export type SampleName = "x64" | "x86";

const folder = (name: SampleName): URL => new URL(`../../../shared/samples/nt-kernel/${name}/`, import.meta.url);

/** Why tests of it are skipped, or undefined where it is there. */
export const sampleMissing = existsSync(folder("x64"))
  ? undefined
  : "samples/nt-kernel is not beside the checkout: the tests on the memory of a real kernel are skipped";

export function imagePath(name: SampleName): string {
  return new URL("physical-memory.raw.gz", folder(name)).pathname;
}

/** Kernel variables and their addresses. */
export function symbols(name: SampleName): ReadonlyMap<string, bigint> {
  const lines = readFileSync(new URL("symbols.tsv", folder(name)), "utf8").split("\n");
  const pairs = lines.map((line) => line.trim().split("\t")).filter((parts) => parts.length === 2);
  return new Map(pairs.map(([symbol = "", address = ""]) => [symbol, BigInt(`0x${address}`)]));
}

/** Base address, size and path of each module, in list order. */
export function modules(name: SampleName): { base: bigint; size: number; path: string }[] {
  return readFileSync(new URL("modules.tsv", folder(name)), "utf8")
    .split("\n")
    .map((line) => line.trim().split("\t"))
    .filter((parts) => parts.length === 4)
    .map(([, base = "", size = "", path = ""]) => ({
      base: BigInt(`0x${base}`),
      size: Number.parseInt(size, 16),
      path,
    }));
}

/** One pool of one tag: allocations, frees, bytes. */
export type Figures = readonly [number, number, number];

/** A tag as this program displays it, and its pool. */
const key = (tag: string, type: string): string => `${formatTag(parseTag(tag) ?? 0)} ${type}`;

/**
 * The figures of every (tag, pool) ever used, as they must stand in the image: those the kernel answered 1.5 s before,
 * with the four tags that changed since as expected.txt states them.
 */
export function expectedUses(name: SampleName): ReadonlyMap<string, Figures> {
  const text = readFileSync(new URL("expected.txt", folder(name)), "utf8");
  const uses = new Map<string, Figures>();
  const changed = [...text.matchAll(/\(b'(.{4})', \(([^)]*)\), \(([^)]*)\)\)/g)].map(
    ([, tag = "", now = "", before = ""]) => ({
      tag,
      now: now.split(", ").map(Number),
      before: before.split(", ").map(Number),
    }),
  );
  const even = changed.find((each) => each.tag === "Even");
  const csv = gunzipSync(readFileSync(new URL("event-leak.csv.gz", folder(name)))).toString("utf8");
  const rows = csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  const time = rows.find(
    ([, tag, type, allocs]) => tag === "Even" && type === "Nonp" && Number(allocs) === even?.before[3],
  )?.[0];
  for (const [at, tag = "", type = "", allocs, frees, bytes] of rows) {
    if (at === time && Number(allocs) > 0) uses.set(key(tag, type), [Number(allocs), Number(frees), Number(bytes)]);
  }
  for (const { tag, now } of changed) {
    const [pagedAllocs = 0, pagedFrees = 0, pagedBytes = 0, allocs = 0, frees = 0, bytes = 0] = now;
    if (pagedAllocs > 0) uses.set(key(tag, "Paged"), [pagedAllocs, pagedFrees, pagedBytes]);
    if (allocs > 0) uses.set(key(tag, "Nonp"), [allocs, frees, bytes]);
  }
  return uses;
}
