import type { StepRecord } from "../../core/resource.ts";
import { AttemptAbort } from "../attempt/abort.ts";
import { type Attempt, warnUntracked } from "../attempt/attempt.ts";
import { misuse } from "../attempt/failure.ts";
import { currentStep } from "../attempt/faults.ts";
import { checkStepName } from "./step-name.ts";

/**
 * What every call of work has in common: its name is used once, it stands inside no step, and it is answered only while the
 * attempt is under way.
 *
 * @param act does what was called for, given what is recorded of it
 */
export function call<Result>(
  attempt: Attempt,
  name: string,
  act: (record: StepRecord | undefined) => Promise<Result>,
): Promise<Result> {
  if (attempt.isFrozen) {
    if (attempt.aborted?.code === "waiting") warnUntracked(attempt);
    return pendingForEver(attempt);
  }
  const refusal = refusalOf(attempt, name);
  if (refusal !== undefined) return refused(refusal);
  attempt.names.add(name);
  attempt.activity.begin();
  return answered(attempt, act(attempt.recordOf(name)));
}

function answered<Result>(attempt: Attempt, acting: Promise<Result>): Promise<Result> {
  const answer = Promise.withResolvers<Result>();
  acting.then(
    (result) => {
      if (!attempt.isFrozen) answer.resolve(result);
      attempt.activity.end();
    },
    (error: unknown) => {
      if (error instanceof AttemptAbort) answer.promise.catch(isNoFault);
      if (!attempt.isFrozen) answer.reject(error);
      attempt.activity.end();
    },
  );
  return answer.promise;
}

/** With a handler of its own, a call that nobody awaits and an abort rejects is no fault of work. */
function isNoFault(): void {}

function refused(reason: Error): Promise<never> {
  const promise = Promise.reject(reason);
  if (reason instanceof AttemptAbort) promise.catch(isNoFault);
  return promise;
}

function refusalOf(attempt: Attempt, name: string): Error | undefined {
  const over = attempt.aborted ?? attempt.doom;
  if (over !== undefined) return over;
  try {
    checkStepName(name);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  const outer = currentStep(attempt);
  if (outer !== undefined) {
    return misuse(
      "step-in-step",
      `${JSON.stringify(name)} is called inside ${JSON.stringify(outer)}, which would run it again without being able to undo it; call one after the other.`,
    );
  }
  if (!attempt.names.has(name)) return undefined;
  return misuse(
    "step-name-used",
    `The name ${JSON.stringify(name)} is used twice in one attempt; steps are told apart by their names, so give each its own.`,
  );
}

function pendingForEver<Result>(attempt: Attempt): Promise<Result> {
  attempt.activity.block();
  return new Promise(() => {});
}
