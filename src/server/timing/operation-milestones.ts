import type { DurationSamples } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import { BEGINNING, progressReached, stepReached } from "./milestones.ts";

/** How many operations are traced at once: the oldest give way, and are learned from as a whole only. */
const LIMIT = 20_000;

/** Follows operations on their way, and gives what each success teaches. */
export class Traces {
  /** By operation: when it first reached each mark, in milliseconds from its first claim. */
  readonly #reached = new Map<string, Map<string, number>>();

  /** Takes a row as it was committed. */
  observe(resource: Resource): readonly DurationSamples[] {
    const { type, operation } = resource;
    const { id, kind, startedAt, settledAt } = operation;
    if (startedAt === null) return [];
    if (settledAt === null) {
      this.#note(resource, startedAt);
      return [];
    }
    const reached = this.#reached.get(id) ?? new Map<string, number>();
    this.#reached.delete(id);
    if (operation.state !== "succeeded") return [];
    const settledMs = settledAt - startedAt;
    return [[BEGINNING, 0] as const, ...reached].map(([mark, reachedMs]) => ({
      type,
      kind,
      mark,
      samples: [[reachedMs, settledMs]],
    }));
  }

  #note(resource: Resource, startedAt: number): void {
    for (const reached of [stepReached(resource), progressReached(resource)]) {
      if (reached === undefined) continue;
      const { id } = resource.operation;
      const marks = this.#reached.get(id) ?? this.#begin(id);
      if (!marks.has(reached.mark)) marks.set(reached.mark, reached.at - startedAt);
    }
  }

  #begin(id: string): Map<string, number> {
    const [oldest] = this.#reached.keys();
    if (this.#reached.size >= LIMIT && oldest !== undefined) this.#reached.delete(oldest);
    const marks = new Map<string, number>();
    this.#reached.set(id, marks);
    return marks;
  }
}
