import { isJsonObject } from "../../core/json/json.ts";
import type { StepRecord } from "../../core/resource.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { misuse } from "../attempt/failure.ts";

/** A wait this short is waited for in the attempt: ending it and claiming the next would take longer. */
export const SHORT_MS = 50;

/**
 * Begins a wait that has an end, or goes on with it: how long it takes is committed at its first call, and counts from that
 * commit on the server's clock, so that neither a restart nor the clock of another worker changes it.
 *
 * @returns the instant on this process's monotonic clock at which it is over
 */
export async function beginWait(
  attempt: Attempt,
  step: string,
  ms: number,
  record: StepRecord | undefined,
): Promise<number> {
  const { clock } = attempt;
  const begun = record === undefined ? undefined : waitMsOf(record);
  if (record !== undefined && begun !== undefined) {
    // The clock of the server may have been set back in between: never longer than asked for.
    return clock.monotonic() + Math.min(begun, record.at + begun - attempt.serverNow);
  }
  await attempt.record({ step, state: "started", undo: false, result: JSON.stringify({ waitMs: ms }) });
  return clock.monotonic() + ms;
}

/** True where a wait was over before this attempt was granted, so that it was given everything received in time. */
export function wasOver({ grant }: Attempt, record: StepRecord | undefined): boolean {
  const waitMs = record === undefined ? undefined : waitMsOf(record);
  return record !== undefined && waitMs !== undefined && record.at + waitMs <= grant.at;
}

/** Throws unless `value` is a duration. */
export function checkDuration(place: string, value: unknown): asserts value is number {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return;
  throw misuse("invalid-duration", `${place}: ${String(value)} is not a number of milliseconds of zero or more.`);
}

function waitMsOf({ result }: StepRecord): number | undefined {
  const begun: unknown = result === null ? undefined : JSON.parse(result);
  const waitMs = isJsonObject(begun) ? begun["waitMs"] : undefined;
  return typeof waitMs === "number" ? waitMs : undefined;
}
