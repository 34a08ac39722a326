import type { Policies } from "../core/policy.ts";
import type { Resource } from "../core/resource.ts";

/** Operations of one type with the same turn, of which a limited number is claimed at a time. */
export interface Turn {
  readonly type: string;
  readonly turn: string;
  /** Instant from which another operation may be claimed: from then on the turn waits for a worker. */
  readonly readyAt: number;
}

/** Returns the turns that a change makes ready: it releases an operation, or makes one due. */
export function readyTurns(before: Resource | undefined, { type, operation }: Resource, at: number): readonly Turn[] {
  const isReleased = before?.operation.worker !== null && operation.worker === null;
  const released = isReleased ? (before?.operation.turn ?? null) : null;
  const { turn, dueAt } = operation;
  return [
    ...(released === null ? [] : [{ type, turn: released, readyAt: at }]),
    ...(turn === null || dueAt === null ? [] : [{ type, turn, readyAt: dueAt }]),
  ];
}

/** Adds a turn to those of a transaction, of which each is written once. */
export function addTurn(turns: Map<string, Turn>, turn: Turn): void {
  const key = `${turn.type}\0${turn.turn}`;
  const known = turns.get(key);
  if (known === undefined || known.readyAt > turn.readyAt) turns.set(key, turn);
}

/** Limits by type. A type that no longer has a limit may still have operations with a turn. */
export class TurnLimits {
  readonly #limits: Map<string, number>;

  constructor(policies: Policies) {
    this.#limits = new Map(
      [...policies.values()].flatMap(({ type, turnLimit }) => (turnLimit === undefined ? [] : [[type, turnLimit]])),
    );
  }

  /** Returns undefined for a type whose operations have no turns. */
  of(type: string): number | undefined {
    return this.#limits.get(type);
  }

  /** Returns true if operations of any of these types have turns. */
  hasAny(types: readonly { readonly type: string }[]): boolean {
    return types.some(({ type }) => this.#limits.has(type));
  }

  /** Adds types whose operations have turns. Without a declared limit, they have none. */
  add(types: readonly string[]): void {
    for (const type of types) if (!this.#limits.has(type)) this.#limits.set(type, NO_LIMIT);
  }
}

const NO_LIMIT = 2 ** 31 - 1;

/** Maximum number of turns that a claim checks in addition to its free slots: those at their limit give it nothing. */
export const MORE_TURNS = 20;

/** Merges queues, each turn in its order: first the first operation of each, then the second ones, and so on. */
export function interleave<Row>(queues: readonly (readonly Row[])[]): readonly Row[] {
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) => queues.flatMap((queue) => queue.slice(round, round + 1))).flat();
}
