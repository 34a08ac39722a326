/** Several guesses of the same quantity, as their middle and how far they lie apart. */
export interface Guess {
  readonly middle: number;
  /** Of the logarithms: half the distance between the quartiles. */
  readonly spread: number;
}

/** Below this many, a median says little. */
const ENOUGH = 3;

/**
 * Gives the median and spread of those of `factor * value - offset` that are above zero; undefined where they are too few.
 *
 * @param sorted ascending
 */
export function guessOf(sorted: Float64Array, factor: number, offset: number): Guess | undefined {
  const first = countUpTo(sorted, offset / factor);
  if (sorted.length - first < ENOUGH) return undefined;
  const at = (part: number): number => factor * quantile(sorted, first, part) - offset;
  return { middle: at(0.5), spread: Math.log(at(0.75) / at(0.25)) / 2 };
}

/** How many values are at most `limit`. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keeps a guess that happens to have no spread from silencing all others. */
const LEAST_SPREAD = 0.02;

/** Brings guesses together: each counts by the inverse of its variance, on a logarithmic scale. */
export function blended(guesses: readonly Guess[]): number | undefined {
  let weights = 0;
  let sum = 0;
  for (const { middle, spread } of guesses) {
    const weight = 1 / Math.max(spread, LEAST_SPREAD) ** 2;
    weights += weight;
    sum += weight * Math.log(middle);
  }
  return weights === 0 ? undefined : Math.exp(sum / weights);
}

function quantile(sorted: Float64Array, first: number, part: number): number {
  const index = first + (sorted.length - 1 - first) * part;
  const low = sorted[Math.floor(index)] ?? NaN;
  const high = sorted[Math.ceil(index)] ?? NaN;
  return low + (high - low) * (index - Math.floor(index));
}
