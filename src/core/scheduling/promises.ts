import type { Clock } from "./clock.ts";

/** What a promise resolves to, or undefined where it is not settled in time. */
export async function withTimeout<Value>(
  clock: Clock,
  ms: number,
  promise: Promise<Value>,
): Promise<Value | undefined> {
  return (await resolvesWithin(clock, ms, promise)) ? promise : undefined;
}

/** Waits for a promise, at most so long. True when it was settled in time. */
export async function resolvesWithin(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const takeBack = clock.after(Math.max(0, ms), () => late.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    takeBack();
  }
}

/** A value that is there already, or will be: what needs no waiting is not made to wait for a turn of its own. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** Goes on with a value: at once where it is there. */
export function thenSync<Value, Result>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Result>,
): MaybePromise<Result> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- `next` is what happens next, whether there is a promise or not
  return value instanceof Promise ? value.then(next) : next(value);
}
