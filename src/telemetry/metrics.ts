import type { Meter } from "@opentelemetry/api";
import { Counter, Gauge, Histogram, type MetricDefinition, type Observe } from "./metric.ts";

/** In seconds: of what answers at once, to what is held for a minute. */
const ANSWER_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** In seconds: of work, from one that does nothing to one of hours. */
const WORK_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400];
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** Every metric, defined once: whoever shows them, Prometheus or an OpenTelemetry SDK, gets these. */
export function createMetrics(meter: Meter | undefined): Metrics {
  const all: Metric[] = [];
  const keep = <Kept extends Metric>(metric: Kept): Kept => {
    all.push(metric);
    return metric;
  };
  const counter = (name: string, unit: string, description: string): Counter =>
    keep(new Counter({ name, unit, description }, meter));
  const histogram = (definition: MetricDefinition, bounds: readonly number[]): Histogram =>
    keep(new Histogram(definition, bounds, meter));
  const seconds = (name: string, description: string, bounds: readonly number[]): Histogram =>
    histogram({ name, unit: "s", description }, bounds);
  return {
    all,
    requests: seconds(
      "http.server.request.duration",
      "Duration of HTTP requests; held: kept waiting by its own wish.",
      ANSWER_SECONDS,
    ),
    shed: counter("afoot.requests.shed", "{request}", "Requests refused because of overload, by what they asked for."),
    commits: seconds("afoot.store.commit.duration", "How long groups of changes took to be committed.", ANSWER_SECONDS),
    commitSizes: histogram(
      {
        name: "afoot.store.commit.size",
        unit: "{change}",
        description: "How many changes a group committed together.",
      },
      SIZES,
    ),
    claims: counter("afoot.claims", "{operation}", "Operations handed to workers."),
    attempts: counter("afoot.attempts", "{attempt}", "Attempts that ended, by how."),
    settled: seconds("afoot.operation.duration", "Time from the acceptance of operations to their end.", WORK_SECONDS),
    lostWorkers: counter("afoot.workers.lost", "{worker}", "Workers whose beat stood still for their lease."),
    messages: counter(
      "afoot.status_messages",
      "{message}",
      "Status messages of outside processes, by what came of them.",
    ),
    steps: seconds("afoot.step.duration", "How long steps, their undo, and checks ran in this process.", WORK_SECONDS),
    gauge: (definition, observe) => keep(new Gauge(definition, observe, meter)),
    close() {
      for (const metric of all) if (metric.type === "gauge") metric.close();
    },
  };
}

export type Metric = Counter | Histogram | Gauge;

/** What a process measures of itself. */
export interface Metrics {
  /** Those that there are so far. */
  readonly all: readonly Metric[];
  /** By `http.request.method`, `http.route`, `http.response.status_code` and `afoot.held`. */
  readonly requests: Histogram;
  /** By `afoot.rank`. */
  readonly shed: Counter;
  readonly commits: Histogram;
  readonly commitSizes: Histogram;
  /** By `afoot.type` and `afoot.kind`. */
  readonly claims: Counter;
  /** By `afoot.type`, `afoot.kind` and `afoot.outcome`. */
  readonly attempts: Counter;
  /** By `afoot.type`, `afoot.kind` and `afoot.state`. */
  readonly settled: Histogram;
  readonly lostWorkers: Counter;
  /** By `afoot.verdict`. */
  readonly messages: Counter;
  /** By `afoot.type`, `afoot.step`, `afoot.what` and `afoot.outcome`. */
  readonly steps: Histogram;
  /** Adds one that is asked when somebody looks. */
  readonly gauge: (definition: MetricDefinition, observe: Observe) => void;
  /** Lets go of the gauges. */
  readonly close: () => void;
}
