import type { Attempt } from "../attempt/attempt.ts";
import { removeChildren } from "../children/remove-children.ts";
import { failedOutcome, type Outcome, waitingForChildren } from "./outcome.ts";

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
  if (outcome?.outcome !== "succeeded" || states.length === 0) return outcome;
  try {
    if (!isDone) await attempt.record({ step: WORK_STEP, state: "done", undo: false });
    const { awaited, failure } = await removeChildren(attempt, states);
    return failure === undefined ? waitingForChildren(attempt, awaited) : failedOutcome(attempt, failure);
  } catch (error) {
    return attempt.aborted?.code === "attempt-ended" ? undefined : failedOutcome(attempt, error);
  }
}
