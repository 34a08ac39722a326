import type {
  Attributes,
  Context,
  context,
  createNoopMeter,
  isSpanContextValid,
  metrics,
  ROOT_CONTEXT,
  Span,
  SpanKind,
  SpanStatusCode,
  trace,
  Tracer,
} from "@opentelemetry/api";
import { formatTraceparent, parseTraceparent } from "../core/trace-context.ts";

/** What of `@opentelemetry/api` is needed. */
export interface Api {
  readonly context: typeof context;
  readonly createNoopMeter: typeof createNoopMeter;
  readonly isSpanContextValid: typeof isSpanContextValid;
  readonly metrics: typeof metrics;
  readonly ROOT_CONTEXT: typeof ROOT_CONTEXT;
  readonly SpanKind: typeof SpanKind;
  readonly SpanStatusCode: typeof SpanStatusCode;
  readonly trace: typeof trace;
}

export interface SpanOptions {
  readonly kind: keyof typeof SpanKind;
  /** The `traceparent` of the span that this one belongs to. Without one that can be read, it begins a trace. */
  readonly parent: string | null | undefined;
  readonly attributes: Attributes;
  /** In milliseconds since 1970. @default now */
  readonly startAt?: number;
  /** The `traceparent` of another trace that has to do with it. */
  readonly link?: string | null | undefined;
}

/** Makes the spans of the SDK that is registered. */
export interface Tracing {
  readonly start: (name: string, options: SpanOptions) => Span;
  /** Runs what belongs to a span: spans that others start within, such as those of an HTTP client, are its children. */
  readonly within: <Result>(span: Span, run: () => Result) => Result;
  /** As {@link within}, for a span of another process. */
  readonly withinTrace: <Result>(traceparent: string | null, run: () => Result) => Result;
  /** Says of the span that runs that another trace has to do with it. */
  readonly linkActive: (traceparent: string | null) => void;
  /** The `traceparent` of the code that runs: of a host that traces its requests itself, say. */
  readonly active: () => string | undefined;
  /** Marks a span as failed. @param code left out where its attributes say enough */
  readonly fail: (span: Span, code?: string) => void;
}

/** Undefined where no SDK is registered. */
export function createTracing(api: Api, scope: string): Tracing | undefined {
  const tracer = api.trace.getTracer(scope);
  if (!isRegistered(api, tracer)) return undefined;
  const contextOf = (traceparent: string | null | undefined): Context => {
    const parsed = parseTraceparent(traceparent);
    if (parsed === undefined) return api.ROOT_CONTEXT;
    return api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parsed, isRemote: true });
  };
  return {
    start(name, { kind, parent, attributes, startAt, link }) {
      const linked = parseTraceparent(link);
      const links = linked === undefined ? [] : [{ context: linked }];
      const startTime = startAt === undefined ? {} : { startTime: startAt };
      return tracer.startSpan(name, { kind: api.SpanKind[kind], attributes, links, ...startTime }, contextOf(parent));
    },
    linkActive(traceparent) {
      const linked = parseTraceparent(traceparent);
      if (linked !== undefined) api.trace.getActiveSpan()?.addLink({ context: linked });
    },
    withinTrace: (traceparent, run) => api.context.with(contextOf(traceparent), run),
    within: (span, run) => api.context.with(api.trace.setSpan(api.context.active(), span), run),
    active() {
      const span = api.trace.getActiveSpan();
      return span === undefined ? undefined : traceparentOf(span);
    },
    fail(span, code) {
      if (code === undefined) span.setStatus({ code: api.SpanStatusCode.ERROR });
      else span.setAttribute("error.type", code).setStatus({ code: api.SpanStatusCode.ERROR, message: code });
    },
  };
}

/** The API alone gives spans without an id. This one is never ended, so nobody sees it. */
function isRegistered({ isSpanContextValid }: Api, tracer: Tracer): boolean {
  return isSpanContextValid(tracer.startSpan("registered", { root: true }).spanContext());
}

/** By which another process goes on with the trace. */
export function traceparentOf(span: Span): string {
  return formatTraceparent(span.spanContext());
}
