import { onAbort } from "../../core/scheduling/pause.ts";
import { createTransport } from "../http/transport.ts";
import { write, type WriteOptions } from "../http/write.ts";
import { followingOf, lookOn, NOTHING, type SharedOptions, type View } from "./shared-following.ts";

/** What a component can do to the resource that it shows. Each function stays the same object while the URL does. */
export interface ResourceActions {
  /**
   * Asks to cancel what is in progress. The state shows when it is cancelled; a success already on its way still wins.
   *
   * @throws ProblemError, such as `settled` when there is nothing to cancel; UnreachableError after `timeoutMs`
   */
  readonly cancel: (options?: WriteOptions) => Promise<void>;
  /** Begins anew what failed or was cancelled. @throws ProblemError, UnreachableError */
  readonly retry: (options?: WriteOptions) => Promise<void>;
  /** Asks the server anew, also when the resource is settled: somebody else may have changed it. */
  readonly refresh: () => void;
}

export interface SeatOptions {
  readonly url: string;
  /** Seats of one key share one poll. */
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly options: () => SharedOptions;
}

/** One component's place before a resource: an external store in React's sense, and what can be done from there. */
export interface Seat {
  readonly subscribe: (onChange: () => void) => () => void;
  readonly view: () => View;
  readonly actions: ResourceActions;
}

export function createSeat({ url, key, signal, options }: SeatOptions): Seat {
  let last = NOTHING;

  const post = async (path: string, writeOptions: WriteOptions = {}): Promise<void> => {
    const target = url.replace(/\/*(?:[?#].*)?$/s, path);
    const answer = await write(createTransport(options()), { method: "POST", url: target }, writeOptions);
    followingOf(key)?.accept(answer);
  };

  const view = (): View => {
    // What was seen last stays to be seen once the signal has ended the following.
    if (signal?.aborted !== true) last = followingOf(key)?.view ?? last;
    return last;
  };

  return {
    view,
    subscribe(onChange) {
      if (signal?.aborted === true) return () => {};
      const leave = lookOn(key, url, { onChange, options });
      const unbind = onAbort(signal, leave);
      return () => {
        unbind();
        leave();
      };
    },
    actions: {
      cancel: (writeOptions) => post("/cancel", writeOptions),
      retry: (writeOptions) => post("/retry", writeOptions),
      refresh: () => followingOf(key)?.refresh(),
    },
  };
}

/** For a component that has nothing to follow yet. */
export const EMPTY_SEAT: Seat = {
  view: () => NOTHING,
  subscribe: () => () => {},
  actions: { cancel: nothingThere, retry: nothingThere, refresh: () => {} },
};

async function nothingThere(): Promise<void> {
  throw new TypeError("useResource: url: there is none yet, so nothing can be cancelled or retried");
}
