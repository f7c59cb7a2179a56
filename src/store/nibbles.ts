// Whole numbers in groups of three bits, one group a nibble: the smallest code that is still quick to read, since most
// counters of a pool tag move by a few blocks between two snapshots. Described in docs/recording-format.md.

/** Writes nibbles, the low one of each byte first. */
export class NibbleWriter {
  #bytes = new Uint8Array(4096);
  #at = 0;

  /** Nibbles written so far. */
  get length(): number {
    return this.#at;
  }

  clear(): void {
    this.#bytes.fill(0, 0, (this.#at + 1) >> 1);
    this.#at = 0;
  }

  /** A whole number from 0 to 2^53 - 1: three bits a nibble, low bits first, bit 3 set where more follow. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 8) {
      this.#nibble((rest % 8) + 8);
      rest = Math.floor(rest / 8);
    }
    this.#nibble(rest);
  }

  /** A whole number of either sign: the first nibble holds the sign in bit 0 and two bits, the rest is as for unsigned. */
  signed(value: number): void {
    const size = Math.abs(value);
    const first = (value < 0 ? 1 : 0) + (size % 4) * 2;
    if (size < 4) {
      this.#nibble(first);
    } else {
      this.#nibble(first + 8);
      this.unsigned(Math.floor(size / 4));
    }
  }

  /** Eight bytes, in sixteen nibbles: any double, also NaN. */
  float64(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) {
      this.#nibble(view.getUint8(i) & 15);
      this.#nibble(view.getUint8(i) >> 4);
    }
  }

  /** The bytes written, the last one filled up with a zero nibble, after `head` bytes and before `tail` bytes left free. */
  toBytes(head: number, tail: number): Uint8Array {
    const used = (this.#at + 1) >> 1;
    const out = new Uint8Array(head + used + tail);
    out.set(this.#bytes.subarray(0, used), head);
    return out;
  }

  #nibble(value: number): void {
    const at = this.#at >> 1;
    if (at === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if ((this.#at & 1) === 0) this.#bytes[at] = value;
    else this.#bytes[at] = (this.#bytes[at] ?? 0) | (value << 4);
    this.#at += 1;
  }
}

/** Reads what {@link NibbleWriter} wrote. Behind the end it reads zeros and says so through `overrun`. */
export class NibbleReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start * 2;
    this.#end = end * 2;
  }

  /** Whether more was asked for than there is. */
  get overrun(): boolean {
    return this.#at > this.#end;
  }

  /** Nibbles left. */
  get left(): number {
    return Math.max(0, this.#end - this.#at);
  }

  unsigned(): number {
    const first = this.#nibble();
    if (first < 8) return first;
    return (first & 7) + this.#more(8);
  }

  signed(): number {
    const first = this.#nibble();
    const size = first < 8 ? first >> 1 : ((first & 7) >> 1) + this.#more(4);
    return (first & 1) === 0 ? size : -size;
  }

  float64(): number {
    const view = new DataView(new ArrayBuffer(8));
    for (let i = 0; i < 8; i++) {
      const low = this.#nibble();
      view.setUint8(i, low | (this.#nibble() << 4));
    }
    return view.getFloat64(0, true);
  }

  /** The groups after the first; at most 18 of them, which is all that a number below 2^53 takes. */
  #more(unit: number): number {
    let sum = 0;
    let factor = unit;
    for (let group = 0; group < 18; group++) {
      const nibble = this.#nibble();
      sum += (nibble & 7) * factor;
      if (nibble < 8) break;
      factor *= 8;
    }
    return sum;
  }

  #nibble(): number {
    const at = this.#at++;
    if (at >= this.#end) return 0;
    const byte = this.#bytes[at >> 1] ?? 0;
    return (at & 1) === 0 ? byte & 15 : byte >> 4;
  }
}
