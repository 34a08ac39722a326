import type { Clock } from "../../../core/scheduling/clock.ts";

/** Waits, until aborted at most. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const over = Promise.withResolvers<void>();
  const end = (): void => over.resolve();
  const takeBack = clock.after(ms, end);
  signal.addEventListener("abort", end, { once: true });
  await over.promise;
  signal.removeEventListener("abort", end);
  takeBack();
}
