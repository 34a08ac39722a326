import { type ResourceKey, resourceKeyText } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { EndpointContext } from "../context.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { ChangeSubscribers } from "./change-subscribers.ts";

export interface StreamRequest {
  readonly request: Pick<HttpRequest, "onGone">;
  readonly keys: readonly ResourceKey[];
  /** Types whose other resources only contribute to `haveOthersChanged`. The client may see those of all owners. */
  readonly types: ReadonlySet<string>;
  /** True if the client sees other types, too, but of these only its own resources. */
  readonly hasOwnTypes: boolean;
  /** Returns true for a resource, as `type/id`, that the client may not see. It is read again at each heartbeat. */
  readonly isHidden: (name: string) => boolean;
  /** Maximum duration of the stream. */
  readonly maxMs: number;
}

/** One batch of changes. The first contains all keys; an empty one is a keep-alive. */
export interface StreamedChanges {
  readonly changed: readonly ResourceKey[];
  /** Other resources of the types have changed since the previous batch, or its own ones may have. */
  readonly haveOthersChanged: boolean;
  readonly isHeartbeat: boolean;
}

/** Changes within this time are sent in one batch. */
const COALESCE_MS = 200;
/** Minimum interval between batches that only report changes of other resources. */
const OTHER_CHANGES_INTERVAL_MS = 2000;
/** Interval at which other own resources are reported as changed. A report of real changes would show those of other owners. */
const OWN_CHANGES_INTERVAL_MS = 10_000;

/**
 * Creates streams that end when the client disconnects, the server closes, or the time is up. Change notices wake a stream; the effect
 * of a lost notice is delayed by at most one heartbeat.
 */
export function createChangeStream(
  { clock, longPolls, options }: Pick<EndpointContext, "clock" | "longPolls" | "options">,
  subscribers: ChangeSubscribers,
): (request: StreamRequest) => AsyncGenerator<StreamedChanges> {
  return async function* streamChanges({ request, keys, types, hasOwnTypes, isHidden, maxMs }) {
    const byName = new Map(keys.map((key) => [resourceKeyText(key), key]));
    const names = [...byName.keys()];
    const pause = createPause(clock);
    const subscriber = { changed: new Set(names), ownChanges: 0, types, isHidden, onChange: pause.wake };
    const ends = [
      subscribers.subscribe(names, subscriber),
      request.onGone(pause.end),
      onAbort(longPolls.closed, pause.end),
    ];
    const startedAt = clock.monotonic();
    const endsAt = startedAt + maxMs;
    const ownIntervals = (): number =>
      hasOwnTypes ? Math.floor((clock.monotonic() - startedAt) / OWN_CHANGES_INTERVAL_MS) : 0;
    const otherChanges = (): number => subscribers.changeCount(types) - subscriber.ownChanges + ownIntervals();
    let sentOtherChanges = otherChanges();
    let heartbeatAt = startedAt;
    try {
      while (!pause.isEnded() && clock.monotonic() < endsAt) {
        const haveOthersChanged = otherChanges() !== sentOtherChanges;
        // At fixed times: a delay by other events would show changes that the client may not see.
        const isHeartbeat = clock.monotonic() >= heartbeatAt;
        while (heartbeatAt <= clock.monotonic()) heartbeatAt += options.heartbeatMs;
        if (isHeartbeat) for (const name of names) subscriber.changed.add(name);
        const changed = [...subscriber.changed].flatMap((name) => byName.get(name) ?? []);
        if (changed.length > 0 || haveOthersChanged || isHeartbeat) {
          subscriber.changed.clear();
          sentOtherChanges = otherChanges();
          yield { changed, haveOthersChanged, isHeartbeat };
        }
        if (subscriber.changed.size === 0) await pause.until(OTHER_CHANGES_INTERVAL_MS);
        if (subscriber.changed.size > 0) await pause.for(COALESCE_MS);
      }
    } finally {
      for (const end of ends) end();
    }
  };
}

function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback();
  signal.addEventListener("abort", callback, { once: true });
  return () => signal.removeEventListener("abort", callback);
}

/** An interruptible wait. */
interface Pause {
  readonly isEnded: () => boolean;
  /** Ends the current wait if it was started by `until`. */
  readonly wake: () => void;
  /** Ends the current wait and every later one. */
  readonly end: () => void;
  /** Waits until `wake` is called, for at most `ms`. */
  readonly until: (ms: number) => Promise<void>;
  /** Waits for `ms`, ignoring `wake`. */
  readonly for: (ms: number) => Promise<void>;
}

function createPause(clock: Pick<Clock, "after">): Pause {
  let isEnded = false;
  let onWake = (): void => {};
  let onEnd = (): void => {};
  const wait = async (ms: number, bind: (resolve: () => void) => void): Promise<void> => {
    if (isEnded) return;
    const waited = Promise.withResolvers<void>();
    const cancel = clock.after(ms, waited.resolve);
    onEnd = waited.resolve;
    bind(waited.resolve);
    await waited.promise;
    cancel();
  };
  return {
    isEnded: () => isEnded,
    wake: () => onWake(),
    end() {
      isEnded = true;
      onEnd();
    },
    until: (ms) => wait(ms, (resolve) => (onWake = resolve)),
    for: (ms) => wait(ms, () => {}),
  };
}
