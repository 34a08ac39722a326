import type { ResourceKey } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { EndpointContext } from "../context.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { Watchers } from "./change-subscribers.ts";

export interface Watched {
  readonly request: Pick<HttpRequest, "onGone">;
  readonly keys: readonly ResourceKey[];
  /** The types of which others are watched. */
  readonly types: readonly string[];
  /** How long at most. */
  readonly ms: number;
}

/** What there is to say, at the beginning all of it; nothing, from time to time, so that it is known to go on. */
export interface Said {
  readonly changed: readonly ResourceKey[];
  /** Others have changed since that was said last. */
  readonly isNews: boolean;
}

/** What changes within this time is said together. */
const GATHER_MS = 200;
/** How often at most it is said that others have changed. */
const NEWS_MS = 2000;

/** Watches until the client is gone, the server closes, or the time is up. Woken by change notices; a lost one costs a heartbeat. */
export function createWatching(
  { clock, hub, options }: Pick<EndpointContext, "clock" | "hub" | "options">,
  watchers: Watchers,
): (watched: Watched) => AsyncGenerator<Said> {
  return async function* watch({ request, keys, types, ms }) {
    const byName = new Map(keys.map((key) => [`${key.type}/${key.id}`, key]));
    const names = [...byName.keys()];
    const pause = createPause(clock);
    const watcher = { changed: new Set(names), own: 0, onChange: pause.wake };
    const ends = [watchers.watch(names, watcher), request.onGone(pause.end), onAbort(hub.closed, pause.end)];
    const endsAt = clock.monotonic() + ms;
    const others = (): number => watchers.changesOf(types) - watcher.own;
    let seen = others();
    let saidAt = -Infinity;
    try {
      while (!pause.isOver() && clock.monotonic() < endsAt) {
        const isNews = others() !== seen;
        const isSilent = clock.monotonic() - saidAt >= options.heartbeatMs;
        if (isSilent) for (const name of names) watcher.changed.add(name);
        const changed = [...watcher.changed].flatMap((name) => byName.get(name) ?? []);
        if (changed.length > 0 || isNews || isSilent) {
          watcher.changed.clear();
          seen = others();
          saidAt = clock.monotonic();
          yield { changed, isNews };
        }
        if (watcher.changed.size === 0) await pause.until(NEWS_MS);
        if (watcher.changed.size > 0) await pause.for(GATHER_MS);
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

/** Waiting that can be cut short. */
interface Pause {
  readonly isOver: () => boolean;
  /** Ends the wait under way. */
  readonly wake: () => void;
  /** Ends every wait, from now on. */
  readonly end: () => void;
  /** Waits until woken, or so long. */
  readonly until: (ms: number) => Promise<void>;
  /** Waits so long, woken or not. */
  readonly for: (ms: number) => Promise<void>;
}

function createPause(clock: Pick<Clock, "after">): Pause {
  let isOver = false;
  let onWake = (): void => {};
  let onEnd = (): void => {};
  const wait = async (ms: number, bind: (resolve: () => void) => void): Promise<void> => {
    if (isOver) return;
    const waited = Promise.withResolvers<void>();
    const cancel = clock.after(ms, waited.resolve);
    onEnd = waited.resolve;
    bind(waited.resolve);
    await waited.promise;
    cancel();
  };
  return {
    isOver: () => isOver,
    wake: () => onWake(),
    end() {
      isOver = true;
      onEnd();
    },
    until: (ms) => wait(ms, (resolve) => (onWake = resolve)),
    for: (ms) => wait(ms, () => {}),
  };
}
