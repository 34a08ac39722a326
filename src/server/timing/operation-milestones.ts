import type { DurationSamples } from "../../core/ports/statistics.ts";
import type { Resource } from "../../core/resource.ts";
import { FIRST_CLAIM, progressReached, stepReached } from "./milestones.ts";

/** How many operations are traced at once: the oldest give way, and are learned from as a whole only. */
const MAX_OPERATIONS = 20_000;

/** Follows operations on their way, and gives what each success teaches. */
export class OperationMilestones {
  /** By operation: when it first reached each mark, in milliseconds from its first claim. */
  readonly #reached = new Map<string, Map<string, number>>();

  /** Takes a row as it was committed. */
  observe(resource: Resource): readonly DurationSamples[] {
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
      const marks = this.#reached.get(id) ?? this.#start(id);
      if (!marks.has(reached.milestone)) marks.set(reached.milestone, reached.at - startedAt);
    }
  }

  #start(id: string): Map<string, number> {
    const [oldest] = this.#reached.keys();
    if (this.#reached.size >= MAX_OPERATIONS && oldest !== undefined) this.#reached.delete(oldest);
    const marks = new Map<string, number>();
    this.#reached.set(id, marks);
    return marks;
  }
}
