import { expect, test } from "vitest";
import { PeImage } from "../../formats/pe/image.ts";
import { peWith } from "../../../test/build/pe.ts";
import { addressOperand, immediate, memory, OP, registerOperand, NONE, type Op, type Operand } from "./ops.ts";
import { switchTargets } from "./switch-tables.ts";

const op = (code: number, dst: number, a: Operand, b: Operand = NONE, size = 8): Op => ({
  code,
  at: 0,
  next: 1,
  dst,
  a,
  b,
  size,
});
const [TABLE, ROW, INDEX] = [0, 1, 2];

/** `cmp index, last; ja; lea table; movsxd row, [table+index*4]; add row, table; jmp row`, over a table of `count` rows. */
function dispatch(count: number, last: number | undefined): { image: PeImage; ops: Op[] } {
  const code = new Uint8Array(0x1000 + 4 * count);
  const view = new DataView(code.buffer);
  for (let i = 0; i < count; i++) view.setInt32(0x1000 + 4 * i, (i % 64) - 0x1000, true);
  const ops = [
    ...(last === undefined ? [] : [op(OP.compare, -1, registerOperand(INDEX), immediate(last))]),
    op(OP.branch, -1, addressOperand(0x1400)),
    op(OP.move, TABLE, addressOperand(0x2000)),
    op(OP.move, ROW, memory(TABLE, 0, INDEX, 4), NONE, 4),
    op(OP.add, ROW, registerOperand(ROW), registerOperand(TABLE)),
    op(OP.jump, -1, registerOperand(ROW)),
  ];
  return { image: new PeImage(peWith(code, [])), ops };
}
const everywhere = (rva: number): boolean => rva >= 0x1000 && rva < 0x1800;

test("as many rows as the comparison in front of the jump allows", () => {
  const { image, ops } = dispatch(20, 8);
  expect(switchTargets(image, ops, everywhere)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => 0x1000 + i));
});

test("65,535 cases are read, and no more than a table can have", () => {
  const { image, ops } = dispatch(70_000, 65_534);
  expect(switchTargets(image, ops, everywhere).length).toBe(65_535);
  const without = dispatch(70_000, undefined);
  expect(switchTargets(without.image, without.ops, everywhere).length).toBe(1024);
});

test("rows that lead out of the function end the table; a jump whose table is unknown has no targets", () => {
  const { image, ops } = dispatch(20, 8);
  expect(switchTargets(image, ops, (rva) => rva < 0x1004).length).toBe(4);
  expect(switchTargets(image, ops.slice(3), everywhere)).toEqual([]);
});
