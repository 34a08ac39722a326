import type { Clock } from "./clock.ts";

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
