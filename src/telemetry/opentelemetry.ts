// The part of `@opentelemetry/api` that is used. Public declarations refer to it, so it names no types of the package: only
// applications with an OpenTelemetry SDK install it.

export type Attributes = Record<string, string | number | boolean | undefined>;

interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
}

export interface Span {
  spanContext(): SpanContext;
  setAttribute(name: string, value: string | number | boolean): this;
  setStatus(status: { readonly code: number; readonly message?: string }): this;
  addLink(link: { context: SpanContext }): this;
  recordException(error: Error): void;
  end(endTime?: number): void;
}

export interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
  deleteValue(key: symbol): Context;
}

export interface Tracer {
  startSpan(
    name: string,
    options: {
      kind?: number;
      attributes?: Attributes;
      links?: { context: SpanContext }[];
      startTime?: number;
      root?: boolean;
    },
    context?: Context,
  ): Span;
}

type ObserveGauge = (result: { observe(value: number, labels: Attributes): void }) => Promise<void>;

interface ObservableGauge {
  addCallback(observe: ObserveGauge): void;
  removeCallback(observe: ObserveGauge): void;
}

interface MetricOptions {
  /** Sentence about the metric. */
  readonly description: string;
  /** Unit by UCUM, such as `s`. */
  readonly unit: string;
}

export interface Meter {
  createCounter(name: string, options: MetricOptions): { add(count: number, labels: Attributes): void };
  createHistogram(
    name: string,
    options: MetricOptions & { readonly advice: { explicitBucketBoundaries: number[] } },
  ): { record(value: number, labels: Attributes): void };
  createObservableGauge(name: string, options: MetricOptions): ObservableGauge;
}

/** The module `@opentelemetry/api`. */
export interface OpenTelemetry {
  readonly context: {
    active(): Context;
    with<Result>(context: Context, run: () => Result): Result;
  };
  readonly createNoopMeter: () => Meter;
  readonly isSpanContextValid: (context: SpanContext) => boolean;
  readonly metrics: { getMeterProvider(): { getMeter(name: string): Meter } };
  readonly ROOT_CONTEXT: Context;
  readonly SpanKind: Readonly<Record<"INTERNAL" | "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER", number>>;
  readonly SpanStatusCode: { readonly ERROR: number };
  readonly trace: {
    getTracer(name: string): Tracer;
    getActiveSpan(): Span | undefined;
    setSpan(context: Context, span: Span): Context;
    setSpanContext(context: Context, span: SpanContext): Context;
  };
}
