/** A fault of a resource type. */
export interface Finding {
  /** Kind of fault, such as `effect-repeated`. The page `docs/testing.md` lists all kinds. */
  readonly kind: string;
  /** Kind of the operation: `create`, `update`, `delete`, or an action's name. */
  readonly operation: string;
  /** The step, if the fault belongs to one. */
  readonly step: string | undefined;
  /** The problem, the fix, and the first run with the problem. */
  readonly message: string;
}

/** Reports a fault in the current run. */
export type Report = (kind: string, step: string | undefined, problem: string) => void;
