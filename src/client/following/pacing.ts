import type { Reply } from "../http/reply.ts";

/** Minimum time between the starts of two requests of one follower, however fast the resource changes. */
const MIN_INTERVAL_MS = 250;
/** A reply that took less time than this was not kept waiting by the server. */
const MIN_LONG_POLL_MS = 1000;
/** Interval for servers that send no Retry-After. */
const INITIAL_INTERVAL_MS = 1000;
const INTERVAL_GROWTH = 1.5;
const MAX_INTERVAL_MS = 15_000;

export interface PollResult {
  readonly reply: Reply;
  /** True if the reply contained a new state. */
  readonly isChanged: boolean;
  /** True if the server keeps requests waiting until the resource changes. */
  readonly isLongPolling: boolean;
  /** Number of consecutive replies without a change, this one included. */
  readonly unchangedCount: number;
  /** A number from 0 up to 1. */
  readonly random: number;
}

/** Returns true if the server honours `Prefer: wait`. @see https://www.rfc-editor.org/rfc/rfc7240#section-3 */
export function supportsLongPolling(headers: Headers): boolean {
  return /\bwait\b/i.test(headers.get("preference-applied") ?? "");
}

/**
 * Returns the pause before the next poll. A server with long polling is polled again at once, because it replies at the
 * next change. Any other server is polled when its Retry-After is over, and so is one that announces long polling but
 * replies at once without a change. Without Retry-After the interval grows while nothing changes. Jitter only lengthens
 * the pause.
 */
export function nextPauseMs({ reply, isChanged, isLongPolling, unchangedCount, random }: PollResult): number {
  const { tookMs, retryAfterMs } = reply;
  const minPauseMs = Math.max(0, MIN_INTERVAL_MS - tookMs);
  if (isLongPolling && (isChanged || tookMs >= MIN_LONG_POLL_MS)) return minPauseMs;
  const grownMs = Math.min(MAX_INTERVAL_MS, INITIAL_INTERVAL_MS * INTERVAL_GROWTH ** unchangedCount);
  return Math.max(minPauseMs, (retryAfterMs ?? grownMs) * (1 + random / 10));
}
