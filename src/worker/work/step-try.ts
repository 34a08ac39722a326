import { WorkError } from "../../core/errors.ts";
import { backoffMs, DEFAULT_BACKOFF } from "../../core/scheduling/backoff.ts";
import { pause } from "../../core/scheduling/pause.ts";
import type { StepOptions, StepRun } from "../../core/work.ts";
import { type Attempt, ABORT_GRACE_MS } from "../attempt/attempt.ts";
import { isWorkError } from "../attempt/failure.ts";

export interface TriedStep<Result> {
  readonly name: string;
  readonly key: string;
  readonly options: Pick<StepOptions<never>, "retry" | "timeoutMs">;
  readonly run: (run: StepRun) => Promise<Result>;
}

/** Runs a step with retries and backoff, and throws the error of the last try. */
export async function tryStep<Result>(attempt: Attempt, step: TriedStep<Result>): Promise<Result> {
  const { attempts = 1, ...pauses } = step.options.retry ?? {};
  for (let tries = 1; ; tries++) {
    try {
      return await tryOnce(attempt, step);
    } catch (error) {
      const isFinal = isWorkError(error) && !error.retryable;
      if (isFinal || tries >= attempts || attempt.aborted !== undefined) throw error;
      const { operation, attempt: number } = attempt.key;
      attempt.log.debug({ error, operation, attempt: number, step: step.name, tries }, "step failed; retrying");
      await pauseUnlessAborted(attempt, backoffMs({ ...DEFAULT_BACKOFF, ...pauses }, tries, attempt.clock.random()));
    }
  }
}

async function tryOnce<Result>(attempt: Attempt, { name, key, options, run }: TriedStep<Result>): Promise<Result> {
  const { timeoutMs } = options;
  if (timeoutMs === undefined) return run({ idempotencyKey: key, signal: attempt.signal });
  const controller = new AbortController();
  const abandoned = Promise.withResolvers<never>();
  const timedOut = new WorkError(`The step ${JSON.stringify(name)} took longer than ${timeoutMs} ms.`, {
    code: "step-timed-out",
  });
  const removeListener = attempt.onAbort((reason) => {
    controller.abort(reason);
  });
  let cancelTimer = attempt.clock.after(timeoutMs, () => {
    controller.abort(timedOut);
    // Wait for the aborted try, because it may still have effects that the next try would repeat.
    cancelTimer = attempt.clock.after(ABORT_GRACE_MS, () => abandoned.reject(timedOut));
  });
  try {
    return await Promise.race([run({ idempotencyKey: key, signal: controller.signal }), abandoned.promise]);
  } catch (error) {
    throw controller.signal.reason === timedOut ? timedOut : error;
  } finally {
    cancelTimer();
    removeListener();
  }
}

async function pauseUnlessAborted(attempt: Attempt, ms: number): Promise<void> {
  const ended = new AbortController();
  const removeListener = attempt.onAbort((reason) => ended.abort(reason));
  await pause(attempt.clock, ms, ended.signal);
  removeListener();
  ended.signal.throwIfAborted();
}
