import type { Resource } from "../../core/resource.ts";

/** Into how many parts progress is cut. */
const PARTS = 20;

/** The mark of the beginning: the first claim. */
export const BEGINNING = "";

/** A point on the way of an operation, and when it was reached. */
export interface Reached {
  readonly mark: string;
  readonly at: number;
}

/** The step done last, if any. */
export function stepReached({ operation: { lastStep, lastStepAt } }: Resource): Reached | undefined {
  return lastStep === null || lastStepAt === null ? undefined : { mark: `step:${lastStep}`, at: lastStepAt };
}

/** The part of the progress reported last, if any. */
export function progressReached({ operation: { progress }, updatedAt }: Resource): Reached | undefined {
  return progress === null || progress <= 0
    ? undefined
    : { mark: `progress:${Math.floor(progress * PARTS)}`, at: updatedAt };
}
