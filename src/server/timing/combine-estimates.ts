import type { Estimate } from "./retry-after.ts";

/** Minimum number of samples for an estimate: the median of fewer is unreliable. */
const MIN_SAMPLES = 3;

/**
 * Estimates by the median and spread of the values of `factor * value - offset` above zero. Returns undefined if they
 * are too few.
 *
 * @param sorted the values in ascending order
 */
export function estimateFrom(sorted: Float64Array, factor: number, offset: number): Estimate | undefined {
  const first = countUpTo(sorted, offset / factor);
  if (sorted.length - first < MIN_SAMPLES) return undefined;
  const at = (part: number): number => factor * quantile(sorted, first, part) - offset;
  return { remainingMs: at(0.5), logSpread: Math.log(at(0.75) / at(0.25)) / 2 };
}

/** Returns the number of values up to `limit`, by binary search. */
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

/** Minimum spread: an estimate that happens to have none must not outweigh all others. */
const MIN_LOG_SPREAD = 0.02;

/**
 * Combines estimates, weighted by the inverse of their variances on a logarithmic scale. Their disagreement adds to the
 * spread.
 */
export function combineEstimates(estimates: readonly Estimate[]): Estimate | undefined {
  if (estimates.length === 0) return undefined;
  const weighted = estimates.map(({ remainingMs, logSpread }) => ({
    log: Math.log(remainingMs),
    weight: 1 / Math.max(logSpread, MIN_LOG_SPREAD) ** 2,
  }));
  const weights = sum(weighted.map(({ weight }) => weight));
  const mean = sum(weighted.map(({ log, weight }) => log * weight)) / weights;
  const disagreement = sum(weighted.map(({ log, weight }) => weight * (log - mean) ** 2)) / weights;
  return { remainingMs: Math.exp(mean), logSpread: Math.sqrt(estimates.length / weights + disagreement) };
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
