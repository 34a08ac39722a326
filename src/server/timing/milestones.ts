import type { Resource } from "../../core/resource.ts";

/** Number of parts that progress is divided into. */
const PROGRESS_PARTS = 20;

/** The first milestone of an operation: its first claim. */
export const FIRST_CLAIM = "";

/** A milestone of an operation and the time at which it was reached. */
export interface ReachedMilestone {
  readonly milestone: string;
  readonly at: number;
}

/** Returns the last step, if any. */
export function stepReached({ operation: { lastStep, lastStepAt } }: Resource): ReachedMilestone | undefined {
  return lastStep === null || lastStepAt === null ? undefined : { milestone: `step:${lastStep}`, at: lastStepAt };
}

/** Returns the part that the last reported progress lies in, if any. */
export function progressReached({ operation: { progress }, updatedAt }: Resource): ReachedMilestone | undefined {
  return progress === null || progress <= 0
    ? undefined
    : { milestone: `progress:${Math.floor(progress * PROGRESS_PARTS)}`, at: updatedAt };
}
