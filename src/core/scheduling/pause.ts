import type { Clock } from "./clock.ts";

/**
 * Resolves after `ms`, or as soon as the signal is aborted: a caller for which an abort is an error checks the signal
 * afterwards.
 */
export async function pause(clock: Pick<Clock, "after">, ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancelTimer = clock.after(ms, resolve);
  const removeListener = onAbort(signal, () => resolve());
  try {
    await promise;
  } finally {
    cancelTimer();
    removeListener();
  }
}

/** Calls back when the signal is aborted, at once if it is already. The returned function removes the listener. */
export function onAbort(signal: AbortSignal | undefined, callback: (reason: unknown) => void): () => void {
  const listener = (): void => callback(signal?.reason);
  if (signal?.aborted === true) listener();
  else signal?.addEventListener("abort", listener, { once: true });
  return () => signal?.removeEventListener("abort", listener);
}
