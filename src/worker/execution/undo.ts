import { setImmediate } from "node:timers/promises";
import { recordedChild } from "../../core/children/parent-link.ts";
import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { StepRecord } from "../../core/resource.ts";
import { TIMED_OUT } from "../../core/state-machine/settling.ts";
import { type Attempt, ABORT_GRACE_MS } from "../attempt/attempt.ts";
import { usageError } from "../attempt/failure.ts";
import { instrumented } from "../attempt/instrumented.ts";
import { decodeResult } from "../work/json-result.ts";
import { idempotencyKey } from "../work/step-name.ts";
import type { Decoded } from "./context.ts";
import { type UndoFunction, findUndoFunctions } from "./find-undo-functions.ts";
import { failedOutcome, type Outcome } from "./outcome.ts";
import { undoChildren, unfinished } from "./remove-children.ts";

/** Undoes the steps of the operation, the last begun first (compensation). */
export async function undoSteps(attempt: Attempt, work: ErasedWork, decoded: Decoded): Promise<Outcome | undefined> {
  const stepsToUndo = attempt.grant.records
    .filter((record) => record.undo && record.state !== "undone")
    .toSorted((a, b) => b.position - a.position);
  const remaining = new Set(stepsToUndo.map(({ step }) => step));
  const steps = stepsToUndo.filter((record) => !isChild(record));
  const undoFunctions = await findUndoFunctions(attempt, work, decoded, steps);
  for (const group of grouped(stepsToUndo)) {
    if (attempt.aborted !== undefined) return abortedOutcome(attempt, remaining);
    const [record] = group;
    const undo = undoFunctions.get(record.step);
    if (undo === undefined && !isChild(record)) continue;
    const left = await (undo === undefined ? undoChildren(attempt, group) : undoStep(attempt, record, undo, decoded));
    if (left === undefined) {
      for (const { step } of group) remaining.delete(step);
    } else if (attempt.aborted === undefined) {
      const outcome = unfinished(attempt, left);
      return outcome.outcome === "failed" ? { ...outcome, stepsNotUndone: [...remaining] } : outcome;
    }
  }
  if (attempt.aborted !== undefined) return abortedOutcome(attempt, remaining);
  if (remaining.size === 0) return { outcome: "undone" };
  return { ...failedOutcome(attempt, missingUndoError(remaining)), stepsNotUndone: [...remaining] };
}

function isChild(record: StepRecord): boolean {
  return recordedChild(record) !== undefined;
}

/** Groups children that were created one after the other: they are deleted together. */
function grouped(records: readonly StepRecord[]): readonly [StepRecord, ...StepRecord[]][] {
  const groups: [StepRecord, ...StepRecord[]][] = [];
  for (const record of records) {
    const last = groups.at(-1);
    if (last !== undefined && isChild(last[0]) && isChild(record)) last.push(record);
    else groups.push([record]);
  }
  return groups;
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
