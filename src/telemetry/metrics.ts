import { Counter, Gauge, Histogram, type MetricDefinition, type ReadGauge } from "./metric.ts";
import type { Meter } from "./opentelemetry.ts";

/** Bucket bounds in seconds: from immediate responses to long polls of a minute. */
const REQUEST_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Bucket bounds in seconds: from empty work to work of several hours. */
const WORK_BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400];
const SIZE_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** Creates all metrics of a process. Prometheus and the OpenTelemetry SDK export the same ones. */
export function createMetrics(meter: Meter | undefined): Metrics {
  const all: Metric[] = [];
  const register = <Registered extends Metric>(metric: Registered): Registered => {
    all.push(metric);
    return metric;
  };
  const counter = (name: string, unit: string, description: string): Counter =>
    register(new Counter({ name, unit, description }, meter));
  const histogram = (definition: MetricDefinition, bounds: readonly number[]): Histogram =>
    register(new Histogram(definition, bounds, meter));
  const seconds = (name: string, description: string, bounds: readonly number[]): Histogram =>
    histogram({ name, unit: "s", description }, bounds);
  return {
    all,
    requests: seconds(
      "http.server.request.duration",
      "Duration of HTTP requests; waiting: long polls (Prefer: wait) and event streams.",
      REQUEST_BUCKETS_SECONDS,
    ),
    shed: counter(
      "afoot.requests.shed",
      "{request}",
      "Requests rejected because of overload (load shedding), by priority.",
    ),
    commits: seconds("afoot.store.commit.duration", "Duration of group commits.", REQUEST_BUCKETS_SECONDS),
    commitSizes: histogram(
      {
        name: "afoot.store.commit.size",
        unit: "{change}",
        description: "Number of changes per group commit.",
      },
      SIZE_BUCKETS,
    ),
    claims: counter("afoot.claims", "{operation}", "Operations claimed by workers."),
    attempts: counter("afoot.attempts", "{attempt}", "Attempts that ended, by outcome."),
    settled: seconds(
      "afoot.operation.duration",
      "Duration of operations from acceptance to end.",
      WORK_BUCKETS_SECONDS,
    ),
    lostWorkers: counter("afoot.workers.lost", "{worker}", "Workers without a heartbeat within their lease."),
    messages: counter("afoot.status_messages", "{message}", "Status messages of external processes, by result."),
    steps: seconds(
      "afoot.step.duration",
      "Duration of steps, undo functions and checks in this process.",
      WORK_BUCKETS_SECONDS,
    ),
    gauge: (definition, read) => register(new Gauge(definition, read, meter)),
    close() {
      for (const metric of all) if (metric.type === "gauge") metric.close();
    },
  };
}

export type Metric = Counter | Histogram | Gauge;

/** The metrics of a process. */
export interface Metrics {
  /** All metrics created so far. */
  readonly all: readonly Metric[];
  /** Labels: `http.request.method`, `http.route`, `http.response.status_code` and `afoot.waiting`. */
  readonly requests: Histogram;
  /** Labels: `afoot.priority`. */
  readonly shed: Counter;
  readonly commits: Histogram;
  readonly commitSizes: Histogram;
  /** Labels: `afoot.type` and `afoot.kind`. */
  readonly claims: Counter;
  /** Labels: `afoot.type`, `afoot.kind` and `afoot.outcome`. */
  readonly attempts: Counter;
  /** Labels: `afoot.type`, `afoot.kind` and `afoot.state`. */
  readonly settled: Histogram;
  readonly lostWorkers: Counter;
  /** Labels: `afoot.result`. */
  readonly messages: Counter;
  /** Labels: `afoot.type`, `afoot.step`, `afoot.call` and `afoot.outcome`. */
  readonly steps: Histogram;
  /** Adds a gauge that is read at each scrape. */
  readonly gauge: (definition: MetricDefinition, read: ReadGauge) => void;
  /** Stops reporting the gauges to the OpenTelemetry meter. */
  readonly close: () => void;
}
