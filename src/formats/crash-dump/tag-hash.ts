// The kernel's hash from a tag to its slot in a tag table. It checks itself: in a real table nearly every key lies at or just
// behind its slot, so tables, their layout and their size are recognised by it alone.

const TWO_32 = 2 ** 32;

/** 32 bits whose low ones, under the table's mask, are the home slot of a tag. 40543 * tag stays below 2^53: exact. */
export function tagHash(tag: number): number {
  const product = 40_543 * (tag >>> 0);
  return ((product % TWO_32) ^ Math.floor(product / TWO_32)) >>> 0;
}

/** Tags seeded when the kernel starts: present in every table. */
export const HOT_TAGS: readonly number[] = [0x6c6f6f50, 0x20707249, 0x656c6946];
