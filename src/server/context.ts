import type { Change, IdempotentReply } from "../core/change.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { type Policies, policiesOf } from "../core/policy.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import { type ApplyResult, type ReplyKey, type Store, requireResult } from "../core/ports/store.ts";
import type { Principal } from "../core/principal.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../core/resource.ts";
import { batch } from "../core/scheduling/batch.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import type { MaybePromise } from "../core/scheduling/promises.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Tracing } from "../telemetry/tracing.ts";
import type { ExternalProcesses } from "./external/external.ts";
import type { HttpRequest, HttpResponse } from "./http/exchange.ts";
import { createPublicPath, type PublicPath } from "./http/public-url.ts";
import { createLongPolls, type LongPolls } from "./long-poll/long-polls.ts";
import type { Observing } from "./observing/observing.ts";
import { pollWhileWaiting } from "./observing/poll-while-waiting.ts";
import type { Refresh } from "./observing/refresh.ts";
import type { ServerOptions } from "./options.ts";
import { type Admission, createAdmission } from "./overload/admission.ts";
import { ResponseCache } from "./representation/response-cache.ts";
import type { Commit } from "./storage/commit.ts";
import type { Estimates } from "./timing/retry-after.ts";
import { createWithinTransaction, type WithinTransaction } from "./transactions/within-transaction.ts";
import { createTurnQueues, type TurnQueues } from "./turns/turn-queues.ts";

/** The parts that a server consists of. The store and the broker must be open. */
export interface ServerParts {
  readonly types: readonly ResourceType[];
  /** Types that are read-only. @default none */
  readonly undeclared?: readonly ResourceType[];
  readonly store: Store;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: ServerOptions;
  /** @default the one of the registered OpenTelemetry SDK, if any */
  readonly telemetry?: Telemetry;
}

export interface HandlerParts extends ServerParts {
  readonly telemetry: Telemetry;
  readonly commit: Commit;
  readonly estimates: Estimates;
  /** @default one that does not measure the lag of the event loop */
  readonly admission?: Admission;
  /** @default none: workers and external processes are not served over HTTP, whatever the options enable */
  readonly external?: ExternalProcesses;
  /** @default none: a GET shows the stored state and never calls `observe` */
  readonly observing?: Observing;
}

/**
 * Dependencies shared by all endpoints. Reads and writes issued in the same event-loop tick are batched into one store
 * call.
 */
export interface EndpointContext extends Pick<HandlerParts, "options" | "clock" | "estimates" | "external"> {
  readonly store: Pick<Store, "list" | "find" | "history" | "readByOperation" | "name" | "reporting">;
  readonly broker: Pick<Broker, "onNotice" | "onGap">;
  readonly longPolls: LongPolls;
  /** Converts paths for links. */
  readonly publicPath: PublicPath;
  readonly admission: Admission;
  readonly tracing: Tracing | undefined;
  /** The number of open event streams. */
  readonly streams: { open: number };
  /** Functions by type that refresh a resource from its background process before a GET shows it. */
  readonly refreshers: ReadonlyMap<string, Refresh>;
  readonly policies: Policies;
  readonly responseCache: ResponseCache;
  readonly turnQueues: TurnQueues;
  /** Reads a resource, synchronously if the store can. */
  readonly read: (key: ResourceKey) => MaybePromise<Resource | undefined>;
  readonly readReply: (key: ReplyKey) => Promise<IdempotentReply | undefined>;
  readonly commit: (change: Change) => Promise<ApplyResult>;
  readonly withinTransaction: WithinTransaction;
}

/** A routed and authenticated request. */
export interface EndpointRequest {
  readonly http: HttpRequest;
  readonly principal: Principal | undefined;
  /** The id of the resource or operation; empty for a collection. */
  readonly id: string;
  /** Trace context that an operation started by this request continues. */
  readonly traceparent: string | undefined;
}

export type Endpoint = (request: EndpointRequest) => HttpResponse | Promise<HttpResponse>;

/**
 * Maximum concurrent store calls of each kind. A store in this process needs one; a remote one hides its latency by
 * several.
 */
const MAX_CONCURRENT_READS = 4;

const WAITING_REQUESTS = {
  name: "afoot.requests.waiting",
  unit: "{request}",
  description: "Open long-poll requests and event streams.",
};
const OPEN_STREAMS = { name: "afoot.streams", unit: "{stream}", description: "Open event streams." };

export function createEndpointContext(parts: HandlerParts): EndpointContext {
  const { store, clock, options, observing, telemetry } = parts;
  const { admission = createAdmission({ clock, targetMs: options.queueMs }) } = parts;
  const read = store.readNow?.bind(store) ?? batch(readDeduplicated(store), { concurrency: MAX_CONCURRENT_READS });
  const longPolls = createLongPolls({ ...parts, read });
  const { metrics, tracing } = telemetry;
  metrics.gauge(WAITING_REQUESTS, () => [[longPolls.size(), {}]]);
  const streams = { open: 0 };
  metrics.gauge(OPEN_STREAMS, () => [[streams.open, {}]]);
  const turnQueues = createTurnQueues(parts);
  return {
    ...parts,
    estimates: turnQueues.estimates,
    turnQueues,
    admission,
    tracing,
    streams,
    publicPath: createPublicPath(options.publicUrl),
    longPolls:
      observing === undefined
        ? longPolls
        : pollWhileWaiting({ longPolls, clock, read, refreshers: observing.observeRefreshers }),
    refreshers: observing?.refreshers ?? new Map(),
    responseCache: new ResponseCache(),
    policies: policiesOf(parts.types),
    read,
    readReply: batch((keys: readonly ReplyKey[]) => store.readReplies(keys), { concurrency: MAX_CONCURRENT_READS }),
    withinTransaction: createWithinTransaction(store),
    // The commit itself batches the changes of one tick.
    commit: async (change) => {
      const [applied] = await admission.write(() => parts.commit([change]));
      return requireResult(applied);
    },
  };
}

/** Reads each distinct key once: many clients follow the same resource. */
function readDeduplicated(store: Store): (keys: readonly ResourceKey[]) => Promise<readonly (Resource | undefined)[]> {
  return async (keys) => {
    if (keys.length === 1) return store.read(keys);
    const positions = new Map<string, number>();
    const distinct: ResourceKey[] = [];
    const indexes = keys.map((key) => {
      const name = resourceKeyText(key);
      const known = positions.get(name);
      if (known !== undefined) return known;
      positions.set(name, distinct.length);
      return distinct.push(key) - 1;
    });
    const rows = await store.read(distinct);
    return indexes.map((index) => rows[index]);
  };
}
