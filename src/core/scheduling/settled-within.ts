import type { Clock } from "../ports/clock.ts";

/** What a promise resolves to, or undefined where it is not settled in time. */
export async function valueWithin<Value>(
  clock: Clock,
  ms: number,
  promise: Promise<Value>,
): Promise<Value | undefined> {
  return (await settledWithin(clock, ms, promise)) ? promise : undefined;
}

/** Waits for a promise, at most so long. True when it was settled in time. */
export async function settledWithin(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const takeBack = clock.after(Math.max(0, ms), () => late.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    takeBack();
  }
}
