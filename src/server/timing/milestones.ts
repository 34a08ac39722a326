import type { Resource } from "../../core/resource.ts";

/** Into how many parts progress is cut. */
const PROGRESS_PARTS = 20;

/** The mark of the beginning: the first claim. */
export const FIRST_CLAIM = "";

/** A point on the way of an operation, and when it was reached. */
export interface ReachedMilestone {
  readonly milestone: string;
  readonly at: number;
}

/** The step done last, if any. */
export function stepReached({ operation: { lastStep, lastStepAt } }: Resource): ReachedMilestone | undefined {
  return lastStep === null || lastStepAt === null ? undefined : { milestone: `step:${lastStep}`, at: lastStepAt };
}

/** The part of the progress reported last, if any. */
export function progressReached({ operation: { progress }, updatedAt }: Resource): ReachedMilestone | undefined {
  return progress === null || progress <= 0
    ? undefined
    : { milestone: `progress:${Math.floor(progress * PROGRESS_PARTS)}`, at: updatedAt };
}
