import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { NOTHING, type SharedOptions, type View } from "./following/shared-following.ts";
import { createSeat, EMPTY_SEAT, type ResourceActions } from "./following/subscription.ts";

export type { Reader, Reading, Snapshot } from "./following/reading.ts";
export type { Retry } from "./http/send.ts";
export type { ResourceActions } from "./following/subscription.ts";
export type { SharedOptions, View } from "./following/shared-following.ts";
export type { FollowedState, ResourceError } from "./following/state.ts";
export type { HeadersInput, TransportOptions } from "./http/transport.ts";
export type { WriteOptions } from "./http/write.ts";

/**
 * How a component follows a resource. Functions may be written in place: those of the last component to come are asked for all
 * that share its poll. `maxHeld` and `clock` are the first one's.
 */
export interface UseResourceOptions extends SharedOptions {
  /** Ends the following for this component, which goes on showing what it saw last. The resource goes on too. */
  readonly signal?: AbortSignal | undefined;
}

/** A resource as it is now, and what can be done to it. */
export interface UsedResource<Representation> extends View<Representation>, ResourceActions {}

/**
 * Follows a resource for as long as the component is mounted, and renders it with every change. All components of a page that
 * follow one URL with the same plain headers share one poll. Nothing is sent while rendering on a server.
 *
 * `Representation` is what you expect, not what was checked.
 *
 * @param url null while there is nothing to follow, such as before the resource is created
 */
export function useResource<Representation = unknown>(
  url: string | URL | null,
  options: UseResourceOptions = {},
): UsedResource<Representation> {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { signal } = options;
  const address = url === null ? null : String(url);
  const key = keyOf(address, options);
  const seat = useMemo(
    () => (address === null ? EMPTY_SEAT : createSeat({ url: address, key, signal, options: () => latest.current })),
    [address, key, signal],
  );
  const view = useSyncExternalStore(seat.subscribe, seat.view, nothing);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names what it expects of a foreign API
  return useMemo(() => ({ ...view, ...seat.actions }) as UsedResource<Representation>, [view, seat]);
}

function nothing(): View {
  return NOTHING;
}

/** Other credentials may be shown something else. */
function keyOf(address: string | null, { headers = {} }: UseResourceOptions): string {
  const plain = typeof headers === "function" ? null : [...new Headers(headers)];
  return JSON.stringify([address, plain]);
}
