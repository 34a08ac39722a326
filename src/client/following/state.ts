/** Why an operation did not succeed. */
export interface ResourceError {
  /** Stable, for programs. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** True when the same operation may succeed on another try. */
  readonly retryable: boolean;
}

/** What any followed state tells, of whatever API. */
export interface FollowedState {
  /** Nothing is in progress. */
  readonly settled: boolean;
  /** Settled, and the latest operation succeeded. */
  readonly succeeded: boolean;
  /** The label shown. */
  readonly status?: string | undefined;
  /** Of a state that is settled and did not succeed. */
  readonly error?: ResourceError | undefined;
}
