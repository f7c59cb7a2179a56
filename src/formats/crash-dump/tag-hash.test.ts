import { expect, test } from "vitest";
import { parseTag } from "../../model/tag.ts";
import { tagHash } from "./tag-hash.ts";

// Slots as they were computed from the kernel's own constant ('Pool' -> 0x40DEDA5), under masks of 512, 2048 and 4096 slots.
test.each([
  ["Pool", [421, 1445, 3493]],
  ["Irp ", [262, 774, 774]],
  ["File", [68, 580, 2628]],
])("%s", (tag, slots) => {
  const hash = tagHash(parseTag(tag) ?? 0);
  expect([512, 2048, 4096].map((size) => hash & (size - 1))).toEqual(slots);
});

test("the hash of Pool is the constant that kernels have inlined", () => {
  expect(tagHash(parseTag("Pool") ?? 0)).toBe(0x40deda5);
});
