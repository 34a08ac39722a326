/** Several guesses of the same quantity, as their middle and how far they lie apart. */
export interface Guess {
  readonly middle: number;
  /** Of the logarithms: half the distance between the quartiles. */
  readonly spread: number;
}

/** Below this many, a median says little. */
const MIN_SAMPLES = 3;

/**
 * Gives the median and spread of those of `factor * value - offset` that are above zero; undefined where they are too few.
 *
 * @param sorted ascending
 */
export function estimateFrom(sorted: Float64Array, factor: number, offset: number): Guess | undefined {
  const first = countUpTo(sorted, offset / factor);
  if (sorted.length - first < MIN_SAMPLES) return undefined;
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
const MIN_LOG_SPREAD = 0.02;

/**
 * Brings guesses together: each counts by the inverse of its variance, on a logarithmic scale. What they disagree by adds to the
 * spread.
 */
export function combineEstimates(guesses: readonly Guess[]): Guess | undefined {
  if (guesses.length === 0) return undefined;
  const weighed = guesses.map(({ middle, spread }) => ({
    log: Math.log(middle),
    weight: 1 / Math.max(spread, MIN_LOG_SPREAD) ** 2,
  }));
  const weights = sum(weighed.map(({ weight }) => weight));
  const mean = sum(weighed.map(({ log, weight }) => log * weight)) / weights;
  const disagreement = sum(weighed.map(({ log, weight }) => weight * (log - mean) ** 2)) / weights;
  return { middle: Math.exp(mean), spread: Math.sqrt(guesses.length / weights + disagreement) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function quantile(sorted: Float64Array, first: number, part: number): number {
  const index = first + (sorted.length - 1 - first) * part;
  const low = sorted[Math.floor(index)] ?? NaN;
  const high = sorted[Math.ceil(index)] ?? NaN;
  return low + (high - low) * (index - Math.floor(index));
}
