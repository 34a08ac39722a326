import type { Log } from "../core/ports/log.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { settledWithin } from "../core/scheduling/promises.ts";
import type { Attempts } from "./attempts.ts";
import type { Claims } from "./claims.ts";
import type { Beats } from "./heartbeats.ts";
import type { Held } from "./held-attempts.ts";
import type { Isolation } from "./isolation/isolation.ts";
import type { Places } from "./slots.ts";

/** What a worker consists of. */
export interface Parts {
  readonly id: string;
  /** Aborted when no answer is waited for any more. */
  readonly shutdown: AbortController;
  readonly held: Held;
  readonly isolation: Isolation;
  readonly places: Places;
  readonly attempts: Attempts;
  readonly claims: Claims;
  readonly beats: Beats;
  readonly clock: Clock;
  readonly log: Log;
}

/** Handing back takes the last quarter of the grace, within these bounds. */
const MIN_MS = 1000;
const MAX_MS = 2500;

/** Claims no more and lets attempts finish; what is left in the last part of the grace goes back. */
export async function handBack({ held, attempts, claims, clock, log }: Parts, graceMs: number): Promise<void> {
  const handBackMs = Math.min(MAX_MS, Math.max(MIN_MS, graceMs / 4));
  attempts.stop();
  // The last claim may still bring something.
  const finished = claims.stop().then(() => held.empty());
  if (await settledWithin(clock, graceMs - handBackMs, finished)) return;
  for (const { running } of held.all()) running.abort("handed-back");
  if (await settledWithin(clock, handBackMs, finished)) return;
  log.warn(
    { held: held.all().map(({ key }) => key) },
    "stopped without having handed everything back; it goes to others once this worker is missed",
  );
}
