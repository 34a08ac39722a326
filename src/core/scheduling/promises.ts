import type { Clock } from "./clock.ts";

/** Resolves to the value of a promise, or to undefined after the timeout. */
export async function withTimeout<Value>(
  clock: Clock,
  ms: number,
  promise: Promise<Value>,
): Promise<Value | undefined> {
  return (await resolvesWithin(clock, ms, promise)) ? promise : undefined;
}

/**
 * Waits for a promise until a timeout. Resolves to true if the promise resolved in time; rejects if it rejected in
 * time.
 */
export async function resolvesWithin(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const elapsed = Promise.withResolvers<boolean>();
  const cancelTimer = clock.after(Math.max(0, ms), () => elapsed.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), elapsed.promise]);
  } finally {
    cancelTimer();
  }
}

/** A value or a promise of it. A value that is available at once does not have to wait for a microtask. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** Calls `next` with a value: synchronously if it is available, else once its promise resolves. */
export function thenMaybe<Value, Result>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Result>,
): MaybePromise<Result> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- `next` runs with or without a promise
  return value instanceof Promise ? value.then(next) : next(value);
}
