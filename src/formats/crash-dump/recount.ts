// A second count of every row of the tag table: the blocks in use that stand in memory, by tag. Of a pool whose pages form chains
// (until Windows 10 1809). On the real kernels at hand it gives the same blocks and bytes as the table for every tag.

import { PAGED, type PoolColumns } from "../../model/snapshot.ts";
import { bookedTag, formatTag, type Tag } from "../../model/tag.ts";
import type { AddressSpace } from "./address-space.ts";
import type { BigAllocation } from "./big-pages.ts";
import { u32 } from "./bytes.ts";
import { POOL_TAG } from "./lookasides.ts";
import type { ListedModule } from "./modules.ts";
import { chainOf, MOST_LOST, scannedPages, type ScanProgress } from "./scan-tag.ts";

export interface CountedBlocks {
  readonly blocks: number;
  readonly bytes: number;
}

export interface Counted {
  readonly byTag: ReadonlyMap<Tag, CountedBlocks>;
  /** Pages whose headers form one chain. */
  readonly chainedPages: number;
  /** Whether no page was missing among them: none that is mapped and not in the dump lies within 2 MiB of a chained one. */
  readonly isWhole: boolean;
}

/** Pages that are mapped together. */
const REGION_BITS = 21n;

/** Counts blocks in use. `free`: headers of blocks in the pool's own lists, which look as if they were in use. */
export function countPool(
  space: AddressSpace,
  modules: readonly ListedModule[],
  large: readonly BigAllocation[],
  free: ReadonlySet<bigint>,
  progress: ScanProgress,
): Counted {
  const byTag = new Map<Tag, CountedBlocks>();
  const add = (tag: Tag, bytes: number): void => {
    const known = byTag.get(tag);
    byTag.set(tag, { blocks: (known?.blocks ?? 0) + 1, bytes: (known?.bytes ?? 0) + bytes });
  };
  const skip = modules.map(({ base, sizeOfImage }) => ({ start: base, end: base + BigInt(sizeOfImage) }));
  const wide = space.pointerSize === 8;
  const lost = (progress.lost ??= []);
  const regions = new Set<bigint>();
  let chainedPages = 0;
  for (const { address, page } of scannedPages(space, skip, progress)) {
    const chain = chainOf(page, wide);
    if (chain === undefined) continue;
    chainedPages += 1;
    regions.add(address >> REGION_BITS);
    for (const [offset, { units, poolType }] of chain) {
      if (poolType === 0 || (free.size > 0 && free.has(address + BigInt(offset)))) continue;
      add(bookedTag(u32(page, offset + 4)), units * (wide ? 16 : 8));
    }
  }
  for (const { tag, bytes } of large) add(tag, bytes);
  const isWhole =
    !progress.exhausted &&
    progress.notInDump < MOST_LOST &&
    !lost.some((address) => regions.has(address >> REGION_BITS));
  return { byTag, chainedPages, isWhole };
}

/** A row that does not fit what stands in memory. */
export interface RowDiffers {
  readonly tag: Tag;
  readonly table: CountedBlocks;
  readonly memory: CountedBlocks;
}

export interface Recount {
  readonly agreeing: number;
  readonly compared: number;
  readonly differing: readonly RowDiffers[];
  /** Tags whose rows are not decided: fewer blocks in memory, which may be paged out or not in the dump. */
  readonly unfound: readonly Tag[];
}

const NONE: CountedBlocks = { blocks: 0, bytes: 0 };

/**
 * Holds rows against what was counted. Fewer blocks in memory contradict a row only where none of its pool can be paged out and
 * `isWhole` says that no page of it is missing. More blocks, or blocks of a tag without a row, contradict always.
 */
export function compareRecount(columns: PoolColumns, { byTag }: Counted, isWhole: boolean): Recount {
  const rows = rowsByTag(columns);
  const differing: RowDiffers[] = [];
  let agreeing = 0;
  const unfound: Tag[] = [];
  for (const [tag, row] of rows) {
    // The pool's own tables: the kernel counts some of them before it has a list to enter them in.
    if (tag === POOL_TAG) continue;
    const table = { blocks: row.blocks, bytes: row.bytes };
    const memory = byTag.get(tag) ?? NONE;
    if (memory.blocks === table.blocks && memory.bytes === table.bytes) agreeing += 1;
    else if (memory.blocks < table.blocks && (row.isPaged || !isWhole)) unfound.push(tag);
    else differing.push({ tag, table, memory });
  }
  for (const [tag, memory] of byTag) {
    if (tag !== POOL_TAG && !rows.has(tag)) differing.push({ tag, table: NONE, memory });
  }
  return { agreeing, compared: agreeing + differing.length, differing, unfound };
}

/** Both pools of a tag together: the header of a block does not tell its pool alike in all versions. */
function rowsByTag(columns: PoolColumns): ReadonlyMap<Tag, CountedBlocks & { readonly isPaged: boolean }> {
  const rows = new Map<Tag, CountedBlocks & { readonly isPaged: boolean }>();
  for (let row = 0; row < columns.length; row++) {
    const tag = columns.tag[row] ?? 0;
    const known = rows.get(tag);
    rows.set(tag, {
      blocks: (known?.blocks ?? 0) + (columns.outstanding[row] ?? 0),
      bytes: (known?.bytes ?? 0) + (columns.bytes[row] ?? 0),
      isPaged: known?.isPaged === true || columns.kind[row] === PAGED,
    });
  }
  return rows;
}

const NAMED = 8;

/** What does not fit and what could not be decided, in sentences. */
export function recountProblems({ differing, unfound }: Recount): string[] {
  const named = differing.slice(0, NAMED).map(({ tag, table, memory }) => {
    const [said, found] =
      table.blocks === memory.blocks
        ? [`${table.bytes} bytes`, `${memory.bytes}`]
        : [`${table.blocks} blocks`, `${memory.blocks}`];
    return `${formatTag(tag)} ${said}, in memory ${found}`;
  });
  const rest = (count: number): string => (count > NAMED ? " ..." : "");
  return [
    ...(differing.length === 0
      ? []
      : [
          `${differing.length} rows do not fit the blocks that stand in memory and are doubted: ` +
            `${named.join("; ")}${rest(differing.length)}`,
        ]),
    ...(unfound.length === 0
      ? []
      : [
          `of ${unfound.length} rows fewer blocks stand in memory than they count: paged out or not in the dump, or the rows are too high: ` +
            `${unfound.slice(0, NAMED).map(formatTag).join(" ")}${rest(unfound.length)}`,
        ]),
  ];
}
