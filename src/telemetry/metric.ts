import type { Meter } from "@opentelemetry/api";

/** What tells the series of a metric from each other. Values come from a bounded set: a route, never a path. */
export type Labels = Readonly<Record<string, string | number>>;

export interface MetricDefinition {
  /** As OpenTelemetry names it, such as `http.server.request.duration`. */
  readonly name: string;
  readonly description: string;
  /** @see https://ucum.org */
  readonly unit: string;
}

/** How many series one metric has at most; what would be another one is counted as `other`. */
const MOST_SERIES = 2000;

/** The series of one metric, by their labels. */
class SeriesByLabels<Series> {
  readonly #make: (labels: Labels) => Series;
  readonly #series = new Map<string, Series>();

  constructor(make: (labels: Labels) => Series) {
    this.#make = make;
  }

  of(labels: Labels): Series {
    const key = Object.values(labels).join("\0");
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size > MOST_SERIES) return this.#other(labels);
    const made = this.#make(labels);
    this.#series.set(key, made);
    return made;
  }

  all(): Iterable<Series> {
    return this.#series.values();
  }

  #other(labels: Labels): Series {
    const other = Object.fromEntries(Object.keys(labels).map((name) => [name, "other"]));
    const key = Object.values(other).join("\0");
    const series = this.#series.get(key) ?? this.#make(other);
    this.#series.set(key, series);
    return series;
  }
}

/** One line of a counter. Kept by whoever counts often: adding to it looks nothing up. */
export interface CounterSeries {
  readonly labels: Labels;
  readonly value: number;
  add(count?: number): void;
}

/** Counts what only grows. */
export class Counter {
  readonly type = "counter";
  readonly #series: SeriesByLabels<CounterSeries>;
  readonly definition: MetricDefinition;

  constructor(definition: MetricDefinition, meter: Meter | undefined) {
    this.definition = definition;
    const shared = meter?.createCounter(definition.name, definition);
    this.#series = new SeriesByLabels((labels) => ({
      labels,
      value: 0,
      add(count = 1) {
        this.value += count;
        shared?.add(count, labels);
      },
    }));
  }

  of(labels: Labels): CounterSeries {
    return this.#series.of(labels);
  }

  all(): Iterable<CounterSeries> {
    return this.#series.all();
  }
}

/** One line of a histogram. */
export interface HistogramSeries {
  readonly labels: Labels;
  /** How many values were in each bucket, the last one without a bound. */
  readonly counts: Float64Array;
  readonly sum: number;
  record(value: number): void;
}

/** Says how values are spread. */
export class Histogram {
  readonly type = "histogram";
  readonly definition: MetricDefinition;
  /** The upper bound of each bucket but the last. */
  readonly bounds: readonly number[];
  readonly #series: SeriesByLabels<HistogramSeries>;

  constructor(definition: MetricDefinition, bounds: readonly number[], meter: Meter | undefined) {
    this.definition = definition;
    this.bounds = bounds;
    const advice = { explicitBucketBoundaries: [...bounds] };
    const shared = meter?.createHistogram(definition.name, { ...definition, advice });
    this.#series = new SeriesByLabels((labels) => ({
      labels,
      counts: new Float64Array(bounds.length + 1),
      sum: 0,
      record(value) {
        let bucket = 0;
        while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket++;
        this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
        this.sum += value;
        shared?.record(value, labels);
      },
    }));
  }

  of(labels: Labels): HistogramSeries {
    return this.#series.of(labels);
  }

  all(): Iterable<HistogramSeries> {
    return this.#series.all();
  }
}

export type Observation = readonly [value: number, labels: Labels];

/** Gives what is the case now: asked when somebody looks, and at no other time. */
export type Observe = () => readonly Observation[] | Promise<readonly Observation[]>;

/** Shows what goes up and down. */
export class Gauge {
  readonly type = "gauge";
  readonly definition: MetricDefinition;
  readonly observe: Observe;
  /** Nobody is to ask any more. */
  readonly close: () => void;

  constructor(definition: MetricDefinition, observe: Observe, meter: Meter | undefined) {
    this.definition = definition;
    this.observe = observe;
    const shared = meter?.createObservableGauge(definition.name, definition);
    const callback: Parameters<NonNullable<typeof shared>["addCallback"]>[0] = async (result) => {
      for (const [value, labels] of await observe()) result.observe(value, labels);
    };
    shared?.addCallback(callback);
    this.close = () => shared?.removeCallback(callback);
  }
}
