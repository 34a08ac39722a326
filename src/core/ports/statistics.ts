/**
 * The number of operations of a type and kind that settled in one period with the same outcome and a similar duration.
 */
export interface SettledCount {
  readonly periodMs: number;
  /** Start of the period: a multiple of its length since 1970. */
  readonly at: number;
  readonly type: string;
  readonly kind: string;
  readonly outcome: "succeeded" | "failed" | "cancelled";
  /** Index of the class of durations. */
  readonly bucket: number;
  readonly count: number;
}

/** A query for counts of settled operations. */
export interface SettledCountsQuery {
  readonly periodMs: number;
  /** Only periods that begin at this instant or later. */
  readonly from: number;
  readonly types: readonly string[];
  /** Only operations of this kind. */
  readonly kind?: string;
  /** Duration over which counts are added up: a multiple of the period. */
  readonly pointMs: number;
}

/** The sum of the counts of one point in time, by outcome and class of durations. */
export type SettledPoint = Pick<SettledCount, "at" | "outcome" | "bucket" | "count">;

/** Durations of succeeded operations, from which the remaining time is learned. */
export interface DurationSamples {
  readonly type: string;
  readonly kind: string;
  /** A step done or a progress reached; empty for the beginning. */
  readonly milestone: string;
  /**
   * Milliseconds from the first claim until the milestone was reached, and until the operation was settled. The newest
   * is last.
   */
  readonly samples: readonly (readonly [reachedMs: number, settledMs: number])[];
}

/** Maximum number of samples that a store keeps for a milestone: the newest ones. */
export const MAX_SAMPLES = 200;
