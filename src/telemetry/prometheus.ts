import { setTimeout as sleep } from "node:timers/promises";
import type { Metric as PrometheusMetric, Registry } from "prom-client";
import type { Counter, Gauge, Histogram, Labels } from "./metric.ts";
import type { Metric, Metrics } from "./metrics.ts";

/** Delay of the first scrape, for the event-loop lag metric to gather its first values. */
const FIRST_SCRAPE_DELAY_MS = 50;

/** A sample in the text format. */
export interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Registries by metrics, created at the first scrape: a process that is never scraped has no overhead. */
const registries = new WeakMap<Metrics, Promise<Registry>>();
const scrapes = new WeakMap<Metrics, Promise<string>>();

/**
 * Renders the metrics of a process in the text format of Prometheus. Concurrent scrapes share one rendering.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(metrics: Metrics): Promise<string> {
  const running = scrapes.get(metrics);
  if (running !== undefined) return running;
  const scrape = renderText(metrics).finally(() => scrapes.delete(metrics));
  scrapes.set(metrics, scrape);
  return scrape;
}

async function renderText(metrics: Metrics): Promise<string> {
  const registry = registries.get(metrics) ?? createRegistry(metrics);
  registries.set(metrics, registry);
  return (await registry).metrics();
}

async function createRegistry(metrics: Metrics): Promise<Registry> {
  // Metrics of the process itself (memory, handles, event-loop lag, garbage collection) come from prom-client.
  const { collectDefaultMetrics, Registry: Created } = await import("#packages/prom-client");
  const registry = new Created();
  collectDefaultMetrics({ register: registry });
  // The lag is NaN before the event loop has run for a moment.
  await sleep(FIRST_SCRAPE_DELAY_MS);
  for (const metric of metrics.all) registry.registerMetric(toPrometheusMetric(metric));
  return registry;
}

/** Adapts a metric to prom-client. */
function toPrometheusMetric(metric: Metric): PrometheusMetric {
  const name = prometheusName(metric);
  return prometheusMetric({ name, metric, read: async () => samplesOf(metric, name) });
}

/** A metric for a registry of prom-client. */
export interface RegisteredMetric {
  readonly name: string;
  readonly metric: Metric;
  readonly read: () => Promise<readonly Sample[]>;
}

/** Creates a metric of prom-client, whose registry calls `get` to render it. */
export function prometheusMetric({ name, metric, read }: RegisteredMetric): PrometheusMetric {
  const { type, definition } = metric;
  const get = async (): Promise<object> => ({
    name,
    help: definition.description,
    type,
    aggregator: "sum",
    values: await read(),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a metric as a registry reads
  return { name, get, reset() {} } as unknown as PrometheusMetric;
}

const SUFFIXES: Readonly<Record<string, string>> = { s: "_seconds", By: "_bytes" };

/** @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ */
export function prometheusName({ type, definition: { name, unit } }: Metric): string {
  return `${name.replaceAll(".", "_")}${SUFFIXES[unit] ?? ""}${type === "counter" ? "_total" : ""}`;
}

export async function samplesOf(metric: Metric, name: string): Promise<readonly Sample[]> {
  switch (metric.type) {
    case "counter":
      return counterSamples(metric, name);
    case "histogram":
      return histogramSamples(metric, name);
    case "gauge":
      return gaugeSamples(metric, name);
  }
}

function counterSamples(counter: Counter, metricName: string): readonly Sample[] {
  return [...counter.all()].map(({ labels, value }) => ({ metricName, labels: prometheusLabels(labels), value }));
}

function histogramSamples(histogram: Histogram, name: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const { labels, counts, sum } of histogram.all()) {
    const shown = prometheusLabels(labels);
    let count = 0;
    for (const [bucket, inBucket] of counts.entries()) {
      count += inBucket;
      const le = histogram.bounds[bucket] ?? "+Inf";
      samples.push({ metricName: `${name}_bucket`, labels: { ...shown, le }, value: count });
    }
    samples.push(
      { metricName: `${name}_sum`, labels: shown, value: sum },
      { metricName: `${name}_count`, labels: shown, value: count },
    );
  }
  return samples;
}

/** Returns no samples if the gauge cannot be read at the moment, so that the others are still shown. */
async function gaugeSamples(gauge: Gauge, metricName: string): Promise<readonly Sample[]> {
  try {
    return (await gauge.read()).map(([value, labels]) => ({ metricName, labels: prometheusLabels(labels), value }));
  } catch {
    return [];
  }
}

function prometheusLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name.replaceAll(".", "_"), value]));
}
