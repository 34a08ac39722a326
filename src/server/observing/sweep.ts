import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store, UnheldPosition } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";
import { isObservable } from "../../core/state-machine/observe-answer.ts";
import type { Ask } from "./refresh.ts";

export interface SweepParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "unheld">;
  readonly asks: ReadonlyMap<string, Ask>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks `observe` of what is in progress, so that it settles though nobody looks. */
export interface Sweep extends Recurring {
  /** Asks now of whatever it is time for. Gives how many were asked about. */
  readonly sweep: () => Promise<number>;
}

/** An operation is asked about after an eighth of its age, within these bounds. */
const SHARE = 1 / 8;
const SHORTEST_MS = 5000;
const LONGEST_MS = 60_000;

const PAGE = 500;
/** How many questions a sweep has under way at once. */
const CONCURRENT = 20;

export function createSweep({ types, store, asks, clock, log }: SweepParts): Sweep {
  const policies = new Map(types.map(({ name, policy }) => [name, policy]));
  const names = [...asks.keys()];
  /** By operation, on the monotonic clock. */
  let nextAt = new Map<string, number>();
  const stopping = new AbortController();

  /** The others are asked about another time. */
  const isTime = ({ operation }: Resource, kept: Map<string, number>): boolean => {
    const planned = nextAt.get(operation.id) ?? 0;
    const now = clock.monotonic();
    const pauseMs = (clock.now() - operation.acceptedAt) * SHARE;
    const isNow = planned <= now;
    kept.set(operation.id, isNow ? now + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, pauseMs)) : planned);
    return isNow;
  };

  const askAll = async (resources: Resource[]): Promise<void> => {
    const next = async (): Promise<void> => {
      for (
        let resource = resources.pop();
        resource !== undefined && !stopping.signal.aborted;
        resource = resources.pop()
      ) {
        await asks.get(resource.type)?.(resource);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, next));
  };

  const sweep = async (): Promise<number> => {
    const kept = new Map<string, number>();
    let after: UnheldPosition | undefined;
    let count = 0;
    do {
      const page = await store.unheld({ types: names, limit: PAGE, ...(after === undefined ? {} : { after }) });
      const due = page.resources.filter((resource) => {
        const policy = policies.get(resource.type);
        return policy !== undefined && isObservable(resource, policy, clock.now()) && isTime(resource, kept);
      });
      count += due.length;
      await askAll(due);
      after = page.next;
    } while (after !== undefined && !stopping.signal.aborted);
    nextAt = kept;
    return count;
  };

  const turn = async (): Promise<number> => {
    await sweep().catch((error: unknown) => {
      log.warn({ error }, "what is in progress elsewhere could not be read; it is asked about the next time");
    });
    return SHORTEST_MS;
  };

  // Several servers started together do not all ask at the same moment.
  const repeated = recurring(clock, turn, SHORTEST_MS * (0.5 + clock.random() / 2));
  return {
    sweep,
    start() {
      if (names.length > 0) repeated.start();
    },
    async stop() {
      stopping.abort();
      await repeated.stop();
    },
  };
}
