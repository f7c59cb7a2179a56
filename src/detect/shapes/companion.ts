// How closely one tag's count follows another's: what is kept per block of the other, and what that leaves unexplained.

export interface Following {
  /** Blocks per block of the lead, by least squares. */
  readonly ratio: number;
  /** Share of the variance that the lead's growth explains. */
  readonly explained: number;
  /** Standard deviation of what it does not explain. */
  readonly left: number;
}

/** Regresses `counts` on `lead`, both at the same times; undefined where either is constant. */
export function followOf(lead: Float64Array, counts: Float64Array): Following | undefined {
  const n = lead.length;
  let sa = 0;
  let sb = 0;
  for (let i = 0; i < n; i++) {
    sa += lead[i] ?? 0;
    sb += counts[i] ?? 0;
  }
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < n; i++) {
    const x = (lead[i] ?? 0) - sa / n;
    const y = (counts[i] ?? 0) - sb / n;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  if (!(aa > 0) || !(bb > 0)) return undefined;
  const rest = Math.max(0, bb - (ab * ab) / aa);
  return { ratio: ab / aa, explained: 1 - rest / bb, left: Math.sqrt(rest / n) };
}

/** Stretches of the record whose increments are compared: long enough that what drifts within one does not count as many. */
const STRETCHES = 16;
/** Standard errors to either side. */
const WIDTH = 2;

/**
 * Half the width of the interval, at about 95 %, of the ratio in which `counts` grows with `lead`: from how far the increments of
 * sixteen stretches of the record scatter about it. Undefined where there are too few points or the lead does not move.
 */
export function ratioMargin(lead: Float64Array, counts: Float64Array, ratio: number): number | undefined {
  const n = lead.length;
  if (counts.length !== n || n <= STRETCHES) return undefined;
  let squares = 0;
  let rest = 0;
  for (let i = 0; i < STRETCHES; i++) {
    const from = Math.floor((i * (n - 1)) / STRETCHES);
    const to = Math.floor(((i + 1) * (n - 1)) / STRETCHES);
    const x = (lead[to] ?? 0) - (lead[from] ?? 0);
    const y = (counts[to] ?? 0) - (counts[from] ?? 0);
    squares += x * x;
    rest += (y - ratio * x) ** 2;
  }
  return squares > 0 ? WIDTH * Math.sqrt(rest / (STRETCHES - 1) / squares) : undefined;
}

export interface Echo {
  /** Blocks per block of the lead, by increments less their means: what a common trend cannot make. */
  readonly ratio: number;
  readonly error: number;
  /** Correlation of the increments. */
  readonly correlation: number;
}

/** Increments that are compared one by one. */
const ECHO_STRETCHES = 32;

/** How closely the increments of two counts move together, beside that both grow; undefined where there are too few points. */
export function echoOf(lead: Float64Array, counts: Float64Array): Echo | undefined {
  const n = lead.length;
  if (counts.length !== n || n <= ECHO_STRETCHES) return undefined;
  const incrementsOf = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: ECHO_STRETCHES }, (_, i) => {
      const from = Math.floor((i * (n - 1)) / ECHO_STRETCHES);
      const to = Math.floor(((i + 1) * (n - 1)) / ECHO_STRETCHES);
      return (values[to] ?? 0) - (values[from] ?? 0);
    });
  const follows = followOf(incrementsOf(lead), incrementsOf(counts));
  if (follows === undefined) return undefined;
  const { ratio, explained } = follows;
  const error = Math.abs(ratio) * Math.sqrt((1 - explained) / Math.max(explained, 1e-9) / (ECHO_STRETCHES - 2));
  return { ratio, error, correlation: Math.sign(ratio) * Math.sqrt(Math.max(0, explained)) };
}

/** The usual size of a change: blocks that come a slab at a time, or 0 for a constant. */
export function quantumOf(counts: Float64Array): number {
  const changes: number[] = [];
  for (let i = 1; i < counts.length; i++) {
    const change = Math.abs((counts[i] ?? 0) - (counts[i - 1] ?? 0));
    if (change > 0) changes.push(change);
  }
  changes.sort((a, b) => a - b);
  return changes[Math.floor(changes.length / 2)] ?? 0;
}
