/** The reason why an operation did not succeed. */
export interface ResourceError {
  /** Stable code, for programs. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** True if a retry of the same operation may succeed. */
  readonly retryable: boolean;
}

/** The fields that every followed state has, for any API. */
export interface FollowedState {
  /** True if nothing is in progress. */
  readonly settled: boolean;
  /** True if settled and the latest operation succeeded. */
  readonly succeeded: boolean;
  /** The status label. */
  readonly status?: string | undefined;
  /** Present if the state is settled and did not succeed. */
  readonly error?: ResourceError | undefined;
}
