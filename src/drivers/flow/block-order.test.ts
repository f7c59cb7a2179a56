import fc from "fast-check";
import { expect, test } from "vitest";
import { orderBlocks } from "./block-order.ts";

test("all cases of a switch come before the block where they meet", () => {
  const components = orderBlocks([[1, 2, 3], [4], [4], [2, 4], []], 0);
  const order = components.flatMap(({ blocks }) => blocks);
  expect(order.at(-1)).toBe(4);
  expect(order.indexOf(2)).toBeGreaterThan(order.indexOf(3));
  expect(components.some(({ isLoop }) => isLoop)).toBe(false);
});

test("a loop is one component that opens with its head; a block that leads to itself is a loop", () => {
  expect(orderBlocks([[1], [2, 3], [1], [3]], 0)).toEqual([
    { blocks: [0], isLoop: false },
    { blocks: [1, 2], isLoop: true },
    { blocks: [3], isLoop: true },
  ]);
});

test("any graph: what is reached appears once, and edges between components lead onward only", () => {
  const graph = fc
    .integer({ min: 1, max: 30 })
    .chain((count) => fc.array(fc.array(fc.nat(count - 1), { maxLength: 4 }), { minLength: count, maxLength: count }));
  fc.assert(
    fc.property(graph, (successors) => {
      const components = orderBlocks(successors, 0);
      const place = new Map(components.flatMap(({ blocks }, i) => blocks.map((block) => [block, i] as const)));
      expect(place.size).toBe(components.reduce((sum, { blocks }) => sum + blocks.length, 0));
      for (const [block, from] of place) {
        for (const target of successors[block] ?? []) expect(place.get(target)).toBeGreaterThanOrEqual(from);
      }
    }),
  );
});

test("a chain of 100,000 blocks needs no stack of its length", () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => (i < 99_999 ? [i + 1] : []));
  expect(orderBlocks(chain, 0).length).toBe(100_000);
});
