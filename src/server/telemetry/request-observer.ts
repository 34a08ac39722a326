import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { parseTraceparent, traceField } from "../../core/trace-context.ts";
import type { Histogram, HistogramSeries } from "../../telemetry/metric.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { traceparentOf, type Tracing } from "../../telemetry/tracing.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { problemResponse } from "../http/problems.ts";

/** Sees every request with its answer: one look at a clock before and after, one bucket, and what is asked for beyond that. */
export interface RequestObserver {
  /** Answers within a span, where spans are wanted. @param answer is given the trace that goes on with what it begins */
  readonly traced: (seen: Seen, answer: Answering) => HttpResponse | Promise<HttpResponse>;
  readonly answered: (seen: Seen, response: HttpResponse) => void;
}

type Answering = (trace: string | undefined) => HttpResponse | Promise<HttpResponse>;

/** A request, and what becomes known of it on the way to its answer. */
export interface Seen {
  readonly request: HttpRequest;
  /** The template of its path, such as `/api/orders/{id}`; empty as long as nothing is found there. */
  route: string;
  /** The `traceparent` of its span, or the one that it came with. */
  trace: string | undefined;
  /** On the monotonic clock. */
  readonly beganAt: number;
}

export interface RequestObserverParts {
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Log;
  readonly requestLog: boolean;
}

export function createRequestObserver({ telemetry, clock, log, requestLog }: RequestObserverParts): RequestObserver {
  const { tracing } = telemetry;
  const seriesOf = createSeries(telemetry.metrics.requests);
  return {
    traced: tracing === undefined ? untraced : createTraced(tracing, log),
    answered({ request, route, trace, beganAt }, { status, isHeld = false }) {
      const { method, path } = request;
      const ms = clock.monotonic() - beganAt;
      seriesOf(route, method, status, isHeld).record(ms / 1000);
      if (requestLog) {
        log.info({ method, path, route, status, ms: Math.round(ms), held: isHeld, ...traceField(trace) }, "answered");
      }
    },
  };
}

function untraced(seen: Seen, answer: Answering): HttpResponse | Promise<HttpResponse> {
  const sent = seen.request.header("traceparent");
  if (sent !== undefined && parseTraceparent(sent) !== undefined) seen.trace = sent;
  return answer(seen.trace);
}

/** @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
function createTraced(tracing: Tracing, log: Log): RequestObserver["traced"] {
  return async (seen, answer) => {
    const { request, route } = seen;
    const { method, path } = request;
    const host = tracing.active();
    const span = tracing.start(`${method} ${route}`, {
      // Within a host that traces its requests itself, that one is the span of the server.
      kind: host === undefined ? "SERVER" : "INTERNAL",
      parent: host ?? request.header("traceparent"),
      attributes: { "http.request.method": method, "http.route": route, "url.path": path },
    });
    const trace = traceparentOf(span);
    seen.trace = trace;
    let response: HttpResponse;
    try {
      response = await tracing.within(span, () => answer(trace));
    } catch (error) {
      response = problemResponse(error, path, log);
    }
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 500) tracing.fail(span);
    span.end();
    return response;
  };
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

type SeriesOf = (route: string, method: string, status: number, isHeld: boolean) => HistogramSeries;

/** Finds the series of an answer by three look-ups. */
function createSeries(requests: Histogram): SeriesOf {
  const byRoute = new Map<string, Map<string, HistogramSeries>[]>();
  const added = (route: string, method: string, status: number, isHeld: boolean): HistogramSeries => {
    const made = requests.of({
      "http.request.method": METHODS.has(method) ? method : "_OTHER",
      "http.route": route,
      "http.response.status_code": status,
      "afoot.held": String(isHeld),
    });
    // Whatever a client may invent is not kept.
    if (!METHODS.has(method)) return made;
    const byStatus = byRoute.get(route) ?? [];
    byRoute.set(route, byStatus);
    const place = placeOf(status, isHeld);
    byStatus[place] = (byStatus[place] ?? new Map<string, HistogramSeries>()).set(method, made);
    return made;
  };
  return (route, method, status, isHeld) =>
    byRoute.get(route)?.[placeOf(status, isHeld)]?.get(method) ?? added(route, method, status, isHeld);
}

function placeOf(status: number, isHeld: boolean): number {
  return status * 2 + Number(isHeld);
}
