/** A fault of a resource type. */
export interface Finding {
  /** For programs, such as `effect-repeated`. The page `docs/testing.md` lists all kinds. */
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

/** The findings of one operation: the first of each kind and step, because further ones have the same cause. */
export class Findings {
  readonly #operation: string;
  readonly #byKey = new Map<string, Finding>();

  constructor(operation: string) {
    this.#operation = operation;
  }

  get all(): readonly Finding[] {
    return [...this.#byKey.values()];
  }

  has(...kinds: readonly string[]): boolean {
    return this.all.some(({ kind }) => kinds.includes(kind));
  }

  add({ kind, step, message }: Omit<Finding, "operation">): void {
    const key = JSON.stringify([kind, step]);
    if (!this.#byKey.has(key)) this.#byKey.set(key, { kind, operation: this.#operation, step, message });
  }
}
