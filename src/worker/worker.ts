import type { ResourceType } from "../core/definition/resource-type.ts";
import { createId } from "../core/ids.ts";
import type { Broker, Unsubscribe } from "../core/ports/broker.ts";
import { type Log, silentLog } from "../core/ports/log.ts";
import type { Grant, Notice, ProgressMessage } from "../core/ports/messages.ts";
import { type Clock, systemClock } from "../core/scheduling/clock.ts";
import { createTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { ActiveAttempts } from "./active-attempts.ts";
import { catchUncaughtErrors } from "./attempt/uncaught-errors.ts";
import { Attempts } from "./attempts.ts";
import { ClaimLoop } from "./claim-loop.ts";
import { handBack, type WorkerParts } from "./hand-back.ts";
import { Heartbeats } from "./heartbeats.ts";
import { createIsolation, type IsolationOptions } from "./isolation/isolation.ts";
import { createRequester } from "./requests.ts";
import { WorkerSlots } from "./slots.ts";

/** Options of {@link createWorker}. */
export interface WorkerOptions {
  /** The resource types whose work this process runs. External operations are left to their processes. */
  readonly types: readonly ResourceType[];
  /** The connection to the servers. A worker never accesses a store. */
  readonly broker: Broker;
  /** @default the system clock */
  readonly clock?: Clock;
  /** @default no log */
  readonly log?: Log;
  /** Processes for isolated work. @default isolated work runs in this process, with a warning */
  readonly isolation?: IsolationOptions;
  /** @default the registered OpenTelemetry SDK, if any */
  readonly telemetry?: Telemetry;
  /** Interval between heartbeats in milliseconds, with 10 % jitter. Keep it below a third of the servers' lease. @default 5000 */
  readonly beatMs?: number;
  /** Maximum time in milliseconds that one try of a request waits for its reply. @default 10000 */
  readonly requestTimeoutMs?: number;
}

/** Options of `worker.stop`. */
export interface WorkerStopOptions {
  /**
   * Maximum duration of the stop in milliseconds. The signal of the work is aborted at once, and work may still finish. The last second,
   * which the stop has at least, is kept to hand the other operations back.
   *
   * @default 10000
   */
  readonly graceMs?: number;
}

/** Claims due operations and runs one attempt of each. */
export interface Worker {
  /** A new id for each start of a process. */
  readonly id: string;
  /** Starts heartbeats and, after the first reply, claims. An unreachable broker only delays the first claim. */
  readonly start: () => Promise<void>;
  /** Stops claiming, lets attempts finish or hands them back, and leaves no timer, listener or process. */
  readonly stop: (options?: WorkerStopOptions) => Promise<void>;
}

/** Creates a worker. Nothing runs before `start()`. */
export function createWorker(options: WorkerOptions): Worker {
  const { broker } = options;
  const parts = partsOf(options);
  const { id, activeAttempts, slots, claimLoop, heartbeats } = parts;
  let subscriptions: Unsubscribe[] = [];
  let stopped: Promise<void> | undefined;

  const stop = async (graceMs: number): Promise<void> => {
    await handBack(parts, graceMs);
    parts.shutdown.abort();
    for (const { endedController } of activeAttempts.all()) endedController.abort();
    heartbeats.stop();
    for (const unsubscribe of subscriptions) unsubscribe();
    await parts.isolation.close();
  };

  return {
    id,
    async start() {
      subscriptions = [
        catchUncaughtErrors(),
        broker.onWake(slots.types, () => claimLoop.requestClaim()),
        broker.onReserve?.((type, kind) => claimLoop.reserve(type, kind)) ?? ((): void => {}),
        broker.onNotice((notices) => handleNotices(notices, id, activeAttempts)),
        broker.onFlush(id, (operation) => flushProgress(activeAttempts, operation)),
      ];
      heartbeats.start(() => claimLoop.requestClaim());
    },
    async stop({ graceMs = 10_000 } = {}) {
      stopped ??= stop(graceMs);
      await stopped;
    },
  };
}

function partsOf(options: WorkerOptions): WorkerParts {
  const { types, broker, clock = systemClock, log = silentLog, beatMs = 5000 } = options;
  const id = createId(clock.now());
  const shared = { worker: id, clock, log };
  const { telemetry = createTelemetry() } = options;
  const shutdown = new AbortController();
  const activeAttempts = new ActiveAttempts();
  const isolation = createIsolation({ clock, log, options: options.isolation });
  const slots = new WorkerSlots(types, () => isolation.free());
  const requestUntilAnswered = createRequester({ broker, clock, log, timeoutMs: options.requestTimeoutMs ?? 10_000 });
  const attempts = new Attempts({
    ...{ types, activeAttempts, slots, requestUntilAnswered, isolation, clock, log, telemetry },
    progress: (message) => {
      activeAttempts.setProgress(message);
      broker.progress(message);
    },
    onDue: () => claimLoop.requestClaim(),
  });
  const onGrant = (grant: Grant): void => attempts.start(grant);
  const claimLoop: ClaimLoop = new ClaimLoop({
    ...shared,
    slots,
    requestUntilAnswered,
    signal: shutdown.signal,
    onGrant,
  });
  const heartbeats = new Heartbeats({
    ...shared,
    broker,
    activeAttempts,
    beatMs,
    lastAnsweredClaim: () => claimLoop.lastAnswered,
  });
  return { id, shutdown, activeAttempts, isolation, slots, attempts, claimLoop, heartbeats, clock, log };
}

/** Flushes the unsent progress of an attempt and returns the newest. */
async function flushProgress(activeAttempts: ActiveAttempts, operation: string): Promise<ProgressMessage | undefined> {
  const attempt = activeAttempts.getByOperation(operation);
  await attempt?.running.flush();
  return attempt?.lastProgress;
}

/** Aborts cancelled attempts at once; the next heartbeat reply would only do so later. */
function handleNotices(notices: readonly Notice[], worker: string, activeAttempts: ActiveAttempts): void {
  for (const { abort } of notices) {
    if (abort?.worker === worker) activeAttempts.get(abort)?.running.abort("cancelled");
  }
}
