import type { UntilOptions } from "../../core/work.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { measured } from "../attempt/measured.ts";
import { call } from "./call.ts";
import { decodeResult, encodeResult } from "./json-result.ts";
import type { Reporter } from "./report.ts";
import { idempotencyKey } from "./step-name.ts";
import { recordFailure, replayed, type StepFunction } from "./step.ts";
import { beginWait, checkDuration } from "./waits.ts";

/** Checks again and again, without holding a worker in between. */
export type Until = (name: string, check: StepFunction, options?: UntilOptions) => Promise<unknown>;

const EVERY_MS = 5000;
/** Closer checks would keep the event loop to themselves. */
const EVERY_MIN_MS = 10;

export function createUntil(attempt: Attempt, reporter: Reporter): Until {
  return (name, check, { everyMs = EVERY_MS, timeoutMs } = {}) =>
    call(attempt, name, async (record) => {
      const place = `until ${JSON.stringify(name)}`;
      checkDuration(`${place}: everyMs`, everyMs);
      if (timeoutMs !== undefined) checkDuration(`${place}: timeoutMs`, timeoutMs);
      if (record !== undefined && record.state !== "started") return replayed(attempt, record);
      const overAt = timeoutMs === undefined ? Infinity : await beginWait(attempt, name, timeoutMs, record);
      return checkAgain(attempt, { name, check, everyMs, overAt, reporter });
    });
}

interface Checked {
  readonly name: string;
  readonly check: StepFunction;
  readonly everyMs: number;
  /** On the monotonic clock. */
  readonly overAt: number;
  readonly reporter: Reporter;
}

async function checkAgain(attempt: Attempt, { name, check, everyMs, overAt, reporter }: Checked): Promise<unknown> {
  const { clock, signal } = attempt;
  const key = idempotencyKey(attempt.grant.root, name, attempt.generationOf(name));
  for (;;) {
    reporter.goOn();
    const result = await recordFailure(attempt, name, false, () =>
      measured(attempt, "check", name, async () => {
        const value = await check({ idempotencyKey: key, signal });
        return isPassed(value) ? encodeResult(name, value) : undefined;
      }),
    );
    const isOver = clock.monotonic() >= overAt;
    if (result !== undefined || isOver) {
      // Without a result it was not passed in time.
      await attempt.record({ step: name, state: "done", undo: false, ...(result === undefined ? {} : { result }) });
      return decodeResult(result);
    }
    if (attempt.aborted !== undefined) throw attempt.aborted;
    await attempt.activity.wait({ dueAt: Math.min(clock.monotonic() + Math.max(everyMs, EVERY_MIN_MS), overAt) });
  }
}

function isPassed(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
