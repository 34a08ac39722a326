import { DefinitionError } from "../core/errors.ts";
import type { Metrics } from "./metrics.ts";
import { prometheusMetric, prometheusName, type Sample, samplesOf } from "./prometheus.ts";

/** The part of a registry of prom-client that is used. */
export interface MetricsRegistry {
  registerMetric(metric: object): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

export interface MetricsOptions {
  /** The application's registry of prom-client. Metrics of the process itself stay the application's own. */
  readonly registry: MetricsRegistry;
  /** Labels of all samples, to distinguish several apps in one registry, such as `{ app: "reports" }`. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The metrics of one app in a registry. */
interface Source {
  readonly labels: Readonly<Record<string, string>>;
  readonly read: () => Promise<readonly Sample[]>;
}

/** Sources by metric, for each registry: several apps share the metrics of one. */
const sources = new WeakMap<MetricsRegistry, Map<string, Set<Source>>>();

/**
 * Adds the metrics of an app to a registry. Returns a function that removes them.
 *
 * @throws DefinitionError if another app has the same labels, or the application has a metric of the same name
 */
export function registerMetrics(metrics: Metrics, { registry, labels = {} }: MetricsOptions): () => void {
  const known = sources.get(registry) ?? new Map<string, Set<Source>>();
  sources.set(registry, known);
  const added = metrics.all.map((metric) => {
    const name = prometheusName(metric);
    const read = async (): Promise<readonly Sample[]> =>
      (await samplesOf(metric, name)).map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
    return { name, metric, source: { labels, read } };
  });
  for (const { name } of added) checkName(registry, name, labels, known.get(name));
  for (const { name, metric, source } of added) {
    const existing = known.get(name);
    if (existing !== undefined) {
      existing.add(source);
      continue;
    }
    const all = new Set<Source>([source]);
    known.set(name, all);
    const read = async (): Promise<readonly Sample[]> => {
      const samples = await Promise.all([...all].map((each) => each.read()));
      return samples.flat();
    };
    registry.registerMetric(prometheusMetric({ name, metric, read }));
  }
  return () => {
    for (const { name, source } of added) {
      const all = known.get(name);
      all?.delete(source);
      if (all?.size !== 0) continue;
      known.delete(name);
      registry.removeSingleMetric(name);
    }
  };
}

/** @throws DefinitionError */
function checkName(
  registry: MetricsRegistry,
  name: string,
  labels: Source["labels"],
  others: ReadonlySet<Source> | undefined,
): void {
  if (others === undefined) {
    if (registry.getSingleMetric(name) === undefined) return;
    throw new DefinitionError(
      `app.metrics: registry: it has a metric ${name} of the application; pass a registry of its own, and merge both by Registry.merge() of prom-client`,
    );
  }
  const isTaken = [...others].some((other) => JSON.stringify(other.labels) === JSON.stringify(labels));
  if (!isTaken) return;
  throw new DefinitionError(
    `app.metrics: labels: another app has the labels ${JSON.stringify(labels)} in this registry; pass others, such as { app: "reports" }`,
  );
}
