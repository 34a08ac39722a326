import type { Log } from "../core/ports/log.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { resolvesWithin } from "../core/scheduling/promises.ts";
import type { ActiveAttempts } from "./active-attempts.ts";
import type { Attempts } from "./attempts.ts";
import type { ClaimLoop } from "./claim-loop.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { Isolation } from "./isolation/isolation.ts";
import type { WorkerSlots } from "./slots.ts";

/** The components of a worker. */
export interface WorkerParts {
  readonly id: string;
  /** Aborted when the worker stops waiting for replies. */
  readonly shutdown: AbortController;
  readonly activeAttempts: ActiveAttempts;
  readonly isolation: Isolation;
  readonly slots: WorkerSlots;
  readonly attempts: Attempts;
  readonly claimLoop: ClaimLoop;
  readonly heartbeats: Heartbeats;
  readonly clock: Clock;
  readonly log: Log;
}

/** Time at the end of the grace period that is kept to hand operations back, with retries. */
const HAND_BACK_MS = 1000;

/**
 * Stops claiming and aborts the signals of all attempts at once. They may finish until the last second of the grace period, in which the
 * remaining ones are handed back.
 */
export async function handBack(
  { activeAttempts, attempts, claimLoop, clock, log }: WorkerParts,
  graceMs: number,
): Promise<void> {
  attempts.stop();
  // The claim in flight may still return grants.
  const finished = claimLoop.stop().then(() => activeAttempts.empty());
  for (const { running } of activeAttempts.all()) running.requestHandBack();
  if (await resolvesWithin(clock, graceMs - HAND_BACK_MS, finished)) return;
  for (const { running } of activeAttempts.all()) running.abort("handed-back");
  if (await resolvesWithin(clock, HAND_BACK_MS, finished)) return;
  log.warn(
    { attempts: activeAttempts.all().map(({ key }) => key) },
    "stopped before every operation was handed back; other workers get the rest once the lease expires",
  );
}
