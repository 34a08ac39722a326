import { formatTraceparent, parseTraceparent } from "../core/trace-context.ts";
import type { Attributes, Context, OpenTelemetry, Span, Tracer } from "./opentelemetry.ts";

export interface SpanOptions {
  /** Kind of the span, as OpenTelemetry defines it. */
  readonly kind: keyof OpenTelemetry["SpanKind"];
  /** The `traceparent` of the parent span. Without a valid one, the span starts a trace. */
  readonly parent: string | null | undefined;
  /** Attributes of the span. */
  readonly attributes: Attributes;
  /** Start time in milliseconds since 1970. @default now */
  readonly startAt?: number;
  /** The `traceparent` of a related trace. */
  readonly link?: string | null | undefined;
}

/** Creates spans with the registered SDK. */
export interface Tracing {
  readonly start: (name: string, options: SpanOptions) => Span;
  /** Runs a function within a span: spans started by instrumented libraries in it, such as an HTTP client, are its children. */
  readonly within: <Result>(span: Span, run: () => Result) => Result;
  /** Runs a function within a span of another process. */
  readonly withinTrace: <Result>(traceparent: string | null, run: () => Result) => Result;
  /** Links the active span to another trace. */
  readonly linkActive: (traceparent: string | null) => void;
  /** Returns the `traceparent` of the active span, such as one of a host that traces its requests itself. */
  readonly active: () => string | undefined;
  /** Marks a span as failed. @param code omitted if the attributes of the span suffice */
  readonly fail: (span: Span, code?: string) => void;
}

/** Creates the tracing of a process; undefined if no SDK is registered. */
export function createTracing(api: OpenTelemetry, scope: string): Tracing | undefined {
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

/** Detects an SDK: without one, spans have no valid id. This span is never ended, so it is not exported. */
function isRegistered({ isSpanContextValid }: OpenTelemetry, tracer: Tracer): boolean {
  return isSpanContextValid(tracer.startSpan("registered", { root: true }).spanContext());
}

/** Returns the `traceparent` with which another process continues the trace. */
export function traceparentOf(span: Span): string {
  return formatTraceparent(span.spanContext());
}
