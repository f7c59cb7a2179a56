// The sizes at which a pool stops growing; known from the machine, or derived from its Windows version and RAM.

/** A limit and how it is known, in words that go into outputs. */
export interface PoolLimit {
  readonly bytes: number;
  readonly basis: string;
}

/** Limits of one machine; absent where nothing is known. */
export interface PoolLimits {
  readonly nonpaged?: PoolLimit;
  readonly paged?: PoolLimit;
}
