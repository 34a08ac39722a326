import type { Broker, Unsubscribe } from "../core/broker.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { createId } from "../core/ids.ts";
import { type Log, silentLog } from "../core/log.ts";
import type { Notice } from "../core/messages.ts";
import type { ResourceType } from "../core/resource-type.ts";
import { Attempts } from "./attempts.ts";
import { Beats } from "./beats.ts";
import { Claims } from "./claims.ts";
import { Held } from "./held.ts";
import { createIsolation, type IsolationOptions } from "./isolation/isolation.ts";
import { Places } from "./places.ts";
import { createAsk } from "./requests.ts";
import { settledWithin } from "./settled-within.ts";

export interface WorkerOptions {
  /** The resource types whose work this process runs. Operations that are external are left to outside processes. */
  readonly types: readonly ResourceType[];
  /** How the worker reaches servers: it never sees a store. */
  readonly broker: Broker;
  /** @default the machine's */
  readonly clock?: Clock;
  /** @default says nothing */
  readonly log?: Log;
  /** Where work runs that needs a process of its own. @default in this process, with a warning */
  readonly isolation?: IsolationOptions;
  /** How often it says that it lives, give or take a tenth. Keep it below a third of the servers' lease. @default 5000 */
  readonly beatMs?: number;
  /** How long one try of a request waits for its answer. @default 10000 */
  readonly requestTimeoutMs?: number;
}

export interface WorkerStopOptions {
  /** How long the stop may take: attempts may finish until its last quarter, in which they are handed back. @default 10000 */
  readonly graceMs?: number;
}

/** Takes due operations and runs one attempt of each. */
export interface Worker {
  /** New at each start of a process. */
  readonly id: string;
  /** Begins to beat and, once a server has heard of it, to claim. A broker that is down only delays that. */
  readonly start: () => Promise<void>;
  /** Claims no more, lets attempts finish or hands them back, and leaves no timer, listener or process. */
  readonly stop: (options?: WorkerStopOptions) => Promise<void>;
}

/** Handing back takes the last quarter of the grace, within these bounds. */
const HAND_BACK_MIN_MS = 1000;
const HAND_BACK_MAX_MS = 2500;

/** Makes a worker. Nothing runs before `start()`. */
export function createWorker(options: WorkerOptions): Worker {
  const {
    types,
    broker,
    clock = systemClock,
    log = silentLog,
    beatMs = 5000,
    requestTimeoutMs: timeoutMs = 10_000,
  } = options;
  const id = createId(clock.now());
  const shutdown = new AbortController();
  const held = new Held();
  const places = new Places(types, () => isolation.free());
  const ask = createAsk({ broker, clock, log, timeoutMs });
  const isolation = createIsolation({ clock, log, options: options.isolation });
  const onDue = (): void => claims.want();
  const attempts = new Attempts({
    types,
    held,
    places,
    ask,
    isolation,
    clock,
    log,
    onDue,
    progress: (message) => broker.progress(message),
  });
  const claims: Claims = new Claims({
    worker: id,
    places,
    ask,
    clock,
    log,
    signal: shutdown.signal,
    onGrant: (grant) => attempts.begin(grant),
  });
  const beats = new Beats({ worker: id, broker, held, claimed: () => claims.answered, clock, log, beatMs });
  let subscriptions: Unsubscribe[] = [];

  const start = async (): Promise<void> => {
    subscriptions = [
      broker.onWake(places.types, onDue),
      broker.onNotice((notices) => obey(notices, id, held)),
      broker.onFlush(id, async (operation) => held.of(operation)?.running.flush()),
    ];
    beats.start(onDue);
  };

  const stop = async (graceMs: number): Promise<void> => {
    const handBackMs = Math.min(HAND_BACK_MAX_MS, Math.max(HAND_BACK_MIN_MS, graceMs / 4));
    attempts.stop();
    // The last claim may still bring something.
    const finished = claims.stop().then(() => held.empty());
    if (!(await settledWithin(clock, graceMs - handBackMs, finished))) {
      for (const { running } of held.all()) running.abort("handed-back");
      const isDone = await settledWithin(clock, handBackMs, finished);
      if (!isDone)
        log.warn(
          { held: held.all().map(({ key }) => key) },
          "stopped without having handed everything back; it goes to others once this worker is missed",
        );
    }
    shutdown.abort();
    for (const { over } of held.all()) over.abort();
    beats.stop();
    for (const unsubscribe of subscriptions) unsubscribe();
    await isolation.close();
  };
  let stopped: Promise<void> | undefined;
  return { id, start, stop: ({ graceMs = 10_000 } = {}) => (stopped ??= stop(graceMs)) };
}

/** Notices carry what beats would say a little later. */
function obey(notices: readonly Notice[], worker: string, held: Held): void {
  for (const { abort } of notices) {
    if (abort?.worker === worker) held.get(abort)?.running.abort("cancelled");
  }
}
