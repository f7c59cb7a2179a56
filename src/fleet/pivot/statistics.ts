// Shares and their comparison over machines: Wilson's interval, Fisher's exact test, Holm's correction.
// Sources: E. B. Wilson, JASA 22 (1927); R. A. Fisher, J. R. Stat. Soc. 98 (1935); S. Holm, Scand. J. Stat. 6 (1979).

/** A share of counted machines with the interval in which the true share lies at 95 %. All 0 to 1. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % of the normal distribution. */
const Z_95 = 1.959964;

/** Wilson's interval of `count` out of `of`; undefined where nothing was counted. */
export function shareOf(count: number, of: number): Share | undefined {
  if (of === 0) return undefined;
  const p = count / of;
  const z2 = Z_95 * Z_95;
  const middle = (p + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Z_95 / (1 + z2 / of)) * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * Fisher's exact test, one-sided: the chance to find `hits` or more of `size` here, where `otherHits` of `otherSize` were
 * found elsewhere and both have the same share. 0 to 1; 1 where there is nothing to compare.
 */
export function fisherGreater(hits: number, size: number, otherHits: number, otherSize: number): number {
  const all = size + otherSize;
  const allHits = hits + otherHits;
  const most = Math.min(size, allHits);
  const whole = logChoose(all, allHits);
  let sum = 0;
  for (let i = hits; i <= most; i++) sum += Math.exp(logChoose(size, i) + logChoose(otherSize, allHits - i) - whole);
  return Math.min(1, sum);
}

/** Holm's step-down correction: each p as it counts among all that were tested, in the order given. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const adjusted = Array.from(ps, () => 1);
  let before = 0;
  for (const [rank, { p, i }] of order.entries()) {
    before = Math.max(before, Math.min(1, p * (ps.length - rank)));
    adjusted[i] = before;
  }
  return adjusted;
}

/** ln of n over k; -Infinity where that is 0. */
function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return -Infinity;
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

const LOG_FACTORIALS = [0, 0];

/** ln n!, exact to rounding up to 2^16; beyond by Stirling's series, whose error there is below 1e-15. */
function logFactorial(n: number): number {
  if (n > 65_536) return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
  for (let i = LOG_FACTORIALS.length; i <= n; i++) LOG_FACTORIALS.push((LOG_FACTORIALS[i - 1] ?? 0) + Math.log(i));
  return LOG_FACTORIALS[n] ?? 0;
}
