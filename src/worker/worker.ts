import type { ResourceType } from "../core/definition/resource-type.ts";
import { createId } from "../core/ids.ts";
import type { Broker, Unsubscribe } from "../core/ports/broker.ts";
import { type Log, silentLog } from "../core/ports/log.ts";
import type { Grant, Notice, ProgressMessage } from "../core/ports/messages.ts";
import { type Clock, systemClock } from "../core/scheduling/clock.ts";
import { createTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { Attempts } from "./attempts.ts";
import { Claims } from "./claims.ts";
import { handBack, type Parts } from "./hand-back.ts";
import { Beats } from "./heartbeats.ts";
import { Held } from "./held-attempts.ts";
import { createIsolation, type IsolationOptions } from "./isolation/isolation.ts";
import { createAsk } from "./requests.ts";
import { Places } from "./slots.ts";

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
  /** @default what the OpenTelemetry SDK takes that is registered, if any */
  readonly telemetry?: Telemetry;
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

/** Makes a worker. Nothing runs before `start()`. */
export function createWorker(options: WorkerOptions): Worker {
  const { broker } = options;
  const parts = partsOf(options);
  const { id, held, places, claims, beats } = parts;
  let subscriptions: Unsubscribe[] = [];
  let stopped: Promise<void> | undefined;

  const stop = async (graceMs: number): Promise<void> => {
    await handBack(parts, graceMs);
    parts.shutdown.abort();
    for (const { over } of held.all()) over.abort();
    beats.stop();
    for (const unsubscribe of subscriptions) unsubscribe();
    await parts.isolation.close();
  };

  return {
    id,
    async start() {
      subscriptions = [
        broker.onWake(places.types, () => claims.want()),
        broker.onNotice((notices) => obey(notices, id, held)),
        broker.onFlush(id, (operation) => flushed(held, operation)),
      ];
      beats.start(() => claims.want());
    },
    async stop({ graceMs = 10_000 } = {}) {
      stopped ??= stop(graceMs);
      await stopped;
    },
  };
}

function partsOf(options: WorkerOptions): Parts {
  const { types, broker, clock = systemClock, log = silentLog, beatMs = 5000 } = options;
  const id = createId(clock.now());
  const shared = { worker: id, clock, log };
  const { telemetry = createTelemetry() } = options;
  const shutdown = new AbortController();
  const held = new Held();
  const isolation = createIsolation({ clock, log, options: options.isolation });
  const places = new Places(types, () => isolation.free());
  const ask = createAsk({ broker, clock, log, timeoutMs: options.requestTimeoutMs ?? 10_000 });
  const attempts = new Attempts({
    ...{ types, held, places, ask, isolation, clock, log, telemetry },
    progress: (message) => {
      held.say(message);
      broker.progress(message);
    },
    onDue: () => claims.want(),
  });
  const onGrant = (grant: Grant): void => attempts.begin(grant);
  const claims: Claims = new Claims({ ...shared, places, ask, signal: shutdown.signal, onGrant });
  const beats = new Beats({ ...shared, broker, held, beatMs, claimed: () => claims.answered });
  return { id, shutdown, held, isolation, places, attempts, claims, beats, clock, log };
}

/** Lets an attempt say what it has not said yet, and gives what it said last. */
async function flushed(held: Held, operation: string): Promise<ProgressMessage | undefined> {
  const attempt = held.of(operation);
  await attempt?.running.flush();
  return attempt?.said;
}

/** Notices carry what beats would say a little later. */
function obey(notices: readonly Notice[], worker: string, held: Held): void {
  for (const { abort } of notices) {
    if (abort?.worker === worker) held.get(abort)?.running.abort("cancelled");
  }
}
