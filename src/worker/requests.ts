import type { Broker } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import type { WorkerRequestKind, WorkerRequests } from "../core/ports/messages.ts";
import { type Backoff, backoffMs } from "../core/scheduling/backoff.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { pause } from "../core/scheduling/pause.ts";

const BACKOFF: Backoff = { initialMs: 100, factor: 2, maxMs: 5000 };

export interface RequestOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  /** Maximum time in milliseconds that one try waits for its reply. @default 10000 */
  readonly timeoutMs?: number;
}

/** The timing of the tries of one request. */
export interface TryOptions {
  /** Maximum time in milliseconds that one try waits for its reply. @default that of the requester */
  readonly timeoutMs?: number;
  readonly backoff?: Backoff;
}

/** Sends a request to any server and repeats it until a reply arrives in time. Rejects only with the signal's reason. */
export type RequestUntilAnswered = <Kind extends WorkerRequestKind>(
  kind: Kind,
  request: WorkerRequests[Kind]["request"],
  signal: AbortSignal,
  options?: TryOptions,
) => Promise<WorkerRequests[Kind]["reply"]>;

export function createRequester({
  broker,
  clock,
  log,
  timeoutMs: defaultMs = 10_000,
}: RequestOptions): RequestUntilAnswered {
  return async (kind, request, signal, options = {}) => {
    const { timeoutMs = defaultMs, backoff = BACKOFF } = options;
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
        await pause(clock, backoffMs(backoff, tries, clock.random()), signal);
      }
    }
  };
}
