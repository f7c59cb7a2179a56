// Small exact numeric helpers of the detector: order statistics, the normal tail, Cholesky on tiny systems.

/** The q-quantile (0 to 1) by linear interpolation; NaN for an empty list. Does not change its input; NaNs must be absent. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low] ?? 0;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] ?? a;
  return a + (b - a) * (at - low);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Upper tail of the standard normal, by the continued-fraction-free fit of Abramowitz and Stegun 26.2.17 (error below 8e-8). */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  if (z > 37) return 0;
  const t = 1 / (1 + 0.2316419 * z);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}

/** log Gamma by Stirling's series, shifted up for small arguments. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 8) {
    shift -= Math.log(y);
    y += 1;
  }
  const i = 1 / y;
  const i2 = i * i;
  return (
    shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + i * (1 / 12 - i2 * (1 / 360 - i2 * (1 / 1260)))
  );
}

/** log of a sum of exponentials. */
export function logSumExp(values: readonly number[]): number {
  let max = -Infinity;
  for (const v of values) if (v > max) max = v;
  if (max === -Infinity) return max;
  let sum = 0;
  for (const v of values) sum += Math.exp(v - max);
  return max + Math.log(sum);
}

/**
 * Factors the symmetric p by p matrix in `a` (row-major, stride `p`) in place into its lower Cholesky factor.
 * Returns the log determinant, or NaN where the matrix is not safely positive definite.
 */
export function cholesky(a: Float64Array, p: number): number {
  let logDet = 0;
  for (let i = 0; i < p; i++) {
    const before = a[i * p + i] ?? 0;
    for (let j = 0; j <= i; j++) {
      let sum = a[i * p + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (a[i * p + k] ?? 0) * (a[j * p + k] ?? 0);
      if (i === j) {
        if (!(sum > before * 1e-10) || sum <= 0) return Number.NaN;
        logDet += Math.log(sum);
        a[i * p + i] = Math.sqrt(sum);
      } else a[i * p + j] = sum / (a[j * p + j] ?? 1);
    }
  }
  return logDet;
}

/** Solves L L' x = b in place, `l` from {@link cholesky}. */
export function choleskySolve(l: Float64Array, p: number, b: Float64Array): void {
  for (let i = 0; i < p; i++) {
    let sum = b[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (l[i * p + k] ?? 0) * (b[k] ?? 0);
    b[i] = sum / (l[i * p + i] ?? 1);
  }
  for (let i = p - 1; i >= 0; i--) {
    let sum = b[i] ?? 0;
    for (let k = i + 1; k < p; k++) sum -= (l[k * p + i] ?? 0) * (b[k] ?? 0);
    b[i] = sum / (l[i * p + i] ?? 1);
  }
}
