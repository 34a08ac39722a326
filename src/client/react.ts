import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { EMPTY_VIEW, type SharedFollowOptions, type View } from "./following/shared-following.ts";
import { createSubscription, EMPTY_SUBSCRIPTION, type ResourceActions } from "./following/subscription.ts";

export type { Reader, Reading, Snapshot } from "./following/reading.ts";
export type { Retry } from "./http/send.ts";
export type { ResourceActions } from "./following/subscription.ts";
export type { SharedFollowOptions as SharedOptions, View } from "./following/shared-following.ts";
export type { FollowedState, ResourceError } from "./following/state.ts";
export type { HeadersInput, TransportOptions } from "./http/transport.ts";
export type { WriteOptions } from "./http/write.ts";

/**
 * Options of one component. Functions may be inline: a shared poll calls those of the component that subscribed last.
 * `maxLongPolls` and `clock` of the component that subscribed first apply.
 */
export interface UseResourceOptions extends SharedFollowOptions {
  /** Stops following for this component, which keeps its latest view. The resource is not affected. */
  readonly signal?: AbortSignal | undefined;
}

/** The current view of a resource, and functions that change the resource. */
export interface UseResourceResult<Representation> extends View<Representation>, ResourceActions {}

/**
 * Follows a resource while the component is mounted, and renders the component after each change. All components of a
 * page that follow one URL with the same plain headers share one poll. Nothing is sent while rendering on a server.
 *
 * `Representation` is the type that you expect; it is not validated.
 *
 * @param url null if there is nothing to follow yet, such as before the resource is created
 */
export function useResource<Representation = unknown>(
  url: string | URL | null,
  options: UseResourceOptions = {},
): UseResourceResult<Representation> {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { signal } = options;
  const address = url === null ? null : String(url);
  const key = keyOf(address, options);
  const subscription = useMemo(
    () =>
      address === null
        ? EMPTY_SUBSCRIPTION
        : createSubscription({ url: address, key, signal, options: () => latest.current }),
    [address, key, signal],
  );
  const view = useSyncExternalStore(subscription.subscribe, subscription.view, emptyView);
  const { actions } = subscription;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names the type that it expects of another API
  return useMemo(() => ({ ...view, ...actions }) as UseResourceResult<Representation>, [view, actions]);
}

function emptyView(): View {
  return EMPTY_VIEW;
}

/** Includes the headers, because other credentials may get another representation. */
function keyOf(address: string | null, { headers = {} }: UseResourceOptions): string {
  const plain = typeof headers === "function" ? null : [...new Headers(headers)];
  return JSON.stringify([address, plain]);
}
