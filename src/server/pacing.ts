import type { Resource } from "../core/resource.ts";

export interface Estimate {
  readonly remainingMs: number;
  /** How unsure it is: on a logarithmic scale, half of what lies between the quartiles. 0.1 is about ten percent. */
  readonly spread: number;
}

/** Knows how much longer operations take. */
export interface Estimates {
  /** How much longer the operation in progress takes; undefined where nobody knows. */
  readonly estimate: (resource: Resource, now: number) => Estimate | undefined;
}

const SHORTEST_SECONDS = 1;
const LONGEST_SECONDS = 30;

/** What part of the time that surely remains a client waits for: measured by `bench/estimates`. */
const SHARE = 0.5;
/** By how many spreads the operation may be sooner than expected. */
const SPREADS = 2;
/** Where nothing is known: what part of the time that has passed. */
const PASSED_SHARE = 0.125;

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
      ? Math.max(0, now - operation.acceptedAt) * PASSED_SHARE
      : estimate.remainingMs * Math.exp(-SPREADS * estimate.spread) * SHARE;
  const seconds = (pauseMs / 1000) * (0.75 + spread(id, version) / 2);
  return Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, Math.round(seconds)));
}

/** A number from 0 up to 1 that belongs to the resource's version. */
function spread(id: string, version: number): number {
  let sum = version;
  for (let index = id.length - 1; index >= 0; index--) sum = (Math.imul(sum, 31) + id.charCodeAt(index)) | 0;
  return (sum >>> 0) / 2 ** 32;
}
