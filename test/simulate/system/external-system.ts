import type { Boundary } from "../world/boundary.ts";

/** An effect of a step in the other system. */
export interface Effect {
  readonly operation: string;
  readonly step: string;
  /** `removed` is final: a request to create that arrives later has no effect. */
  state: "present" | "removed";
}

/** Another system, whose requests carry idempotency keys: the same key has one effect, however often it is sent. */
export class ExternalSystem {
  readonly effects = new Map<string, Effect>();

  create(boundary: Boundary, key: string, effect: Pick<Effect, "operation" | "step">): Promise<string> {
    return boundary.slowCall(`create ${effect.step} of ${effect.operation.slice(-4)}`, () => {
      const known = this.effects.get(key);
      if (known?.state === "removed") throw new Error("this request was undone before");
      if (known === undefined) this.effects.set(key, { ...effect, state: "present" });
      return key;
    });
  }

  remove(boundary: Boundary, key: string, effect: Pick<Effect, "operation" | "step">): Promise<void> {
    return boundary.slowCall(`remove ${effect.step} of ${effect.operation.slice(-4)}`, () => {
      this.effects.set(key, { ...effect, ...this.effects.get(key), state: "removed" });
    });
  }
}
