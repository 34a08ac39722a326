import type { ResourceType } from "../../core/definition/resource-type.ts";
import { declaredLabels } from "../../core/policy.ts";
import type { StoreReporting, TypeCount } from "../../core/ports/reporting.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { resolvesWithin } from "../../core/scheduling/promises.ts";
import type { GaugeSample } from "../../telemetry/metric.ts";
import type { Metrics } from "../../telemetry/metrics.ts";

export interface StoreGaugesParts {
  readonly metrics: Metrics;
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "nextDueAt" | "reporting">;
  readonly clock: Clock;
}

const IN_PROGRESS = {
  name: "afoot.resources.in_progress",
  unit: "{resource}",
  description: "Resources in progress, by type, state and status label; undeclared labels are cached as `other`.",
};
const QUEUE_AGE = {
  name: "afoot.queue.age",
  unit: "s",
  description: "Age of the oldest due, unclaimed operation, by type.",
};

/** Maximum duration of a store query. The gauge is left out if it takes longer. */
const QUERY_TIMEOUT_MS = 2000;

/** Adds the gauges that are read from the store at each scrape. Returns the cached counts for other readers. */
export function addStoreGauges({ metrics, types, store, clock }: StoreGaugesParts): CachedCounts {
  const { reporting } = store;
  const countInProgress = reporting === undefined ? noCounts : cachedCounts(reporting, clock);
  const labels = new Map(types.map((type) => [type.name, declaredLabels(type.policy)]));
  const withinTimeout = async (samples: Promise<GaugeSample[]>): Promise<readonly GaugeSample[]> => {
    samples.catch(() => {});
    return (await resolvesWithin(clock, QUERY_TIMEOUT_MS, samples)) ? samples : [];
  };

  if (reporting !== undefined) metrics.gauge(IN_PROGRESS, () => withinTimeout(inProgress()));
  metrics.gauge(QUEUE_AGE, () => withinTimeout(Promise.all(types.map(ageOf))));
  return countInProgress;

  async function inProgress(): Promise<GaugeSample[]> {
    const sums = new Map<string, GaugeSample>();
    for (const { type, state, status, count } of await countInProgress()) {
      const label = labels.get(type)?.has(status) === true ? status : "other";
      const key = `${type}\0${state}\0${label}`;
      const sum = (sums.get(key)?.[0] ?? 0) + count;
      sums.set(key, [sum, { "afoot.type": type, "afoot.state": state, "afoot.status": label }]);
    }
    return [...sums.values()];
  }

  async function ageOf({ name, operations }: ResourceType): Promise<GaugeSample> {
    // External operations without work may never be claimed at all.
    const kinds = [...operations.values()].flatMap(({ kind, work }) => (work === undefined ? [] : [kind]));
    const dueAt = kinds.length === 0 ? undefined : await store.nextDueAt([{ type: name, kinds }]);
    const ms = dueAt === undefined ? 0 : Math.max(0, clock.now() - dueAt);
    return [ms / 1000, { "afoot.type": name }];
  }
}

/** Counts resources in progress. The result is cached in proportion to the duration of the query, to bound the load on the store. */
export type CachedCounts = () => Promise<readonly TypeCount[]>;

const MIN_TTL_MS = 100;
const MAX_TTL_MS = 60_000;
/** Ratio of cache time to query time: counting takes at most a twentieth of the store's time. */
const TTL_RATIO = 20;

/** The counts of a store that cannot count. */
const noCounts: CachedCounts = async () => [];

function cachedCounts(
  reporting: Pick<StoreReporting, "inProgressCounts">,
  clock: Pick<Clock, "monotonic">,
): CachedCounts {
  let cached: { readonly counts: Promise<readonly TypeCount[]>; expiresAt: number } | undefined;
  return () => {
    const beganAt = clock.monotonic();
    if (cached !== undefined && beganAt < cached.expiresAt) return cached.counts;
    const counts = reporting.inProgressCounts();
    const entry = { counts, expiresAt: Infinity };
    cached = entry;
    counts.then(
      () => {
        const now = clock.monotonic();
        entry.expiresAt = now + Math.min(MAX_TTL_MS, Math.max(MIN_TTL_MS, (now - beganAt) * TTL_RATIO));
      },
      () => {
        entry.expiresAt = 0;
      },
    );
    return counts;
  };
}
