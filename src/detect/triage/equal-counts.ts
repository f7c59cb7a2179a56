// Tags with the same number of blocks: contexts that are made and lost together. Equal small numbers are common by
// chance, so the number of tags of that size in the listing decides how many equal ones say something.

/** A count with its place in the list. */
export interface Counted {
  readonly key: number;
  readonly count: number;
}

/** Live counts of large groups differ by what is in flight when the listing is made: a thousandth. */
export const LEVEL_TOLERANCE = 0.001;
/** Gains carry the noise of both listings and of other users of a shared tag. */
export const GAIN_TOLERANCE = 0.005;
/** Chance that as many equal counts come about by themselves: rarer ones are taken as a sign. */
export const MAX_CHANCE = 0.01;

/**
 * Keys whose count equals that of `lead` within the tolerance; empty where chance explains as many. The expected number
 * of equal ones is the density of counts per octave around the lead's (counts spread evenly over the logarithm), times
 * the width of the tolerance; the number found is held against Poisson's law with that mean.
 */
export function equalTo(lead: Counted, all: readonly Counted[], tolerance: number): readonly number[] {
  const near = Math.floor(lead.count * tolerance);
  const equal: number[] = [];
  let around = 0;
  for (const { key, count } of all) {
    if (key === lead.key || !(count > lead.count / 2 && count < lead.count * 2)) continue;
    around += 1;
    if (Math.abs(count - lead.count) <= near) equal.push(key);
  }
  if (equal.length === 0) return [];
  const width = Math.log((lead.count + near + 0.5) / Math.max(0.5, lead.count - near - 0.5));
  // One more than was seen apart from the equal ones: an empty neighbourhood does not prove that none can be there.
  const expected = ((around - equal.length + 1) * width) / Math.log(4);
  return chanceOfAtLeast(equal.length, expected) <= MAX_CHANCE ? equal : [];
}

/** Probability of `count` or more events where `mean` are expected (Poisson). */
export function chanceOfAtLeast(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let i = 0; i < count; i++) {
    below += term;
    term *= mean / (i + 1);
  }
  return Math.max(0, 1 - below);
}
