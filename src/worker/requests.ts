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
  /** How long one try waits for its answer. @default 10000 */
  readonly timeoutMs?: number;
}

/** Asks any server, and repeats the same request until it is answered in time. Rejects only with the signal's reason. */
export type Ask = <Kind extends WorkerRequestKind>(
  kind: Kind,
  request: WorkerRequests[Kind]["request"],
  signal: AbortSignal,
) => Promise<WorkerRequests[Kind]["reply"]>;

export function createAsk({ broker, clock, log, timeoutMs = 10_000 }: RequestOptions): Ask {
  return async (kind, request, signal) => {
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      const askedAt = clock.monotonic();
      try {
        const reply = await broker.request(kind, request, { timeoutMs, signal });
        // A process that stood still hears what held before. By now its attempts may be another's: it asks again.
        if (clock.monotonic() - askedAt <= timeoutMs) return reply;
        continue;
      } catch (error) {
        signal.throwIfAborted();
        // The first failure says that something is wrong; the rest of an outage says nothing new.
        log[tries === 1 ? "warn" : "debug"](
          { error, kind, tries },
          "a request to the server was not answered; repeating it",
        );
        await pause(clock, backoffMs(BACKOFF, tries, clock.random()), signal);
      }
    }
  };
}

/** Waits. Rejects with the signal's reason. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const takeBack = clock.after(ms, () => over.resolve());
  const abort = (): void => over.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await over.promise;
  } finally {
    takeBack();
    signal.removeEventListener("abort", abort);
  }
}
