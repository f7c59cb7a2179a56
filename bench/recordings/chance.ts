// Seeded chance for the recording generators: the same seed makes the same recording on every machine.

export interface Chance {
  /** 0 to 1. */
  unit(): number;
  between(low: number, high: number): number;
  /** Log-uniform. */
  scale(low: number, high: number): number;
  whole(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  normal(): number;
  poisson(mean: number): number;
  binomial(n: number, p: number): number;
  /** Heavy tail: at least `least`, infinite variance below alpha 2. */
  pareto(least: number, alpha: number): number;
}

export function makeChance(seed: number): Chance {
  let a = (seed * 2_654_435_761) >>> 0;
  // mulberry32
  const unit = (): number => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  const poisson = (mean: number): number => {
    if (!(mean > 0)) return 0;
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let k = 0;
    for (let p = unit(), limit = Math.exp(-mean); p > limit; p *= unit()) k += 1;
    return k;
  };
  const binomial = (n: number, p: number): number => {
    if (n > 60) {
      const mean = n * p;
      if (mean < 20) return Math.min(n, poisson(mean));
      return Math.max(0, Math.min(n, Math.round(mean + Math.sqrt(mean * (1 - p)) * normal())));
    }
    let k = 0;
    for (let i = 0; i < n; i++) if (unit() < p) k += 1;
    return k;
  };
  const between = (low: number, high: number): number => low + (high - low) * unit();
  return {
    unit,
    between,
    scale: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    whole: (low, high) => Math.floor(between(low, high + 1)),
    pick: (list) => {
      const value = list[Math.floor(unit() * list.length)];
      if (value === undefined) throw new RangeError("nothing to pick from");
      return value;
    },
    normal,
    poisson,
    binomial,
    pareto: (least, alpha) => least / (1 - unit()) ** (1 / alpha),
  };
}
