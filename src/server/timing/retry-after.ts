import type { Resource } from "../../core/resource.ts";
import { coarseSeconds } from "./duration-text.ts";

export interface Estimate {
  readonly remainingMs: number;
  /** How unsure it is: on a logarithmic scale, half of what lies between the quartiles. 0.1 is about ten percent. */
  readonly logSpread: number;
}

/** Knows how much longer operations take. */
export interface Estimates {
  /** How much longer the operation in progress takes; undefined where nobody knows. */
  readonly estimate: (resource: Resource, now: number) => Estimate | undefined;
}

/** What a representation says of time. */
export interface TimingInfo {
  /** That it takes still, as coarse as it is shown. */
  readonly seconds: number | undefined;
  /** Seconds; exactly while in progress. */
  readonly retryAfter: number | undefined;
}

const SETTLED: TimingInfo = { seconds: undefined, retryAfter: undefined };

/** What is to be said of time at this moment. */
export function timingOf(resource: Resource, estimates: Estimates, now: number): TimingInfo {
  if (resource.operation.settledAt !== null) return SETTLED;
  const estimate = estimates.estimate(resource, now);
  return {
    seconds: estimate === undefined ? undefined : coarseSeconds(estimate.remainingMs),
    retryAfter: retryAfterSeconds(resource, estimate, now),
  };
}

const MIN_SECONDS = 1;
const MAX_SECONDS = 30;

/** What part of the time that surely remains a client waits for: measured by `bench/estimates`. */
const REMAINING_RATIO = 0.5;
/** By how many spreads the operation may be sooner than expected. */
const SPREADS = 2;
/** Where nothing is known: what part of the time that has passed. */
const ELAPSED_RATIO = 0.125;

/**
 * Gives the seconds of `Retry-After`: half of what surely remains, so that polls come closer towards the end and the less is
 * known; or, where nothing is known, a share of the time since the operation was accepted. Spread by the resource, so that many
 * of them made together are not all polled together.
 */
export function retryAfterSeconds(
  { id, operation, version }: Resource,
  estimate: Estimate | undefined,
  now: number,
): number {
  const pauseMs =
    estimate === undefined
      ? Math.max(0, now - operation.acceptedAt) * ELAPSED_RATIO
      : estimate.remainingMs * Math.exp(-SPREADS * estimate.logSpread) * REMAINING_RATIO;
  const seconds = (pauseMs / 1000) * (0.75 + jitterOf(id, version) / 2);
  return Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, Math.round(seconds)));
}

/** A number from 0 up to 1 that belongs to the resource's version. */
function jitterOf(id: string, version: number): number {
  let sum = version;
  for (let index = id.length - 1; index >= 0; index--) sum = (Math.imul(sum, 31) + id.charCodeAt(index)) | 0;
  return (sum >>> 0) / 2 ** 32;
}
