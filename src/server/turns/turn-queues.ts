import { BoundedMap } from "../../core/bounded-map.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { DefinitionError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import type { Estimate, Estimates } from "../timing/retry-after.ts";

/** Maximum number of operations whose positions are counted. An operation behind them has this position plus one. */
const MAX_QUEUE = 10_000;
/** Maximum age of a queue. Each queue is read at most once in this time, however many clients poll. */
const QUEUE_TTL_MS = 1000;
/** Maximum number of positions in memory. */
const MAX_POSITIONS = 200_000;

export interface TurnQueuesParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "turns">;
  readonly clock: Clock;
  readonly estimates: Estimates;
}

/** Positions of operations that wait for their turn. */
export interface TurnQueues {
  /** Estimates that include the time in a queue. */
  readonly estimates: Estimates;
  /** Reads the queues of those of these resources that wait for their turn. Returns undefined if all are known. */
  readonly refresh: (resources: readonly Resource[]) => MaybePromise<void>;
}

interface Queue {
  readonly positions: ReadonlyMap<string, number>;
  readonly readAt: number;
}

/**
 * Creates the positions of operations in the queues of their turns. A queue is read as a whole, from an index alone, and
 * kept for a second, so its cost does not grow with the number of requests.
 */
export function createTurnQueues({ types, store, clock, estimates }: TurnQueuesParts): TurnQueues {
  const limits = new Map(
    types.flatMap(({ name, policy: { turnLimit } }) => (turnLimit === undefined ? [] : [[name, turnLimit]])),
  );
  const { turns } = store;
  const [first] = limits.keys();
  if (first === undefined) return { estimates, refresh: () => {} };
  if (turns === undefined) {
    throw new DefinitionError(
      `${first}: concurrency.per: the store offers no turns. Use another store, or give a number.`,
    );
  }
  const queues = new BoundedMap<Queue>(MAX_POSITIONS);
  const reading = new Map<string, Promise<void>>();

  const read = async ({ type, operation: { turn } }: Resource): Promise<void> => {
    const key = keyOf(type, turn);
    const ids = await turns.queue({ type, turn: turn ?? "", at: clock.now(), limit: MAX_QUEUE });
    const positions = new Map(ids.map((id, index) => [id, index + 1]));
    queues.set(key, { positions, readAt: clock.monotonic() }, positions.size + 1);
  };

  const refreshOne = (resource: Resource): Promise<void>[] => {
    if (!isQueued(resource, clock.now())) return [];
    const key = keyOf(resource.type, resource.operation.turn);
    const known = queues.get(key);
    if (known !== undefined && clock.monotonic() - known.readAt < QUEUE_TTL_MS) return [];
    const pending = reading.get(key) ?? read(resource).finally(() => reading.delete(key));
    reading.set(key, pending);
    return [pending];
  };

  const queuePosition = (resource: Resource, now: number): number | undefined => {
    if (!isQueued(resource, now)) return undefined;
    const queue = queues.get(keyOf(resource.type, resource.operation.turn));
    // An operation that the queue does not contain has become due since it was read, or is behind the last one.
    return queue === undefined ? undefined : (queue.positions.get(resource.operation.id) ?? queue.positions.size + 1);
  };

  const estimate = (resource: Resource, now: number): Estimate | undefined => {
    const own = estimates.estimate(resource, now);
    const position = queuePosition(resource, now);
    const limit = limits.get(resource.type);
    if (own === undefined || position === undefined || limit === undefined) return own;
    return { ...own, remainingMs: own.remainingMs * (1 + position / limit) };
  };

  return {
    estimates: { estimate, queuePosition },
    refresh(resources) {
      const pending = new Set(resources.flatMap(refreshOne));
      return pending.size === 0 ? undefined : Promise.all(pending).then(() => {});
    },
  };
}

function keyOf(type: string, turn: string | null): string {
  return `${type}\0${turn}`;
}

/** True for an operation that only waits for a worker and for its turn. */
function isQueued({ operation: { turn, worker, dueAt } }: Resource, now: number): boolean {
  return turn !== null && worker === null && dueAt !== null && dueAt <= now;
}
