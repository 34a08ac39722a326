import type { ResourceType } from "../../core/definition/resource-type.ts";
import { declaredLabels } from "../../core/policy.ts";
import type { Store, TypeCount } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { settledWithin } from "../../core/scheduling/promises.ts";
import type { Observation } from "../../telemetry/metric.ts";
import type { Metrics } from "../../telemetry/metrics.ts";

export interface StoreGaugesParts {
  readonly metrics: Metrics;
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "nextDueAt" | "counts">;
  readonly clock: Clock;
}

const IN_PROGRESS = {
  name: "afoot.resources.in_progress",
  unit: "{resource}",
  description:
    "Resources in progress, by type, state and status label; labels that a type does not declare are `other`.",
};
const QUEUE_AGE = {
  name: "afoot.queue.age",
  unit: "s",
  description: "For how long the operation of a type has been due that no worker has claimed yet.",
};

/** How long a look at the store may take: what cannot be had is left out. */
const LOOK_MS = 2000;

/** Adds what only the store knows. It is asked when somebody looks. Gives how many resources are in progress to others who look. */
export function addStoreGauges({ metrics, types, store, clock }: StoreGaugesParts): Counting {
  const counting = createCounting(store, clock);
  const labels = new Map(types.map((type) => [type.name, declaredLabels(type.policy)]));
  const inTime = async (look: Promise<Observation[]>): Promise<readonly Observation[]> => {
    look.catch(() => {});
    return (await settledWithin(clock, LOOK_MS, look)) ? look : [];
  };

  metrics.gauge(IN_PROGRESS, () => inTime(inProgress()));
  metrics.gauge(QUEUE_AGE, () => inTime(Promise.all(types.map(ageOf))));
  return counting;

  async function inProgress(): Promise<Observation[]> {
    const sums = new Map<string, Observation>();
    for (const { type, state, status, count } of await counting()) {
      const shown = labels.get(type)?.has(status) === true ? status : "other";
      const key = `${type}\0${state}\0${shown}`;
      const sum = (sums.get(key)?.[0] ?? 0) + count;
      sums.set(key, [sum, { "afoot.type": type, "afoot.state": state, "afoot.status": shown }]);
    }
    return [...sums.values()];
  }

  async function ageOf({ name, operations }: ResourceType): Promise<Observation> {
    // What outside processes do may never be claimed at all.
    const kinds = [...operations.values()].flatMap(({ kind, policy }) => (policy.external ? [] : [kind]));
    const dueAt = kinds.length === 0 ? undefined : await store.nextDueAt([{ type: name, kinds }]);
    const ms = dueAt === undefined ? 0 : Math.max(0, clock.now() - dueAt);
    return [ms / 1000, { "afoot.type": name }];
  }
}

/** Counts what is in progress, never more often than the store bears: what took long to count is kept for long. */
export type Counting = () => Promise<readonly TypeCount[]>;

const KEPT_MS = 100;
const MOST_KEPT_MS = 60_000;
/** Counting takes a twentieth of a store's time at most. */
const SHARE = 20;

function createCounting(store: Pick<Store, "counts">, clock: Pick<Clock, "monotonic">): Counting {
  let counted: { readonly counts: Promise<readonly TypeCount[]>; until: number } | undefined;
  return () => {
    const beganAt = clock.monotonic();
    if (counted !== undefined && beganAt < counted.until) return counted.counts;
    const counts = store.counts();
    const counting = { counts, until: Infinity };
    counted = counting;
    counts.then(
      () => {
        const now = clock.monotonic();
        counting.until = now + Math.min(MOST_KEPT_MS, Math.max(KEPT_MS, (now - beganAt) * SHARE));
      },
      () => {
        counting.until = 0;
      },
    );
    return counts;
  };
}
