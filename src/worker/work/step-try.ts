import { WorkError } from "../../core/errors.ts";
import { backoffMs, DEFAULT_BACKOFF } from "../../core/scheduling/backoff.ts";
import type { StepOptions, StepRun } from "../../core/work.ts";
import { type Attempt, SETTLE_GRACE_MS } from "../attempt/attempt.ts";
import { isWorkError } from "../attempt/failure.ts";

export interface TriedStep<Result> {
  readonly name: string;
  readonly key: string;
  readonly options: Pick<StepOptions<never>, "retry" | "timeoutMs">;
  readonly run: (run: StepRun) => Promise<Result>;
}

/** Tries a step as often as it may be tried, with pauses between, and throws what the last try threw. */
export async function tryStep<Result>(attempt: Attempt, step: TriedStep<Result>): Promise<Result> {
  const { attempts = 1, ...pauses } = step.options.retry ?? {};
  for (let tries = 1; ; tries++) {
    try {
      return await tryOnce(attempt, step);
    } catch (error) {
      const isFinal = isWorkError(error) && !error.retryable;
      if (isFinal || tries >= attempts || attempt.aborted !== undefined) throw error;
      const { operation, attempt: number } = attempt.key;
      attempt.log.debug(
        { error, operation, attempt: number, step: step.name, tries },
        "a step failed and is tried again",
      );
      await pause(attempt, backoffMs({ ...DEFAULT_BACKOFF, ...pauses }, tries, attempt.clock.random()));
    }
  }
}

async function tryOnce<Result>(attempt: Attempt, { name, key, options, run }: TriedStep<Result>): Promise<Result> {
  const { timeoutMs } = options;
  if (timeoutMs === undefined) return run({ idempotencyKey: key, signal: attempt.signal });
  const controller = new AbortController();
  const givenUp = Promise.withResolvers<never>();
  const timedOut = new WorkError(`The step ${JSON.stringify(name)} took longer than ${timeoutMs} ms.`, {
    code: "step-timed-out",
  });
  const forget = attempt.onAbort((reason) => {
    controller.abort(reason);
  });
  let takeBack = attempt.clock.after(timeoutMs, () => {
    controller.abort(timedOut);
    // Until it has settled it may still do what the next try would do again.
    takeBack = attempt.clock.after(SETTLE_GRACE_MS, () => givenUp.reject(timedOut));
  });
  try {
    return await Promise.race([run({ idempotencyKey: key, signal: controller.signal }), givenUp.promise]);
  } catch (error) {
    throw controller.signal.reason === timedOut ? timedOut : error;
  } finally {
    takeBack();
    forget();
  }
}

async function pause(attempt: Attempt, ms: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const takeBack = attempt.clock.after(ms, () => over.resolve());
  const forget = attempt.onAbort((reason) => over.reject(reason));
  try {
    await over.promise;
  } finally {
    takeBack();
    forget();
  }
}
