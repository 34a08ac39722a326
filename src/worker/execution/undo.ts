import { setImmediate } from "node:timers/promises";
import { recordedChild } from "../../core/children/parent-link.ts";
import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { StepRecord } from "../../core/resource.ts";
import { TIMED_OUT } from "../../core/state-machine/settling.ts";
import { type Attempt, ABORT_GRACE_MS } from "../attempt/attempt.ts";
import { usageError } from "../attempt/failure.ts";
import { instrumented } from "../attempt/instrumented.ts";
import { undoChildren } from "../children/remove-children.ts";
import { decodeResult } from "../work/json-result.ts";
import { idempotencyKey } from "../work/step-name.ts";
import type { Decoded } from "./context.ts";
import { type UndoFunction, findUndoFunctions } from "./find-undo-functions.ts";
import { failedOutcome, type Outcome, waitingForChildren } from "./outcome.ts";

/** Undoes the steps of the operation, the last begun first (compensation). */
export async function undoSteps(attempt: Attempt, work: ErasedWork, decoded: Decoded): Promise<Outcome | undefined> {
  const stepsToUndo = attempt.grant.records
    .filter((record) => record.undo && record.state !== "undone")
    .toSorted((a, b) => b.position - a.position);
  const remaining = new Set(stepsToUndo.map(({ step }) => step));
  const isStep = (record: StepRecord): boolean => recordedChild(record) === undefined;
  const undoFunctions = await findUndoFunctions(attempt, work, decoded, stepsToUndo.filter(isStep));
  for (const [index, record] of stepsToUndo.entries()) {
    if (!isStep(record)) {
      if (attempt.aborted !== undefined) return abortedOutcome(attempt, remaining);
      if (!remaining.has(record.step)) continue;
      // Children that were created one after the other are deleted together.
      const end = stepsToUndo.findIndex((each, position) => position > index && isStep(each));
      const children = stepsToUndo.slice(index, end === -1 ? undefined : end);
      const { awaited, failure } = await undoChildren(attempt, children).catch((error: unknown) => ({
        awaited: [],
        failure: error,
      }));
      if (attempt.aborted !== undefined) return abortedOutcome(attempt, remaining);
      if (failure !== undefined) return { ...failedOutcome(attempt, failure), stepsNotUndone: [...remaining] };
      if (awaited.length > 0) return waitingForChildren(attempt, awaited);
      for (const { step } of children) remaining.delete(step);
      continue;
    }
    const undo = undoFunctions.get(record.step);
    if (undo === undefined) continue;
    if (attempt.aborted !== undefined) return abortedOutcome(attempt, remaining);
    const failure = await undoStep(attempt, record, undo, decoded);
    if (failure === undefined) remaining.delete(record.step);
    else if (attempt.aborted === undefined) {
      return { ...failedOutcome(attempt, failure.error), stepsNotUndone: [...remaining] };
    }
  }
  if (attempt.aborted !== undefined) return abortedOutcome(attempt, remaining);
  if (remaining.size === 0) return { outcome: "undone" };
  return { ...failedOutcome(attempt, missingUndoError(remaining)), stepsNotUndone: [...remaining] };
}

/** Undoes one step and commits that. Returns the error, if any. */
async function undoStep(
  attempt: Attempt,
  record: StepRecord,
  undo: UndoFunction,
  { owner, principal }: Decoded,
): Promise<{ error: unknown } | undefined> {
  const { step, result, state, generation } = record;
  const controller = new AbortController();
  const abandoned = Promise.withResolvers<never>();
  const removeListener = attempt.onAbort((reason) => {
    controller.abort(reason);
    attempt.after(ABORT_GRACE_MS, () => abandoned.reject(reason));
  });
  const run = {
    result: state === "done" ? decodeResult(result) : undefined,
    idempotencyKey: idempotencyKey(attempt.grant.root, step, generation),
    signal: controller.signal,
    owner,
    principal,
  };
  try {
    await Promise.race([instrumented(attempt, "undo", step, async () => undo(run)), abandoned.promise]);
    // Node reports unhandled rejections at the end of the event-loop tick.
    await setImmediate();
    const unawaited = attempt.unawaited.firstOf(step);
    if (unawaited !== undefined) throw unawaited;
    await attempt.record({ step, state: "undone", undo: true });
    return undefined;
  } catch (error) {
    return { error };
  } finally {
    removeListener();
  }
}

function abortedOutcome({ aborted }: Attempt, remaining: ReadonlySet<string>): Outcome | undefined {
  switch (aborted?.code) {
    case "attempt-ended":
      return undefined;
    case "timed-out":
      return { outcome: "failed", error: TIMED_OUT, stepsNotUndone: [...remaining] };
    default:
      return { outcome: "handed-back" };
  }
}

function missingUndoError(remaining: ReadonlySet<string>): Error {
  const names = [...remaining].map((step) => JSON.stringify(step)).join(", ");
  return usageError(
    "undo-incomplete",
    `The work as it is now does not reach ${names} with an undo function, so the step cannot be undone. Keep steps in the work while operations may still have to undo them.`,
  );
}
