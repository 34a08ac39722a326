import type { Change, IdempotentReply } from "../core/change.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import type { Policies } from "../core/policy.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import { type ApplyResult, type ReplyKey, type Store, requireResult } from "../core/ports/store.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../core/resource.ts";
import { batch } from "../core/scheduling/batch.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import type { MaybePromise } from "../core/scheduling/promises.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Tracing } from "../telemetry/tracing.ts";
import type { Principal } from "./access/access.ts";
import type { ExternalProcesses } from "./external/external.ts";
import type { HttpRequest, HttpResponse } from "./http/exchange.ts";
import { createLongPolls, type LongPolls } from "./long-poll/long-polls.ts";
import type { Observing } from "./observing/observing.ts";
import { pollWhileWaiting } from "./observing/poll-while-waiting.ts";
import type { Refresh } from "./observing/refresh.ts";
import type { ServerOptions } from "./options.ts";
import { type Admission, createAdmission } from "./overload/admission.ts";
import { ResponseCache } from "./representation/response-cache.ts";
import type { Commit } from "./storage/commit.ts";
import type { Estimates } from "./timing/retry-after.ts";

export interface HandlerParts {
  readonly types: readonly ResourceType[];
  /** Types that can be read and nothing else. @default none */
  readonly undeclared?: readonly ResourceType[];
  readonly store: Store;
  readonly commit: Commit;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: ServerOptions;
  readonly estimates: Estimates;
  readonly telemetry: Telemetry;
  /** @default one that nobody tells how late the event loop is */
  readonly admission?: Admission;
  /** Left out: no other process is heard over HTTP, whatever the options say. */
  readonly external?: ExternalProcesses;
  /** Left out: nobody is asked, and what is stored is shown. */
  readonly observing?: Observing;
}

/** What every endpoint answers from. Single calls are joined: what comes in one turn of the event loop is one call of the store. */
export interface EndpointContext {
  readonly options: ServerOptions;
  readonly clock: Clock;
  readonly estimates: Estimates;
  readonly store: Pick<Store, "list" | "history" | "readByOperation" | "search" | "settledCounts" | "statusCounts">;
  readonly broker: Pick<Broker, "onNotice" | "onGap">;
  readonly longPolls: LongPolls;
  readonly admission: Admission;
  readonly tracing: Tracing | undefined;
  /** How many streams of events there are. */
  readonly streams: { open: number };
  readonly external: ExternalProcesses | undefined;
  /** By type: how whoever knows more of its resources is asked. */
  readonly refreshers: ReadonlyMap<string, Refresh>;
  readonly policies: Policies;
  readonly responseCache: ResponseCache;
  /** At once where the store can. */
  readonly read: (key: ResourceKey) => MaybePromise<Resource | undefined>;
  readonly readReply: (key: ReplyKey) => Promise<IdempotentReply | undefined>;
  readonly commit: (change: Change) => Promise<ApplyResult>;
}

/** One request on its way to an endpoint. */
export interface EndpointRequest {
  readonly http: HttpRequest;
  readonly principal: Principal | undefined;
  /** Of the resource or operation; empty for a collection. */
  readonly id: string;
  /** The `traceparent` that goes on with what the request begins. */
  readonly traceparent: string | undefined;
}

export type Endpoint = (request: EndpointRequest) => HttpResponse | Promise<HttpResponse>;

/** How many calls of each kind may be under way at once. A store that reads in this process needs one, one beyond it hides its latency by several. */
const MAX_CONCURRENT_READS = 4;

const WAITING_REQUESTS = {
  name: "afoot.requests.waiting",
  unit: "{request}",
  description: "Requests kept waiting by their own wish, streams of events among them.",
};
const OPEN_STREAMS = { name: "afoot.streams", unit: "{stream}", description: "Open streams of events." };

export function createEndpointContext({
  types,
  store,
  commit,
  broker,
  clock,
  log,
  options,
  estimates,
  telemetry,
  admission = createAdmission({ clock, targetMs: options.queueMs }),
  external: external,
  observing: observing,
}: HandlerParts): EndpointContext {
  const read = store.readNow?.bind(store) ?? batch(readDeduplicated(store), { concurrency: MAX_CONCURRENT_READS });
  const longPolls = createLongPolls({
    broker,
    clock,
    log,
    read,
    max: options.maxLongPolls,
    maxPerPrincipal: options.maxLongPollsPerPrincipal,
    recheckMs: options.recheckMs,
  });
  const { metrics, tracing } = telemetry;
  metrics.gauge(WAITING_REQUESTS, () => [[longPolls.size(), {}]]);
  const streams = { open: 0 };
  metrics.gauge(OPEN_STREAMS, () => [[streams.open, {}]]);
  return {
    admission,
    tracing,
    streams,
    options,
    clock,
    estimates,
    store,
    broker,
    longPolls:
      observing === undefined
        ? longPolls
        : pollWhileWaiting({ hub: longPolls, clock, read, refreshers: observing.observeRefreshers }),
    external: external,
    refreshers: observing?.refreshers ?? new Map(),
    responseCache: new ResponseCache(),
    policies: new Map(types.map(({ name, policy }) => [name, policy])),
    read,
    readReply: batch((keys: readonly ReplyKey[]) => store.readReplies(keys), { concurrency: MAX_CONCURRENT_READS }),
    // The commit itself joins what comes in one turn.
    commit: async (change) => {
      const [applied] = await admission.write(() => commit([change]));
      return requireResult(applied);
    },
  };
}

/** Many clients follow the same resource: it is read once for all of them. */
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
