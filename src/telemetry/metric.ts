import type { Meter } from "./opentelemetry.ts";

/** Labels of a series. Values must come from a bounded set: a route, never a path. */
export type Labels = Readonly<Record<string, string | number>>;

export interface MetricDefinition {
  /** OpenTelemetry name, such as `http.server.request.duration`. */
  readonly name: string;
  readonly description: string;
  /** @see https://ucum.org */
  readonly unit: string;
}

/** Maximum series per metric. Further label sets are counted as `other`. */
const MAX_SERIES = 2000;

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
    if (this.#series.size > MAX_SERIES) return this.#other(labels);
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

/** One series of a counter. Callers on hot paths keep it, because adding to it needs no lookup. */
export interface CounterSeries {
  readonly labels: Labels;
  readonly value: number;
  add(count?: number): void;
}

/** A monotonic counter. */
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

/** One series of a histogram. */
export interface HistogramSeries {
  readonly labels: Labels;
  /** Number of values per bucket; the last bucket has no bound. */
  readonly counts: Float64Array;
  readonly sum: number;
  record(value: number): void;
}

/** A distribution of values in buckets. */
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

export type GaugeSample = readonly [value: number, labels: Labels];

/** Reads the present samples of a gauge. Called at each scrape, and at no other time. */
export type ReadGauge = () => readonly GaugeSample[] | Promise<readonly GaugeSample[]>;

/** A value that goes up and down. */
export class Gauge {
  readonly type = "gauge";
  readonly definition: MetricDefinition;
  readonly read: ReadGauge;
  /** Stops reporting to the OpenTelemetry meter. */
  readonly close: () => void;

  constructor(definition: MetricDefinition, read: ReadGauge, meter: Meter | undefined) {
    this.definition = definition;
    this.read = read;
    const shared = meter?.createObservableGauge(definition.name, definition);
    const callback: Parameters<NonNullable<typeof shared>["addCallback"]>[0] = async (result) => {
      for (const [value, labels] of await read()) result.observe(value, labels);
    };
    shared?.addCallback(callback);
    this.close = () => shared?.removeCallback(callback);
  }
}
