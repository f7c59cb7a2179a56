// Numbers for triples of 32-bit words: the first triple seen is 0, the next new one 1, and so on. Open addressing, no removal.

/** Load factor 1/2 keeps probes short. */
const FIRST_CAPACITY = 1024;

export class KeyTable {
  #words = new Uint32Array(FIRST_CAPACITY * 3);
  /** Number + 1; 0 is free. */
  #slots = new Uint32Array(FIRST_CAPACITY * 2);
  size = 0;

  /** The number of a triple, -1 where it was never added. */
  find(a: number, b: number, c: number): number {
    const mask = this.#slots.length - 1;
    for (let at = hashWords(a, b, c) & mask; ; at = (at + 1) & mask) {
      const slot = this.#slots[at] ?? 0;
      if (slot === 0) return -1;
      if (this.#is(slot - 1, a, b, c)) return slot - 1;
    }
  }

  /** The number of a triple, added where it is new. */
  add(a: number, b: number, c: number): number {
    const mask = this.#slots.length - 1;
    let at = hashWords(a, b, c) & mask;
    for (; ; at = (at + 1) & mask) {
      const slot = this.#slots[at] ?? 0;
      if (slot === 0) break;
      if (this.#is(slot - 1, a, b, c)) return slot - 1;
    }
    const number = this.size;
    if (number * 3 === this.#words.length) {
      const words = new Uint32Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[number * 3] = a;
    this.#words[number * 3 + 1] = b;
    this.#words[number * 3 + 2] = c;
    this.#slots[at] = number + 1;
    this.size += 1;
    if (this.size * 2 > this.#slots.length) this.#grow();
    return number;
  }

  /** Word 0, 1 or 2 of a triple. */
  word(number: number, index: 0 | 1 | 2): number {
    return this.#words[number * 3 + index] ?? 0;
  }

  #is(number: number, a: number, b: number, c: number): boolean {
    const at = number * 3;
    return this.#words[at] === a && this.#words[at + 1] === b && this.#words[at + 2] === c;
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.size; number++) {
      let at = hashWords(this.word(number, 0), this.word(number, 1), this.word(number, 2)) & mask;
      while (this.#slots[at] !== 0) at = (at + 1) & mask;
      this.#slots[at] = number + 1;
    }
  }
}

/** Mixes three words; the multipliers and shifts are those of MurmurHash3's 32-bit form (public domain). */
export function hashWords(a: number, b: number, c: number): number {
  let hash = Math.imul(a, 0xcc9e2d51);
  hash ^= hash >>> 15;
  hash = Math.imul(hash ^ b, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash ^ c, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
