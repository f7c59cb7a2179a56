// What a benign counter does on its own: noise models from white to a random walk, and the filters that whiten a series
// under each of them at its real timestamps. Gains depend on times alone, so all tags of a record share them.

/** One noise model: a first-order process with time constant `tau` (share of the span; Infinity = random walk) and white noise on top. */
export interface NoiseModel {
  readonly tau: number;
  /** Variance of the white part, in units of the process's variance (random walk: of one mean step). */
  readonly white: number;
  /** log prior weight. */
  readonly logPrior: number;
}

/** A filter for fixed times: decay, gain and 1 / standard deviation of the innovation at each point. */
export interface Whitener {
  readonly model: NoiseModel;
  readonly decay: Float64Array;
  readonly gain: Float64Array;
  readonly scale: Float64Array;
  /** Sum of log innovation variances. */
  readonly logDet: number;
}

const TAUS = [0.006, 0.02, 0.06, 0.18, 0.5, Infinity];
const WHITES = [0, 0.5, 4];

/** The grid that evidence is averaged over. */
export const NOISE_MODELS: readonly NoiseModel[] = [
  { tau: 0, white: 0, logPrior: 0 },
  ...TAUS.flatMap((tau) =>
    WHITES.map((white) => ({
      tau,
      white: tau === Infinity ? white * 5 : white,
      logPrior: tau === Infinity ? -2 : tau > 0.4 ? -1.5 : tau > 0.1 ? -1 : 0,
    })),
  ),
];

export function makeWhitener(times: Float64Array, model: NoiseModel): Whitener {
  const n = times.length;
  const decay = new Float64Array(n);
  const gain = new Float64Array(n);
  const scale = new Float64Array(n);
  const span = (times[n - 1] ?? 0) - (times[0] ?? 0);
  const meanStep = span / Math.max(1, n - 1);
  let variance = model.tau === Infinity ? 0 : 1;
  let logDet = 0;
  for (let i = 0; i < n; i++) {
    const step = i === 0 ? 0 : (times[i] ?? 0) - (times[i - 1] ?? 0);
    if (model.tau === 0) {
      decay[i] = 0;
      variance = 1;
    } else if (model.tau === Infinity) {
      decay[i] = 1;
      if (i > 0) variance += step / meanStep;
    } else {
      const phi = i === 0 ? 1 : Math.exp(-step / (model.tau * span));
      decay[i] = phi;
      if (i > 0) variance = phi * phi * variance + (1 - phi * phi);
    }
    const s = Math.max(variance + model.white, 1e-6);
    const k = variance / s;
    gain[i] = k;
    scale[i] = 1 / Math.sqrt(s);
    logDet += Math.log(s);
    variance *= 1 - k;
  }
  return { model, decay, gain, scale, logDet };
}

/** Writes the whitened innovations of `values` to `out`. */
export function whiten(w: Whitener, values: Float64Array, out: Float64Array): void {
  const { decay, gain, scale } = w;
  let state = 0;
  for (let i = 0; i < values.length; i++) {
    state *= decay[i] as number;
    const e = (values[i] as number) - state;
    state += (gain[i] as number) * e;
    out[i] = e * (scale[i] as number);
  }
}
