import type { Answer } from "../http/reply.ts";

/** Requests of one follower begin at least so far apart, however fast the news. */
const SHORTEST_INTERVAL_MS = 250;
/** An answer that came sooner than this was not held. */
const SHORTEST_HOLD_MS = 1000;
/** For servers that say nothing about when to come back. */
const FIRST_INTERVAL_MS = 1000;
const INTERVAL_GROWTH = 1.5;
const LONGEST_INTERVAL_MS = 15_000;

export interface Pace {
  readonly answer: Answer;
  /** Whether the answer told anything new. */
  readonly news: boolean;
  /** Whether the server holds answers until there is news. */
  readonly holding: boolean;
  /** How many answers in a row told nothing new, this one included. */
  readonly quiet: number;
  /** A number from 0 up to 1. */
  readonly random: number;
}

/** True where the server says that it honours `Prefer: wait`. @see https://www.rfc-editor.org/rfc/rfc7240#section-3 */
export function holdsAnswers(headers: Headers): boolean {
  return /(?:^|[\s,;])wait\b/i.test(headers.get("preference-applied") ?? "");
}

/**
 * Gives how long to wait before asking again. A server that holds answers is asked at once: it answers when there is news. Any
 * other one is asked when its Retry-After is over, and so is one that claims to hold and comes back at once with nothing new.
 * Without Retry-After the interval grows while nothing changes. Jitter only ever adds.
 */
export function nextPauseMs({ answer, news, holding, quiet, random }: Pace): number {
  const { tookMs, retryAfterMs } = answer;
  const shortest = Math.max(0, SHORTEST_INTERVAL_MS - tookMs);
  if (holding && (news || tookMs >= SHORTEST_HOLD_MS)) return shortest;
  const grown = Math.min(LONGEST_INTERVAL_MS, FIRST_INTERVAL_MS * INTERVAL_GROWTH ** quiet);
  return Math.max(shortest, (retryAfterMs ?? grown) * (1 + random / 10));
}
