// Stacks by number, each kept once, and references to stacks whose frames come later: a key is used before it is defined.

import type { FrameList } from "../formats/etl/stack-events.ts";
import { hashWords, KeyTable } from "./key-table.ts";

/** 16 million frames are 128 MB; a real trace has a few hundred thousand. */
const MOST_FRAMES = 16_000_000;
/** Generations of keys; each is one use of a key until its next definition. */
const MOST_GENERATIONS = 8_000_000;

/** A reference to no stack at all. */
export const NO_REFERENCE = -1;

/** A growing list of numbers in a typed array. */
function grown(words: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  if (needed <= words.length) return words;
  const larger = new Uint32Array(Math.max(needed, words.length * 2));
  larger.set(words);
  return larger;
}

/**
 * References are numbers: an even one is stack `reference / 2`; an odd one is a generation of a key, whose frames
 * {@link stackOf} knows as soon as the key was given up or listed. A key is used again after that, for another stack.
 */
export class StackTable {
  #frames = new Uint32Array(8192);
  #used = 0;
  /** Where the frames of a stack begin; one more entry than stacks. */
  #starts = new Uint32Array(1024);
  #stacks = 0;
  #slots = new Uint32Array(2048);
  readonly #keys = new KeyTable();
  /** Generation that is open for a key, + 1; 0 for none. */
  #open = new Uint32Array(1024);
  /** Stack of a generation, + 1; 0 while it is open. */
  #generations = new Uint32Array(1024);
  #generationCount = 0;
  /** Definitions and stacks that were not kept because the table is full. */
  overflow = 0;

  /** Distinct stacks, generations of keys, and those of them that were never defined. */
  get stacks(): number {
    return this.#stacks;
  }
  get generations(): number {
    return this.#generationCount;
  }
  definitions = 0;

  /** A reference to a stack given by its frames. */
  ofFrames(frames: FrameList): number {
    const stack = this.#intern(frames);
    return stack < 0 ? NO_REFERENCE : stack * 2;
  }

  /** A reference to the stack that a key stands for now. */
  ofKey(low: number, high: number): number {
    const key = this.#keys.add(low, high, 0);
    this.#open = grown(this.#open, key + 1);
    const open = this.#open[key] ?? 0;
    if (open !== 0) return (open - 1) * 2 + 1;
    if (this.#generationCount >= MOST_GENERATIONS) {
      this.overflow += 1;
      return NO_REFERENCE;
    }
    const generation = this.#generationCount++;
    this.#generations = grown(this.#generations, generation + 1);
    this.#open[key] = generation + 1;
    return generation * 2 + 1;
  }

  /** What a key stood for until now. Uses of it after this are of another stack. */
  define(low: number, high: number, frames: FrameList): void {
    const key = this.#keys.find(low, high, 0);
    const open = key < 0 ? 0 : (this.#open[key] ?? 0);
    if (open === 0) return;
    this.#open[key] = 0;
    this.definitions += 1;
    const stack = this.#intern(frames);
    if (stack >= 0) this.#generations[open - 1] = stack + 1;
  }

  /** The stack of a reference; undefined where its key was never defined. */
  stackOf(reference: number): number | undefined {
    if (reference < 0) return undefined;
    if (reference % 2 === 0) return reference / 2;
    const stack = this.#generations[(reference - 1) / 2] ?? 0;
    return stack === 0 ? undefined : stack - 1;
  }

  /** The frames of a stack: pairs of words, low first. */
  framesOf(stack: number): Uint32Array {
    return this.#frames.subarray(this.#starts[stack], this.#starts[stack + 1]);
  }

  #intern(frames: FrameList): number {
    const length = frames.count * 2;
    let hash = length;
    for (let i = 0; i < length; i += 2) hash = hashWords(hash, frames.words[i] ?? 0, frames.words[i + 1] ?? 0);
    const mask = this.#slots.length - 1;
    let at = hash & mask;
    for (; ; at = (at + 1) & mask) {
      const slot = this.#slots[at] ?? 0;
      if (slot === 0) break;
      if (this.#same(slot - 1, frames.words, length)) return slot - 1;
    }
    if (this.#used + length > MOST_FRAMES * 2) {
      this.overflow += 1;
      return -1;
    }
    const stack = this.#stacks++;
    this.#frames = grown(this.#frames, this.#used + length);
    this.#frames.set(frames.words.subarray(0, length), this.#used);
    this.#used += length;
    this.#starts = grown(this.#starts, stack + 2);
    this.#starts[stack + 1] = this.#used;
    this.#slots[at] = stack + 1;
    if (this.#stacks * 2 > this.#slots.length) this.#rehash();
    return stack;
  }

  #same(stack: number, words: Uint32Array, length: number): boolean {
    const start = this.#starts[stack] ?? 0;
    if ((this.#starts[stack + 1] ?? 0) - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#frames[start + i] !== words[i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let stack = 0; stack < this.#stacks; stack++) {
      const words = this.framesOf(stack);
      let hash = words.length;
      for (let i = 0; i < words.length; i += 2) hash = hashWords(hash, words[i] ?? 0, words[i + 1] ?? 0);
      let at = hash & mask;
      while (this.#slots[at] !== 0) at = (at + 1) & mask;
      this.#slots[at] = stack + 1;
    }
  }
}
