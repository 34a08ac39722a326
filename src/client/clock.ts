import type { Clock } from "../core/scheduling/clock.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock, with timers that keep a process alive: one that waits for a resource has something to do. */
export const clientClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Resolves after `ms`; rejects with the signal's reason when that is aborted first. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = clock.after(ms, resolve);
  const unbind = onAbort(signal, reject);
  try {
    await promise;
  } finally {
    stop();
    unbind();
  }
}

/** Calls back when the signal is aborted, at once where it is already. The returned function takes it back. */
export function onAbort(signal: AbortSignal | undefined, callback: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const listener = (): void => {
    callback(signal.reason);
  };
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener, { once: true });
  return () => {
    signal.removeEventListener("abort", listener);
  };
}
