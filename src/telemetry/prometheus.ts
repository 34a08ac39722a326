import { setTimeout as passes } from "node:timers/promises";
import type { Metric as PrometheusMetric, Registry } from "prom-client";
import type { Counter, Gauge, Histogram, Labels } from "./metric.ts";
import type { Metric, Metrics } from "./metrics.ts";

/** How long the first look takes longer than those after it. */
const FIRST_LOOK_MS = 50;

/** One line of the text format. */
interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The registries made so far. One is made when somebody looks for the first time: a process that nobody scrapes pays for nothing. */
const registries = new WeakMap<Metrics, Promise<Registry>>();
const looks = new WeakMap<Metrics, Promise<string>>();

/**
 * What a process measures, in the text format of Prometheus. Who asks while another is being answered gets the same.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(metrics: Metrics): Promise<string> {
  const underWay = looks.get(metrics);
  if (underWay !== undefined) return underWay;
  const look = textOf(metrics).finally(() => looks.delete(metrics));
  looks.set(metrics, look);
  return look;
}

async function textOf(metrics: Metrics): Promise<string> {
  const known = registries.get(metrics) ?? createRegistry(metrics);
  registries.set(metrics, known);
  return (await known).metrics();
}

async function createRegistry(metrics: Metrics): Promise<Registry> {
  // The process itself (memory, handles, the lag of its event loop, garbage collection) is known to prom-client.
  const { collectDefaultMetrics, Registry: Created } = await import("prom-client");
  const registry = new Created();
  collectDefaultMetrics({ register: registry });
  // Before it has seen the event loop turn, it says of its lag what is none.
  await passes(FIRST_LOOK_MS);
  for (const metric of metrics.all) registry.registerMetric(shownAs(metric));
  return registry;
}

/** A metric of ours as prom-client reads its own: by `get`, when it is asked for its text. */
function shownAs(metric: Metric): PrometheusMetric {
  const { description } = metric.definition;
  const name = nameOf(metric);
  const get = async (): Promise<object> => {
    const values = await samplesOf(metric, name);
    return { name, help: description, type: metric.type, aggregator: "sum", values };
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a metric as a registry reads
  return { name, get } as unknown as PrometheusMetric;
}

const SUFFIXES: Readonly<Record<string, string>> = { s: "_seconds", By: "_bytes" };

/** @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ */
function nameOf({ type, definition: { name, unit } }: Metric): string {
  return `${name.replaceAll(".", "_")}${SUFFIXES[unit] ?? ""}${type === "counter" ? "_total" : ""}`;
}

async function samplesOf(metric: Metric, name: string): Promise<readonly Sample[]> {
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
  return [...counter.all()].map(({ labels, value }) => ({ metricName, labels: named(labels), value }));
}

function histogramSamples(histogram: Histogram, name: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const { labels, counts, sum } of histogram.all()) {
    const shown = named(labels);
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

/** What cannot be observed at the moment is left out, and the rest is shown. */
async function gaugeSamples(gauge: Gauge, metricName: string): Promise<readonly Sample[]> {
  try {
    return (await gauge.observe()).map(([value, labels]) => ({ metricName, labels: named(labels), value }));
  } catch {
    return [];
  }
}

function named(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name.replaceAll(".", "_"), value]));
}
