import type { Resource } from "../../core/resource.ts";
import { coarseSeconds } from "./duration-text.ts";

/** An estimate of the time remaining. */
export interface Estimate {
  /** The median. */
  readonly remainingMs: number;
  /** Uncertainty: half the distance between the quartiles of the logarithms. 0.1 is about ten percent. */
  readonly logSpread: number;
}

/** Estimator of the time remaining of operations. */
export interface Estimates {
  /**
   * Estimates the time remaining of the operation in progress. Returns undefined without samples, progress or an own
   * estimate.
   */
  readonly estimate: (resource: Resource, now: number) => Estimate | undefined;
  /** Returns the position of an operation that waits for its turn. @default undefined: no operation takes turns */
  readonly queuePosition?: (resource: Resource, now: number) => number | undefined;
}

/** The timing shown in a representation. */
export interface TimingInfo {
  /** Time remaining, rounded as it is shown. */
  readonly seconds: number | undefined;
  /** Number of operations that are claimed before it, plus one. @default undefined: it does not wait for its turn */
  readonly queuePosition?: number | undefined;
  /** `Retry-After` in seconds; defined if and only if an operation is in progress. */
  readonly retryAfter: number | undefined;
}

const SETTLED: TimingInfo = { seconds: undefined, retryAfter: undefined };

/** Returns the timing to show for a resource at a moment. */
export function timingOf(resource: Resource, estimates: Estimates, now: number): TimingInfo {
  if (resource.operation.settledAt !== null) return SETTLED;
  const estimate = estimates.estimate(resource, now);
  return {
    seconds: estimate === undefined ? undefined : coarseSeconds(estimate.remainingMs),
    queuePosition: estimates.queuePosition?.(resource, now),
    retryAfter: retryAfterSeconds(resource, estimate, now),
  };
}

const MIN_SECONDS = 1;
const MAX_SECONDS = 30;

/** Ratio of `Retry-After` to the lower bound of the time remaining; measured by `bench/estimates`. */
const REMAINING_RATIO = 0.5;
/** Number of spreads below the estimate at which the lower bound lies. */
const LOWER_BOUND_LOG_SPREADS = 2;
/** Ratio of `Retry-After` to the elapsed time, if there is no estimate. */
const ELAPSED_RATIO = 0.125;

/**
 * Computes the seconds of `Retry-After`: half of the lower bound of the time remaining, so that clients poll more often
 * towards the end, and if the estimate is uncertain. Without an estimate, it is a ratio of the time since the operation
 * was accepted. A jitter by resource spreads the polls of resources that were created together.
 */
export function retryAfterSeconds(
  { id, operation, version }: Resource,
  estimate: Estimate | undefined,
  now: number,
): number {
  const pauseMs =
    estimate === undefined
      ? Math.max(0, now - operation.acceptedAt) * ELAPSED_RATIO
      : estimate.remainingMs * Math.exp(-LOWER_BOUND_LOG_SPREADS * estimate.logSpread) * REMAINING_RATIO;
  const seconds = (pauseMs / 1000) * (0.75 + jitterOf(id, version) / 2);
  return Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, Math.round(seconds)));
}

/** Returns a number from 0 to 1 that is fixed for a version of a resource. */
function jitterOf(id: string, version: number): number {
  let sum = version;
  for (let index = id.length - 1; index >= 0; index--) sum = (Math.imul(sum, 31) + id.charCodeAt(index)) | 0;
  return (sum >>> 0) / 2 ** 32;
}
