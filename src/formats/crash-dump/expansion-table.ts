// The array in which a full tag table continues.

import type { ColumnsBuilder } from "../../model/columns-builder.ts";
import { bookedTag, isPrintableByte } from "../../model/tag.ts";
import { hex } from "./bytes.ts";
import type { TagTable } from "./find-tag-table.ts";
import { wordIn, type KernelData } from "./kernel-data.ts";
import { addCpuRow, emitRows, FIELDS, type Sums } from "./tag-sums.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

const EXPANSION_ROWS = 65_536;

/**
 * A full table overflows into a plain array of the same rows. Its variable lies near the table's; it is told by rows whose
 * keys are tags that the table does not have.
 */
export function addExpansion(
  builder: ColumnsBuilder,
  space: VirtualMemory,
  data: KernelData,
  table: TagTable,
  keys: Uint32Array,
): string[] {
  const { layout } = table;
  const known = new Set(keys);
  const near = 0x400n;
  for (let distance = -near; table.variable !== undefined && distance <= near; distance += BigInt(space.pointerSize)) {
    const address = wordIn(data, table.variable + distance, space.pointerSize);
    if (address === undefined || address === table.address || (address & 0xfffn) !== 0n) continue;
    if (!space.isKernelAddress(address)) continue;
    const rows = expansionRows(space, address, layout.stride, known);
    if (rows < 4) continue;
    const { bytes } = space.read(address, rows * layout.stride);
    const sums: Sums = { keys: new Uint32Array(rows + 1), values: new Float64Array((rows + 1) * FIELDS) };
    for (let row = 0; row < rows; row++) addCpuRow(sums, row, bytes, row * layout.stride, layout);
    const problems = [
      `the table is full; ${rows} more tags come from its expansion at ${hex(address)}, told by its rows alone`,
    ];
    emitRows(builder, sums, layout, {
      problems,
      isWhole: false,
      physicalBytes: undefined,
      unit: space.pointerSize === 8 ? 16 : 8,
    });
    return problems;
  }
  return ["the table is full and its expansion was not found: tags that came later are missing"];
}

function expansionRows(space: VirtualMemory, address: bigint, stride: number, known: ReadonlySet<number>): number {
  const seen = new Set<number>();
  for (let row = 0; row < EXPANSION_ROWS; row++) {
    const key = space.readU32(address + BigInt(row * stride));
    if (key === undefined || key === 0) return row;
    if (known.has(key) || seen.has(key) || !isPlainTag(key)) return 0;
    seen.add(key);
  }
  return EXPANSION_ROWS;
}

function isPlainTag(key: number): boolean {
  const tag = bookedTag(key);
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (tag >>> shift) & 0xff;
    if (byte !== 0 && !isPrintableByte(byte)) return false;
  }
  return true;
}
