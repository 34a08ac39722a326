import { useEffect, useEffectEvent } from "react";
import type { Summary } from "../../server/dashboard/shapes.ts";
import { ask, AskError } from "./ask.ts";
import { useCredentials } from "./credentials.ts";
import { readEvents } from "./events.ts";
import { queryOf } from "./queries.ts";

export interface Watching {
  /** Paths of the types of which others are watched too; empty for all. */
  readonly types: string;
  /** `path/id` of each that is shown. */
  readonly names: readonly string[];
  readonly onResource: (summary: Summary) => void;
  readonly onGone: (name: string) => void;
  /** Others have changed. */
  readonly onNews?: () => void;
  /** Whether anything is heard at the moment. */
  readonly onConnection?: (isHeard: boolean) => void;
}

const AGAIN_MS = 3000;

/** Hears of changes for as long as the component is there and the page is looked at. */
export function useWatch({ types, names, onResource, onGone, onNews, onConnection }: Watching): void {
  const { token, isNeeded } = useCredentials();
  const query = queryOf({ type: types, resources: names.join(",") });
  const heard = useEffectEvent((event: string, data: unknown): void => {
    if (event === "news") onNews?.();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server is of the same version as the page
    if (event === "resource") onResource(data as Summary);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
    if (event === "gone") onGone(nameOf(data as Pick<Summary, "path" | "id">));
  });
  const connected = useEffectEvent((isHeard: boolean) => onConnection?.(isHeard));

  useEffect(() => {
    if (isNeeded) return undefined;
    const ending = new AbortController();
    void follow(query, { signal: ending.signal, heard, connected });
    return () => ending.abort();
  }, [query, token, isNeeded]);
}

export function nameOf({ path, id }: Pick<Summary, "path" | "id">): string {
  return `${path}/${id}`;
}

interface Following {
  readonly signal: AbortSignal;
  readonly heard: (event: string, data: unknown) => void;
  readonly connected: (isHeard: boolean) => void;
}

/** Opens the stream again whenever it ends. */
async function follow(query: string, { signal, heard, connected }: Following): Promise<void> {
  while (!signal.aborted) {
    try {
      await visible(signal);
      const answer = await ask(`watch?${query}`, { accept: "text/event-stream" }, signal);
      connected(true);
      for await (const { event, data } of readEvents(answer, signal)) heard(event, data);
    } catch (error) {
      if (signal.aborted) return;
      connected(false);
      // A refusal stays one until something is changed here.
      if (error instanceof AskError && error.status >= 400 && error.status < 500) return;
      await pause(AGAIN_MS);
    }
  }
}

/** A tab in the background hears nothing, and costs nothing. */
async function visible(signal: AbortSignal): Promise<void> {
  while (document.visibilityState === "hidden" && !signal.aborted) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

async function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
