import { awaitedChild, recordedChild } from "../../core/children/parent-link.ts";
import { createId } from "../../core/ids.ts";
import type { ChildState } from "../../core/ports/messages.ts";
import { resourceKeyText, type StepRecord } from "../../core/resource.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { toWorkError } from "../attempt/failure.ts";
import { failedOutcome, type Outcome, waitingForChildren } from "./outcome.ts";

/** The result of a removal: undefined once all is gone, the children to wait for, or the reason why it cannot continue. */
export type Removal = { readonly awaited: readonly string[] } | { readonly error: unknown } | undefined;

/** Undoes calls of `child`: deletes the children, and records those as undone that are gone. */
export async function undoChildren(attempt: Attempt, calls: readonly StepRecord[]): Promise<Removal> {
  const states = new Map(attempt.grant.children?.states.map((state) => [resourceKeyText(state), state]));
  const remaining: ChildState[] = [];
  const gone: string[] = [];
  for (const call of calls) {
    const key = recordedChild(call);
    const state = key && states.get(resourceKeyText(key));
    if (state?.state === "absent") gone.push(call.step);
    else if (key !== undefined) remaining.push(state ?? { ...key, ...UNKNOWN });
  }
  return removal(async () => {
    await Promise.all(gone.map((step) => attempt.record({ step, state: "undone", undo: true })));
    return removeChildren(attempt, remaining);
  });
}

const UNKNOWN = { state: "in-progress", status: "", isOfEarlierTry: false, isDeleting: false } as const;

/** The step that records the end of the delete work. While children are deleted, further attempts do not repeat it. */
const WORK_STEP = "delete:work";

/** Runs the delete work, and then deletes the children. The delete succeeds once all of them are gone. */
export async function deleteWithChildren(
  attempt: Attempt,
  runWork: () => Promise<Outcome | undefined>,
): Promise<Outcome | undefined> {
  const isDone = attempt.recordOf(WORK_STEP) !== undefined;
  const outcome: Outcome | undefined = isDone ? { outcome: "succeeded", details: "{}" } : await runWork();
  const { states = [] } = attempt.grant.children ?? {};
  if (outcome?.outcome !== "succeeded") return outcome;
  const removed = await removal(async () => {
    if (!isDone && states.length > 0) await attempt.record({ step: WORK_STEP, state: "done", undo: false });
    return removeChildren(attempt, states);
  });
  if (removed === undefined) return outcome;
  return attempt.aborted?.code === "attempt-ended" ? undefined : unfinished(attempt, removed);
}

/** Returns the end of an attempt whose removal is not complete. */
export function unfinished(attempt: Attempt, removed: NonNullable<Removal>): Outcome {
  return "awaited" in removed ? waitingForChildren(attempt, removed.awaited) : failedOutcome(attempt, removed.error);
}

async function removal(remove: () => Promise<Removal>): Promise<Removal> {
  try {
    return await remove();
  } catch (error) {
    return { error };
  }
}

/** Requests the delete of children, except of those that are being deleted. */
async function removeChildren(attempt: Attempt, children: readonly ChildState[]): Promise<Removal> {
  // A failed delete that an earlier try has requested is requested again.
  const failed = children.find(({ state, isDeleting, isOfEarlierTry }) => {
    return state === "failed" && isDeleting && !isOfEarlierTry;
  });
  if (failed?.error !== undefined) throw toWorkError(failed.error);
  const toDelete = children.filter(({ state, isDeleting }) => state !== "in-progress" || !isDeleting);
  await Promise.all(
    toDelete.map(({ type, id }) => {
      const child = { command: "delete", type, id, operation: createId(attempt.serverNow) } as const;
      return attempt.record({ step: `delete:${id}`, state: "started", undo: false, child });
    }),
  );
  return children.length === 0 ? undefined : { awaited: children.map(awaitedChild) };
}
