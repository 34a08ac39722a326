import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

export interface EventuallyOptions {
  /** The limit after which the test fails. @default 60_000 */
  readonly timeoutMs?: number;
  /** The pause between two checks. @default 20 */
  readonly intervalMs?: number;
  /** Waits between two checks, in place of `intervalMs`. */
  readonly pause?: () => Promise<unknown>;
}

/**
 * Repeats `check` until it returns a value that is neither false nor undefined, and returns that value. A check that throws fails the
 * test at once. The test fails after `timeoutMs` with the name of what it waited for and the last value.
 *
 * @param what completes the sentence "waited for ..."
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  { timeoutMs = 60_000, intervalMs = 20, pause = () => delay(intervalMs) }: EventuallyOptions = {},
): Promise<Exclude<Awaited<T>, false | undefined>> {
  const startedAt = performance.now();
  for (;;) {
    const value = await check();
    if (value !== false && value !== undefined) return value as Exclude<Awaited<T>, false | undefined>;
    const waitedMs = performance.now() - startedAt;
    assert.ok(waitedMs < timeoutMs, `waited ${Math.round(waitedMs)} ms for ${what}; last value: ${String(value)}`);
    await pause();
  }
}
