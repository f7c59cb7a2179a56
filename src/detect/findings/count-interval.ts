// The interval of a counted number: what a Poisson mean may be when this many were counted.

/** 97.5 % quantile of the normal distribution: both ends together leave out 5 %. */
const Z = 1.959964;

/**
 * Interval at 95 % for the mean behind a count (Garwood 1936, by the Wilson and Hilferty approximation of the chi-squared
 * quantile, which is within a hundredth of a block from 1 up). The exact upper end for 0 is -ln 0.025.
 */
export function countInterval(count: number): { readonly low: number; readonly high: number } {
  return {
    low: count <= 0 ? 0 : halfChiSquared(count, -Z),
    high: count <= 0 ? -Math.log(0.025) : halfChiSquared(count + 1, Z),
  };
}

/** Half of the chi-squared quantile with 2n degrees of freedom. */
function halfChiSquared(n: number, z: number): number {
  return Math.max(0, n * (1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3);
}
