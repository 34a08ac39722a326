import type { DurationSamples } from "../../core/ports/statistics.ts";
import type { Resource } from "../../core/resource.ts";
import { FIRST_CLAIM, progressReached, stepReached } from "./milestones.ts";

/** Maximum number of tracked operations. The oldest are dropped; they still give a sample of their total duration. */
const MAX_OPERATIONS = 20_000;

/** Tracks the milestones of operations in progress, and returns samples of those that succeed. */
export class OperationMilestones {
  /** Milliseconds from the first claim to each milestone, by operation. */
  readonly #reached = new Map<string, Map<string, number>>();

  /** Tracks a committed row. Returns the samples of an operation that has succeeded. */
  onCommitted(resource: Resource): readonly DurationSamples[] {
    const { type, operation } = resource;
    const { id, kind, startedAt, settledAt } = operation;
    if (startedAt === null) return [];
    if (settledAt === null) {
      this.#record(resource, startedAt);
      return [];
    }
    const reached = this.#reached.get(id) ?? new Map<string, number>();
    this.#reached.delete(id);
    if (operation.state !== "succeeded") return [];
    const settledMs = settledAt - startedAt;
    return [[FIRST_CLAIM, 0] as const, ...reached].map(([milestone, reachedMs]) => ({
      type,
      kind,
      milestone,
      samples: [[reachedMs, settledMs]],
    }));
  }

  #record(resource: Resource, startedAt: number): void {
    for (const reached of [stepReached(resource), progressReached(resource)]) {
      if (reached === undefined) continue;
      const { id } = resource.operation;
      const milestones = this.#reached.get(id) ?? this.#start(id);
      if (!milestones.has(reached.milestone)) milestones.set(reached.milestone, reached.at - startedAt);
    }
  }

  #start(id: string): Map<string, number> {
    const [oldest] = this.#reached.keys();
    if (this.#reached.size >= MAX_OPERATIONS && oldest !== undefined) this.#reached.delete(oldest);
    const milestones = new Map<string, number>();
    this.#reached.set(id, milestones);
    return milestones;
  }
}
