import { kindPolicyOf } from "../../core/policy.ts";
import type { UntilOptions } from "../../core/work.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { instrumented } from "../attempt/instrumented.ts";
import { call } from "./call.ts";
import { decodeResult, encodeResult } from "./json-result.ts";
import type { Reporter } from "./report.ts";
import { idempotencyKey } from "./step-name.ts";
import { recordFailure, replay, type StepFunction } from "./step.ts";
import { beginWait, checkDuration, warnIfPastDeadline } from "./waits.ts";

/** Repeats a check until it passes, without occupying a worker between checks. */
export type Until = (name: string, check: StepFunction, options?: UntilOptions) => Promise<unknown>;

const DEFAULT_INTERVAL_MS = 5000;
/** A shorter interval would block the event loop. */
const MIN_INTERVAL_MS = 10;

export function createUntil(attempt: Attempt, reporter: Reporter): Until {
  return (name, check, { everyMs = DEFAULT_INTERVAL_MS, timeoutMs } = {}) =>
    call(attempt, name, async (record) => {
      const label = `until ${JSON.stringify(name)}`;
      checkDuration(`${label}: everyMs`, everyMs);
      if (timeoutMs !== undefined) checkDuration(`${label}: timeoutMs`, timeoutMs);
      if (record !== undefined && record.state !== "started") return replay(attempt, record);
      if (record === undefined) warnIfLate(attempt, label, everyMs, timeoutMs);
      const timeoutAt = timeoutMs === undefined ? Infinity : await beginWait(attempt, name, timeoutMs, record);
      return checkRepeatedly(attempt, { name, check, everyMs, timeoutAt, reporter });
    });
}

function warnIfLate(attempt: Attempt, label: string, everyMs: number, timeoutMs: number | undefined): void {
  if (timeoutMs !== undefined) warnIfPastDeadline(attempt, `${label} with a timeoutMs`, timeoutMs);
  // Each attempt comes here again, so an interval is compared with the whole deadline, not with the rest of it.
  const { deadlineMs } = kindPolicyOf(attempt.type.policy, attempt.grant.kind);
  if (timeoutMs === undefined && everyMs > deadlineMs) warnIfPastDeadline(attempt, `${label} with an everyMs`, everyMs);
}

interface RepeatedCheck {
  readonly name: string;
  readonly check: StepFunction;
  readonly everyMs: number;
  /** Time on the monotonic clock. */
  readonly timeoutAt: number;
  readonly reporter: Reporter;
}

async function checkRepeatedly(
  attempt: Attempt,
  { name, check, everyMs, timeoutAt, reporter }: RepeatedCheck,
): Promise<unknown> {
  const { clock, signal } = attempt;
  const key = idempotencyKey(attempt.grant.root, name, attempt.generationOf(name));
  for (;;) {
    reporter.leaveReplay();
    const result = await recordFailure(attempt, name, false, () =>
      instrumented(attempt, "check", name, async () => {
        const value = await check({ idempotencyKey: key, signal });
        return hasPassed(value) ? encodeResult(name, value) : undefined;
      }),
    );
    const hasTimedOut = clock.monotonic() >= timeoutAt;
    if (result !== undefined || hasTimedOut) {
      // No result records a timeout.
      await attempt.record({ step: name, state: "done", undo: false, ...(result === undefined ? {} : { result }) });
      return decodeResult(result);
    }
    if (attempt.aborted !== undefined && !attempt.isStopping) throw attempt.aborted;
    await attempt.activity.wait({ dueAt: Math.min(clock.monotonic() + Math.max(everyMs, MIN_INTERVAL_MS), timeoutAt) });
  }
}

function hasPassed(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
