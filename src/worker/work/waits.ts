import { isJsonObject } from "../../core/json/json.ts";
import { kindPolicyOf } from "../../core/policy.ts";
import type { StepRecord } from "../../core/resource.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { usageError } from "../attempt/failure.ts";

/** Maximum duration of a wait within the attempt: suspending and claiming again would take longer. */
export const MAX_SHORT_WAIT_MS = 50;

/**
 * Starts or resumes a wait with a duration. The first call commits the duration, which counts from that commit on the server's
 * clock, so that neither a restart nor the clock of another worker changes the end.
 *
 * @returns the end of the wait on this process's monotonic clock
 */
export async function beginWait(
  attempt: Attempt,
  step: string,
  ms: number,
  record: StepRecord | undefined,
): Promise<number> {
  const { clock } = attempt;
  const waitMs = record === undefined ? undefined : waitMsOf(record);
  if (record !== undefined && waitMs !== undefined) {
    // Capped at the full duration, because the clock of the server may have been set back in between.
    return clock.monotonic() + Math.min(waitMs, record.at + waitMs - attempt.serverNow);
  }
  await attempt.record({ step, state: "started", undo: false, result: JSON.stringify({ waitMs: ms }) });
  return clock.monotonic() + ms;
}

/** Warns at once if a wait ends after the deadline of its operation, which then fails, possibly days later. */
export function warnIfPastDeadline(attempt: Attempt, label: string, ms: number): void {
  const { operation, type, id, kind, deadlineAt } = attempt.grant;
  const remainingMs = Math.max(0, Math.round(deadlineAt - attempt.serverNow));
  if (ms <= remainingMs) return;
  const { deadlineMs } = kindPolicyOf(attempt.type.policy, kind);
  attempt.log.warn(
    { operation, type, id, kind, waitMs: ms, remainingMs, deadlineMs },
    `${label} of ${ms} ms ends after the deadline of the operation, which fails in ${remainingMs} ms; raise deadlineMs (${deadlineMs}) of ${type}: ${kind}`,
  );
}

/** Returns true if a wait ended before this attempt was granted: then its grant has every message received in time. */
export function hadElapsed({ grant }: Attempt, record: StepRecord | undefined): boolean {
  const waitMs = record === undefined ? undefined : waitMsOf(record);
  return record !== undefined && waitMs !== undefined && record.at + waitMs <= grant.at;
}

/** Throws if `value` is not a duration. */
export function checkDuration(label: string, value: unknown): asserts value is number {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return;
  throw usageError(
    "invalid-duration",
    `${label} must be a number of milliseconds, zero or more; received ${String(value)}.`,
  );
}

function waitMsOf({ result }: StepRecord): number | undefined {
  const recorded: unknown = result === null ? undefined : JSON.parse(result);
  const waitMs = isJsonObject(recorded) ? recorded["waitMs"] : undefined;
  return typeof waitMs === "number" ? waitMs : undefined;
}
