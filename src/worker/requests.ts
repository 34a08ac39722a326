import type { Broker } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import type { WorkerRequestKind, WorkerRequests } from "../core/ports/messages.ts";
import { type Backoff, backoffMs } from "../core/scheduling/backoff.ts";
import type { Clock } from "../core/scheduling/clock.ts";

const BACKOFF: Backoff = { initialMs: 100, factor: 2, maxMs: 5000 };

export interface RequestOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  /** Maximum time in milliseconds that one try waits for its reply. @default 10000 */
  readonly timeoutMs?: number;
}

/** Sends a request to any server and repeats it until a reply arrives in time. Rejects only with the signal's reason. */
export type RequestUntilAnswered = <Kind extends WorkerRequestKind>(
  kind: Kind,
  request: WorkerRequests[Kind]["request"],
  signal: AbortSignal,
) => Promise<WorkerRequests[Kind]["reply"]>;

export function createRequester({ broker, clock, log, timeoutMs = 10_000 }: RequestOptions): RequestUntilAnswered {
  return async (kind, request, signal) => {
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      const sentAt = clock.monotonic();
      try {
        const reply = await broker.request(kind, request, { timeoutMs, signal });
        // After a pause of this process the reply is outdated: its attempts may have another owner by now.
        if (clock.monotonic() - sentAt <= timeoutMs) return reply;
        continue;
      } catch (error) {
        signal.throwIfAborted();
        // Only the first failure is a warning, so that an outage does not flood the log.
        log[tries === 1 ? "warn" : "debug"]({ error, kind, tries }, "worker request not answered; retrying");
        await delay(clock, backoffMs(BACKOFF, tries, clock.random()), signal);
      }
    }
  };
}

/** Resolves after `ms`. Rejects with the signal's reason. */
async function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const elapsed = Promise.withResolvers<void>();
  const cancelTimer = clock.after(ms, () => elapsed.resolve());
  const onAbort = (): void => elapsed.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await elapsed.promise;
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", onAbort);
  }
}
