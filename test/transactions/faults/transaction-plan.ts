/** One transaction of a run. */
export interface TransactionPlan {
  readonly n: number;
  readonly kind: "create" | "delete" | "roll back" | "roll back to a savepoint" | "abandon";
  /** The order that a `delete` deletes. */
  readonly target: number;
}

/** The end of a transaction, as its process reports it. After `failed`, the end is unknown: the connection was lost. */
export type Outcome = "committed" | "rolled back" | "failed";
