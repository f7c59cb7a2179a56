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
