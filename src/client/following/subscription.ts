import { onAbort } from "../../core/scheduling/pause.ts";
import { createTransport } from "../http/transport.ts";
import { write, type WriteOptions } from "../http/write.ts";
import { findFollowing, subscribe, EMPTY_VIEW, type SharedFollowOptions, type View } from "./shared-following.ts";

/** Functions that change the resource of a component. Each function stays the same object while the URL is the same. */
export interface ResourceActions {
  /**
   * Requests cancellation of the operation in progress. The state shows when it is cancelled, unless the operation
   * succeeds first.
   *
   * @throws ProblemError, such as `settled` if nothing is in progress; UnreachableError after `timeoutMs`
   */
  readonly cancel: (options?: WriteOptions) => Promise<void>;
  /** Retries the operation that failed or was cancelled. @throws ProblemError, UnreachableError */
  readonly retry: (options?: WriteOptions) => Promise<void>;
  /** Requests the current state, also of a settled resource, which another client may have changed. */
  readonly refresh: () => void;
}

export interface SubscriptionOptions {
  readonly url: string;
  /** Subscriptions with the same key share one poll. */
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly options: () => SharedFollowOptions;
}

/** One component's subscription to a resource: an external store in React's sense, and the actions on the resource. */
export interface ResourceSubscription {
  readonly subscribe: (onChange: () => void) => () => void;
  readonly view: () => View;
  readonly actions: ResourceActions;
}

export function createSubscription({ url, key, signal, options }: SubscriptionOptions): ResourceSubscription {
  let last = EMPTY_VIEW;

  const post = async (path: string, writeOptions: WriteOptions = {}): Promise<void> => {
    const target = url.replace(/\/*(?:[?#].*)?$/s, path);
    const reply = await write(createTransport(options()), { method: "POST", url: target }, writeOptions);
    findFollowing(key)?.accept(reply);
  };

  const view = (): View => {
    // After the signal has ended the following, the latest view is kept.
    if (signal?.aborted !== true) last = findFollowing(key)?.view ?? last;
    return last;
  };

  return {
    view,
    subscribe(onChange) {
      if (signal?.aborted === true) return () => {};
      const unsubscribe = subscribe(key, url, { onChange, options });
      const unbind = onAbort(signal, unsubscribe);
      return () => {
        unbind();
        unsubscribe();
      };
    },
    actions: {
      cancel: (writeOptions) => post("/cancel", writeOptions),
      retry: (writeOptions) => post("/retry", writeOptions),
      refresh: () => findFollowing(key)?.refresh(),
    },
  };
}

/** The subscription of a component without a URL. */
export const EMPTY_SUBSCRIPTION: ResourceSubscription = {
  view: () => EMPTY_VIEW,
  subscribe: () => () => {},
  actions: { cancel: rejectWithoutUrl, retry: rejectWithoutUrl, refresh: () => {} },
};

async function rejectWithoutUrl(): Promise<void> {
  throw new TypeError(
    "useResource: url is null, so there is nothing to cancel or retry. Pass the URL of a resource first.",
  );
}
