import { useEffect, useEffectEvent } from "react";
import type { Summary } from "../../server/dashboard/shapes.ts";
import { useCredentials } from "./credentials.ts";
import { readEvents } from "./events.ts";
import { queryString } from "./queries.ts";
import { sendRequest, RequestError } from "./request.ts";

export interface ChangeStreamOptions {
  /** Paths of the types whose other resources are watched too. Empty for all types. */
  readonly types: string;
  /** `path/id` of each visible resource. */
  readonly resources: readonly string[];
  readonly onResource: (summary: Summary) => void;
  readonly onGone: (name: string) => void;
  /** Called when resources other than the visible ones have changed. */
  readonly onOthersChanged?: () => void;
  /** Called when the stream connects or disconnects. */
  readonly onConnection?: (isConnected: boolean) => void;
}

const RECONNECT_DELAY_MS = 3000;

/** Subscribes to changes while the component is mounted and the page is visible. */
export function useChangeStream({
  types,
  resources,
  onResource,
  onGone,
  onOthersChanged,
  onConnection,
}: ChangeStreamOptions): void {
  const { token, isNeeded } = useCredentials();
  const query = queryString({ type: types, resources: resources.join(",") });
  const onStreamEvent = useEffectEvent((event: string, data: unknown): void => {
    if (event === "others-changed") onOthersChanged?.();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- page and server have the same version
    if (event === "resource") onResource(data as Summary);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
    if (event === "gone") onGone(resourceKey(data as Pick<Summary, "path" | "id">));
  });
  const onStreamConnection = useEffectEvent((isConnected: boolean) => onConnection?.(isConnected));

  useEffect(() => {
    if (isNeeded) return undefined;
    const abortController = new AbortController();
    void keepConnected(query, {
      signal: abortController.signal,
      onEvent: onStreamEvent,
      onConnection: onStreamConnection,
    });
    return () => abortController.abort();
  }, [query, token, isNeeded]);
}

export function resourceKey({ path, id }: Pick<Summary, "path" | "id">): string {
  return `${path}/${id}`;
}

interface StreamOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: string, data: unknown) => void;
  readonly onConnection: (isConnected: boolean) => void;
}

/** Reopens the stream whenever it ends. */
async function keepConnected(query: string, { signal, onEvent, onConnection }: StreamOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      await untilVisible(signal);
      const response = await sendRequest(`watch?${query}`, { accept: "text/event-stream" }, signal);
      onConnection(true);
      for await (const { event, data } of readEvents(response, signal)) onEvent(event, data);
    } catch (error) {
      if (signal.aborted) return;
      onConnection(false);
      // A rejected request stays rejected until the query or the token changes.
      if (error instanceof RequestError && error.status >= 400 && error.status < 500) return;
      await pause(RECONNECT_DELAY_MS);
    }
  }
}

/** Waits until the tab is visible. A tab in the background has no stream. */
async function untilVisible(signal: AbortSignal): Promise<void> {
  while (document.visibilityState === "hidden" && !signal.aborted) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

async function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
