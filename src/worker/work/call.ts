import type { StepRecord } from "../../core/resource.ts";
import { warnUntracked } from "../attempt/attempt-warnings.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { CallPromise } from "../attempt/call-promise.ts";
import { usageError } from "../attempt/failure.ts";
import { currentStep } from "../attempt/scope.ts";
import { checkStepName } from "./step-name.ts";

/**
 * Runs a call of the work. Common to all calls: the name is unique in the attempt, the call is not inside a step, and it resolves
 * only while the attempt is running.
 *
 * @param act performs the call, given its record
 */
export function call<Result>(
  attempt: Attempt,
  name: string,
  act: (record: StepRecord | undefined) => Promise<Result>,
): Promise<Result> {
  if (attempt.isSuspended) {
    if (attempt.aborted?.code === "waiting") warnUntracked(attempt);
    return neverResolving(attempt);
  }
  const refusal = rejectionOf(attempt, name);
  const outcome = CallPromise.track<Result>(attempt.unawaited.trackerOf(name));
  if (refusal !== undefined) {
    outcome.reject(refusal);
    return outcome.promise;
  }
  attempt.names.add(name);
  attempt.runningCalls.add(name);
  attempt.activity.begin();
  forwardResult(attempt, name, act(attempt.recordOf(name)), outcome);
  return outcome.promise;
}

function forwardResult<Result>(
  attempt: Attempt,
  name: string,
  acting: Promise<Result>,
  outcome: PromiseWithResolvers<Result>,
): void {
  acting.then(
    (result) => {
      attempt.runningCalls.delete(name);
      if (!attempt.isSuspended) outcome.resolve(result);
      attempt.activity.end();
    },
    (error: unknown) => {
      attempt.runningCalls.delete(name);
      if (attempt.isStopping) attempt.interrupt();
      if (!attempt.isSuspended) outcome.reject(error);
      attempt.activity.end();
    },
  );
}

function rejectionOf(attempt: Attempt, name: string): Error | undefined {
  const ending = attempt.isStopping ? attempt.fatalError : (attempt.aborted ?? attempt.fatalError);
  if (ending !== undefined) return ending;
  try {
    checkStepName(name);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  const outer = currentStep(attempt);
  if (outer !== undefined) {
    return usageError(
      "step-in-step",
      `${JSON.stringify(name)} is called inside ${JSON.stringify(outer)}, which would run it again without being able to undo it. Call them one after the other.`,
    );
  }
  if (!attempt.names.has(name)) return undefined;
  return usageError(
    "step-name-used",
    `The name ${JSON.stringify(name)} is used twice in one attempt. Records are found by name, so give each call its own name.`,
  );
}

function neverResolving<Result>(attempt: Attempt): Promise<Result> {
  attempt.activity.block();
  return new Promise(() => {});
}
