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

/** The hand-back gets the last quarter of the grace period, within these bounds. */
const MIN_HAND_BACK_MS = 1000;
const MAX_HAND_BACK_MS = 2500;

/** Stops claiming and lets attempts finish; hands back the remaining ones in the last part of the grace period. */
export async function handBack(
  { activeAttempts, attempts, claimLoop, clock, log }: WorkerParts,
  graceMs: number,
): Promise<void> {
  const handBackMs = Math.min(MAX_HAND_BACK_MS, Math.max(MIN_HAND_BACK_MS, graceMs / 4));
  attempts.stop();
  // The claim in flight may still return grants.
  const finished = claimLoop.stop().then(() => activeAttempts.empty());
  if (await resolvesWithin(clock, graceMs - handBackMs, finished)) return;
  for (const { running } of activeAttempts.all()) running.abort("handed-back");
  if (await resolvesWithin(clock, handBackMs, finished)) return;
  log.warn(
    { held: activeAttempts.all().map(({ key }) => key) },
    "stopped before every operation was handed back; other workers get the rest once the lease expires",
  );
}
