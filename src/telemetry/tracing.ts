import {
  type Attributes,
  type Context,
  context as active,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { formatTraceparent, parseTraceparent } from "../core/trace-context.ts";

export interface SpanOptions {
  readonly kind: SpanKind;
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
}

/** Undefined where no SDK is registered. */
export function createTracing(scope: string): Tracing | undefined {
  const tracer = trace.getTracer(scope);
  if (!isRegistered(tracer)) return undefined;
  return {
    start(name, { kind, parent, attributes, startAt, link }) {
      const linked = parseTraceparent(link);
      const links = linked === undefined ? [] : [{ context: linked }];
      const options = { kind, attributes, links, ...(startAt === undefined ? {} : { startTime: startAt }) };
      return tracer.startSpan(name, options, contextOf(parent));
    },
    linkActive(traceparent) {
      const linked = parseTraceparent(traceparent);
      if (linked !== undefined) trace.getActiveSpan()?.addLink({ context: linked });
    },
    withinTrace: (traceparent, run) => active.with(contextOf(traceparent), run),
    within: (span, run) => active.with(trace.setSpan(active.active(), span), run),
  };
}

/** The API alone gives spans without an id. This one is never ended, so nobody sees it. */
function isRegistered(tracer: Tracer): boolean {
  return isSpanContextValid(tracer.startSpan("registered", { root: true }).spanContext());
}

function contextOf(traceparent: string | null | undefined): Context {
  const parsed = parseTraceparent(traceparent);
  return parsed === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parsed, isRemote: true });
}

/** By which another process goes on with the trace. */
export function traceparentOf(span: Span): string {
  return formatTraceparent(span.spanContext());
}

/** The one of the code that runs: of a host that traces its requests itself, say. */
export function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan();
  return span === undefined ? undefined : traceparentOf(span);
}

/** Ends a span as failed. What the error says is for those who run the process, like its log. */
export function failSpan(span: Span, error: unknown, code: string): void {
  if (error instanceof Error) span.recordException(error);
  span.setAttribute("error.type", code).setStatus({ code: SpanStatusCode.ERROR, message: code }).end();
}
